"""Every sort of view, and what each gets wrong by itself: transforms of views, pushes, streams, on-demand code."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from building import NOON, Project, hours


@pytest.fixture(params=["duckdb", "dask"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """An empty repo on each of Feast's file offline stores."""
    return Project(folder=tmp_path / "repo", offline=request.param)


ENTITY = """
from feast import BatchFeatureView, StreamFeatureView, KafkaSource
from feast.data_format import JsonFormat
from feast.stream_feature_view import stream_feature_view
e = Entity(name="e", join_keys=["k"], value_type=ValueType.INT64)
rows = FileSource(name="rows", path=HERE + "/rows.parquet", timestamp_field="at", created_timestamp_column="known")
"""


def rows(project: Project, count: int = 6, **columns: list) -> None:
    """Two events for each key: an old one, and one an hour ago."""
    keys = list(range(count)) * 2
    at = [NOON - hours(9)] * count + [NOON - hours(1)] * count
    values = {"x": [float(each) for each in range(2 * count)], **columns}
    project.source("rows", {"k": keys, "at": at, "known": at, **values})


def test_batch_view_whose_transform_training_bypasses(tmp_path: Path) -> None:
    """Feast applies a batch view's own transform when it materializes, never when it trains."""
    project = Project(folder=tmp_path / "repo", offline="dask")
    project.define(
        ENTITY
        + """
def double(df):
    df["x"] = df["x"] * 2.0
    return df

doubled = BatchFeatureView(name="doubled", entities=[e], source=rows, mode="pandas", udf=double, online=True,
                           udf_string="def double(df):\\n    df['x'] = df['x'] * 2.0\\n    return df\\n",
                           schema=[Field(name="x", dtype=Float64)])
plain = FeatureView(name="plain", entities=[e], source=rows, schema=[Field(name="x", dtype=Float64)])
"""
    )
    rows(project)
    checked = project.check()
    assert checked.exit_code == 1, checked.stderr
    assert checked.counts("doubled:x") == {"requested": 6, "compared": 6, "mismatched": 6, "skewed": 6}
    assert checked.feature("doubled:x")["view_kind"] == "batch"
    assert checked.feature("plain:x")["verdict"] == "pass"
    blamed = project.check("--feature", "doubled", "--db", "blame.duckdb")
    assert "mismatch (offline)" in blamed.stdout, blamed.stdout


def test_push_and_stream_views_are_their_batch_source(project: Project) -> None:
    project.define(
        ENTITY
        + """
pushed = FeatureView(name="pushed", entities=[e], source=PushSource(name="push", batch_source=rows),
                     schema=[Field(name="x", dtype=Float64)])
kafka = KafkaSource(name="kafka", kafka_bootstrap_servers="nowhere:9092", topic="t", timestamp_field="at",
                    batch_source=rows, message_format=JsonFormat(schema_json="k integer, at timestamp, x double"))
streamed = StreamFeatureView(name="streamed", entities=[e], source=kafka, schema=[Field(name="x", dtype=Float64)])
"""
    )
    rows(project)
    checked = project.check()
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    for ref in ("pushed:x", "streamed:x"):
        assert checked.counts(ref) == {"requested": 6, "compared": 6, "matched": 6}
    assert checked.feature("streamed:x")["view_kind"] == "stream"


ON_DEMAND = """
import numpy as np
plain = FeatureView(name="plain", entities=[e], source=rows, schema=[Field(name="x", dtype=Float64)])

@on_demand_feature_view(sources=[plain], schema=[Field(name="log", dtype=Float64)])
def logged(inputs: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    return pd.DataFrame({"log": np.log1p(inputs["x"])})

@on_demand_feature_view(sources=[plain], schema=[Field(name="filled", dtype=Float64)])
def filled(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"filled": inputs["x"].astype("float64").fillna(0.0)})

@on_demand_feature_view(sources=[plain], schema=[Field(name="half", dtype=Float64)], mode="python")
def halved(inputs):
    return {"half": [None if x is None else x / 2 for x in inputs["x"]]}

@on_demand_feature_view(sources=[plain], schema=[Field(name="big", dtype=Bool)], mode="python", singleton=True)
def single(inputs):
    return {"big": inputs["x"] is not None and inputs["x"] > 7}
"""


def test_on_demand_transform_that_raises_on_a_null_that_training_takes(project: Project) -> None:
    """A null input is NaN in a batch and None in a request of one row: log1p takes the one and raises on the other."""
    project.define(ENTITY + ON_DEMAND)
    rows(project, x=[1.0] * 6 + [1.0, None, 3.0, 4.0, None, 6.0])
    checked = project.check("--exclude", "single")
    assert checked.exit_code == 1, checked.stderr
    assert checked.counts("logged:log") == {
        "requested": 6,
        "compared": 6,
        "matched": 4,
        "serving_errors": 2,
        "skewed": 2,
    }
    for ref in ("filled:filled", "halved:half", "plain:x"):
        assert checked.feature(ref)["verdict"] == "pass", ref
    together = project.check("--feature", "logged", "--request-size", "6", "--db", "six.duckdb")
    assert together.exit_code == 0, "in one request of six rows the column is a float column with NaN, as in training"


def test_singleton_on_demand_view_cannot_be_trained_on(project: Project) -> None:
    project.define(ENTITY + ON_DEMAND)
    rows(project)
    checked = project.check("--feature", "single", "--feature", "plain")
    assert checked.exit_code == 2
    assert [each["feature"] for each in checked.result["errors"]] == ["single"]
    assert checked.counts("single:big") == {"requested": 6, "not_compared": 6}
    assert checked.feature("plain:x")["verdict"] == "pass"


def test_nested_values_are_clean(project: Project) -> None:
    """Maps, structs and sets come back in other forms from each store; that is no skew."""
    names = pa.struct([("name", pa.string()), ("age", pa.string())])
    project.source(
        "rows",
        {
            "k": [1, 2, 3],
            "at": [NOON - hours(1)] * 3,
            "known": [NOON - hours(1)] * 3,
            "m": [{"a": "1", "b": None}, {"a": "2", "b": "x"}, None],
            "s": [{"name": "Ann", "age": "3"}, {"name": None, "age": "4"}, None],
            "tags": [["b", "a", "b"], [], None],
            "vector": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
            "times": [[NOON], [], None],
        },
        s=names,
        vector=pa.list_(pa.float32()),
    )
    project.define(
        ENTITY
        + """
nested = FeatureView(name="nested", entities=[e], source=rows, schema=[
    Field(name="m", dtype=Map), Field(name="s", dtype=Struct({"name": String, "age": String})),
    Field(name="tags", dtype=Set(String)), Field(name="vector", dtype=Array(Float32), vector_index=True),
    Field(name="times", dtype=Array(UnixTimestamp)),
])
"""
    )
    checked = project.check()
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    assert {each["matched"] for each in checked.result["features"]} == {3}


def test_wrong_on_both_sides_is_a_warning(project: Project) -> None:
    """2^53 + 1 in a column that a null turns float: both stores give 2^53, and agree."""
    project.define(
        ENTITY
        + """
big = FeatureView(name="big", entities=[e], source=rows, schema=[Field(name="n", dtype=Int64)])
"""
    )
    exact = 2**53 + 1
    project.source(
        "rows",
        {"k": [1, 2, 3], "at": [NOON - hours(1)] * 3, "known": [NOON] * 3, "n": [exact, None, 7]},
    )
    checked = project.check()
    counts = checked.counts("big:n")
    if project.offline == "dask":
        assert counts == {"requested": 3, "compared": 3, "matched": 2, "wrong_on_both": 1}
        assert (checked.exit_code, checked.result["verdict"]) == (0, "warn")
        assert project.check("--strict", "--db", "strict.duckdb").exit_code == 1
    else:
        assert counts == {"requested": 3, "compared": 3, "matched": 2, "mismatched": 1, "skewed": 1}


def test_entity_file_with_request_data_instants_and_duplicates(project: Project) -> None:
    project.define(
        ENTITY
        + """
plain = FeatureView(name="plain", entities=[e], source=rows, schema=[Field(name="x", dtype=Float64)])
asked = RequestSource(name="asked", schema=[Field(name="factor", dtype=Int64)])

@on_demand_feature_view(sources=[plain, asked], schema=[Field(name="y", dtype=Float64)])
def times(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": inputs["x"].astype("float64") * inputs["factor"]})
"""
    )
    rows(project)
    entities = project.folder / "ask.csv"
    asked = ["k,factor,event_timestamp", *["0,2,2026-03-01T12:00:00Z"] * 2, "1,3,2026-03-01T04:00:00Z"]
    entities.write_text("\n".join(asked) + "\n")
    checked = project.check("--entities", str(entities))
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    assert checked.counts("times:y") == {"requested": 2, "compared": 2, "matched": 2}
    assert any("1 of 3 rows" in note for note in checked.feature("plain:x")["notes"])
    wrong = project.folder / "wrong.csv"
    wrong.write_text("key\n1\n")
    refused = project.check("--entities", str(wrong))
    assert refused.exit_code == 2
    assert "wrong.csv" in refused.stderr


def test_a_deployed_stream_view_without_entities(tmp_path: Path) -> None:
    """Feast lists its stand-in key among the features of such a view once it was applied."""
    project = Project(folder=tmp_path / "repo", offline="dask")
    project.define(
        ENTITY
        + """
kafka = KafkaSource(name="kafka", kafka_bootstrap_servers="nowhere:9092", topic="t", timestamp_field="at",
                    batch_source=rows, message_format=JsonFormat(schema_json="x double"))
everybody = StreamFeatureView(name="everybody", entities=[], source=kafka, schema=[Field(name="x", dtype=Float64)])
"""
    )
    rows(project, count=1)
    project.apply().materialize(NOON - hours(10), NOON)
    checked = project.check("--live", "--as-of", NOON.isoformat())
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    assert [each["feature"] for each in checked.result["features"]] == ["everybody:x"]
    assert checked.counts("everybody:x") == {"requested": 1, "compared": 1, "matched": 1}
