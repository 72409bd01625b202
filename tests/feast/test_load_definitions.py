"""What open_repo says about the views of real repos."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from skewguard.feature_store.load import Repo, open_repo
from skewguard.model import JoinKey, RequestField, ViewKind, ViewSpec

pytestmark = pytest.mark.feast
PLAIN = """
plain = FeatureView(name="plain", entities=[driver], schema=[Field(name="trips", dtype=Int64)], source=trips)
"""


def opened(repo: Any, **options: Any) -> Repo:
    """The repo as described; it is closed again, and descriptions need no open repo."""
    with open_repo(folder=repo.folder, **options) as found:
        return found


def view(repo: Repo, name: str) -> ViewSpec:
    """One view of the repo."""
    return next(each for each in repo.views if each.name == name)


def test_a_plain_view_is_described_whole(make_repo: Any) -> None:
    repo = make_repo(
        """
        riders = Entity(name="riders", join_keys=["driver_id"], value_type=ValueType.INT64)
        mapped = FileSource(name="mapped", path="data/trips.parquet", timestamp_field="event_timestamp",
                            field_mapping={"rate": "score"}, file_format=ParquetFormat())
        plain = FeatureView(name="plain", entities=[riders], ttl=timedelta(hours=2), source=mapped, owner="ops",
                            schema=[Field(name="driver_id", dtype=Int64), Field(name="score", dtype=Float32)])
        """
    )
    found = opened(repo)
    plain = view(found, "plain")
    assert plain.join_keys == (JoinKey(name="driver_id", column="driver_id", dtype="Int64"),)
    assert [(each.ref, each.dtype) for each in plain.features] == [("plain:score", "Float32")]
    assert (plain.kind, plain.ttl, plain.owner, plain.pushed, plain.has_udf) == (
        ViewKind.FEATURE_VIEW,
        timedelta(hours=2),
        "ops",
        False,
        False,
    )
    assert plain.source is not None
    assert plain.source.path == str(repo.folder / "data/trips.parquet")
    assert (plain.source.file_format, plain.source.timestamp_column) == ("parquet", "event_timestamp")
    assert (plain.source.created_column, plain.source.column_of("score")) == (None, "rate")
    assert (found.project, found.offline_kind, found.has_file_sources) == ("tiny", "dask", True)
    assert not (found.errors or found.skipped or found.notes)


def test_what_a_view_leaves_out_is_inferred_as_feast_does(make_repo: Any) -> None:
    repo = make_repo(
        """
        timeless = FileSource(path="data/only.parquet")
        inferred = FeatureView(name="inferred", entities=[driver], source=timeless)
        """
    )
    columns = {name: values for name, values in _trips().items() if name not in ("created", "region")}
    repo.source(columns, file="data/only.parquet")
    inferred = view(opened(repo), "inferred")
    assert [(each.name, each.dtype) for each in inferred.features] == [("trips", "Int64"), ("rate", "Float64")]
    assert inferred.source is not None
    assert inferred.source.timestamp_column == "event_timestamp"
    assert (inferred.join_keys[0].dtype, inferred.ttl) == ("Int64", None)


def _trips() -> dict[str, Any]:
    from datetime import UTC, datetime

    import pyarrow as pa

    return {
        "driver_id": pa.array([1], pa.int64()),
        "trips": pa.array([1], pa.int64()),
        "rate": pa.array([0.5], pa.float64()),
        "event_timestamp": pa.array([datetime(2026, 3, 1, tzinfo=UTC)], pa.timestamp("us", "UTC")),
    }


def test_composite_and_absent_keys(make_repo: Any) -> None:
    repo = make_repo(
        """
        area = Entity(name="area", join_keys=["region"], value_type=ValueType.STRING)
        fields = [Field(name="trips", dtype=Int64)]
        both = FeatureView(name="both", entities=[area, driver], schema=fields, source=trips)
        alone = FeatureView(name="alone", schema=fields, source=trips)
        """
    )
    found = opened(repo)
    keys = [(key.name, key.dtype) for key in view(found, "both").join_keys]
    assert keys == [("region", "String"), ("driver_id", "Int64")]
    assert view(found, "alone").join_keys == ()
    assert [each.name for each in view(found, "alone").features] == ["trips"]


def test_batch_stream_and_push_views(make_repo: Any) -> None:
    repo = make_repo(
        """
        def double(rows):
            return rows.assign(twice=rows["trips"] * 2)

        fresh = FeatureView(name="fresh", entities=[driver], schema=[Field(name="trips", dtype=Int64)],
                            source=PushSource(name="pushed", batch_source=trips))
        kafka = KafkaSource(name="kafka", kafka_bootstrap_servers="nowhere:9092", topic="t", batch_source=trips,
                            timestamp_field="event_timestamp", message_format=JsonFormat("trips int"))
        stream = StreamFeatureView(name="stream", entities=[driver], source=kafka,
                                   schema=[Field(name="driver_id", dtype=Int64), Field(name="trips", dtype=Int64)])
        batch = BatchFeatureView(name="batch", entities=[driver], mode="pandas", source=trips, online=True, udf=double,
                                 udf_string="def double(rows):\\n    return rows.assign(twice=rows['trips'] * 2)\\n",
                                 schema=[Field(name="twice", dtype=Int64)])
        """
    )
    with open_repo(folder=repo.folder) as found:
        kinds = {each.name: (each.kind, each.has_udf, each.pushed) for each in found.views}
        transform = found.batch_transform(view(found, "batch"))
        assert transform is not None and transform.__name__ == "double"
        assert found.batch_transform(view(found, "fresh")) is None
    assert kinds == {
        "fresh": (ViewKind.FEATURE_VIEW, False, True),
        "stream": (ViewKind.STREAM, False, False),
        "batch": (ViewKind.BATCH, True, False),
    }
    assert [each.name for each in view(found, "stream").features] == ["trips"]
    assert all(each.source is not None and each.source.path.endswith("trips.parquet") for each in found.views)


def test_an_alias_is_a_view_of_its_own_and_named_once(make_repo: Any) -> None:
    repo = make_repo(
        PLAIN
        + """
start = plain.with_name("start").with_join_key_map({"driver_id": "start_id"})
one = FeatureService(name="one", features=[start, plain])
other = plain.with_name("start").with_join_key_map({"driver_id": "other_id"})
two = FeatureService(name="two", features=[start, other])
three = FeatureService(name="three", features=[plain.with_join_key_map({"driver_id": "boss_id"})])
"""
    )
    found = opened(repo)
    keys = {each.name: (each.base_name, each.join_keys[0].name, each.join_keys[0].column) for each in found.views}
    assert keys == {
        "plain": ("plain", "driver_id", "driver_id"),
        "start": ("plain", "start_id", "driver_id"),
        "start (two)": ("plain", "other_id", "driver_id"),
        "plain by boss_id": ("plain", "boss_id", "driver_id"),
    }
    assert found.services == {
        "one": ("start:trips", "plain:trips"),
        "two": ("start:trips", "start (two):trips"),
        "three": ("plain by boss_id:trips",),
    }
    # Two names that no user wrote, and one warning: `start` is a module-level name.
    assert len(found.notes) == 3


def test_on_demand_views_name_their_inputs_and_requests(make_repo: Any) -> None:
    repo = make_repo(
        PLAIN
        + """
asked = RequestSource(name="asked", schema=[Field(name="amount", dtype=Float64)])

@on_demand_feature_view(sources=[plain.with_name("mine"), asked], schema=[Field(name="share", dtype=Float64)])
def shares(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"share": inputs["amount"]})

@on_demand_feature_view(sources=[asked], schema=[Field(name="same", dtype=Float64)], mode="python")
def request_only(inputs):
    return {"same": inputs["amount"]}

@on_demand_feature_view(sources=[plain[["trips"]], asked], schema=[Field(name="more", dtype=Float64)])
def more(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"more": inputs["amount"] + inputs["trips"]})

serves = FeatureService(name="serves", features=[more, more.with_name("much_more")])
renames = FeatureService(name="renames", features=[request_only.with_name("the_same")])
"""
    )
    found = opened(repo)
    only = view(found, "request_only")
    assert (only.kind, only.join_keys, only.inputs) == (ViewKind.ON_DEMAND, (), ())
    assert only.request == (RequestField(name="amount", dtype="Float64"),)
    more = view(found, "more")
    assert (more.inputs, more.input_features) == (("plain",), ("plain:trips",))
    assert [key.name for key in more.join_keys] == ["driver_id"]
    assert [(each.feature, "under the alias mine" in each.message) for each in found.errors] == [("shares", True)]
    assert [each.feature for each in found.skipped] == ["the_same", "much_more"]
    assert "refuses it in training" in found.skipped[0].reason
    # A service of the alias alone asks for the view: it is served, and what is served has to be compared.
    assert found.services == {"serves": ("more:more",), "renames": ("request_only:same",)}


def test_what_is_not_served_online_is_skipped_and_what_needs_it_fails(make_repo: Any) -> None:
    repo = make_repo(
        PLAIN
        + """
fields = [Field(name="trips", dtype=Int64)]
dark = FeatureView(name="dark", entities=[driver], schema=fields, source=trips, online=False)
off = FeatureView(name="off", entities=[driver], schema=fields, source=trips, enabled=False)
labels = LabelView(name="labels", entities=[driver], schema=[Field(name="trips", dtype=Int64)],
                   source=PushSource(name="labelled", batch_source=trips))

@on_demand_feature_view(sources=[dark], schema=[Field(name="same", dtype=Int64)])
def lit(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"same": inputs["trips"]})
"""
    )
    found = opened(repo)
    assert [each.name for each in found.views] == ["plain"]
    assert {each.feature: each.reason.split(":")[0].split(" (")[0] for each in found.skipped} == {
        "dark": "not served online",
        "off": "disabled",
        "labels": "a label view",
    }
    assert [(each.feature, "its input dark" in each.message) for each in found.errors] == [("lit", True)]


def test_a_broken_view_leaves_the_others(make_repo: Any) -> None:
    repo = make_repo(
        PLAIN
        + """
gone = FeatureView(name="gone", entities=[driver], source=FileSource(path="data/gone.parquet", timestamp_field="t"))
hidden = [Entity(name="hidden", join_keys=["driver_id"])]
lost = FeatureView(name="lost", entities=hidden, schema=[Field(name="trips", dtype=Int64)], source=trips)
twin = FeatureView(name="twin", entities=[driver], schema=[Field(name="trips", dtype=Int64)], source=trips)
other_twin = FeatureView(name="Twin", entities=[driver], schema=[Field(name="rate", dtype=Float64)], source=trips)
"""
    )
    found = opened(repo)
    assert [each.name for each in found.views] == ["plain"]
    messages = {each.feature: each.message for each in found.errors}
    assert sorted(messages) == ["Twin", "gone", "lost", "twin"]
    assert str(repo.folder / "data/gone.parquet") in messages["gone"]
    assert "hidden" in messages["lost"]


def test_a_source_that_is_not_there_yet_is_for_later_where_the_schema_is_known(make_repo: Any) -> None:
    repo = make_repo(
        """
        soon = FileSource(path="data/soon.parquet", timestamp_field="event_timestamp")
        view = FeatureView(name="view", entities=[driver], source=soon, schema=[Field(name="trips", dtype=Int64)])
        """
    )
    found = opened(repo)
    assert not found.errors
    assert [(each.name, each.dtype) for each in view(found, "view").join_keys] == [("driver_id", "Invalid")]


def test_services_may_list_references_as_text(make_repo: Any) -> None:
    repo = make_repo(
        """
        plain = FeatureView(name="plain", entities=[driver], source=trips,
                            schema=[Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float64)])
        one = FeatureService(name="one", features=["plain:rate", "plain@v2"])
        all = FeatureService(name="all", features=["plain"])
        """
    )
    found = opened(repo)
    assert found.services == {"one": ("plain:rate",), "all": ("plain:trips", "plain:rate")}
    assert [each.feature for each in found.skipped] == ["plain@v2"]


def test_strange_names_are_kept(make_repo: Any) -> None:
    long = "länge 'select' \"order\" __" + "x" * 60
    repo = make_repo(
        f"""
        fields = [Field(name="rate", dtype=Float64)]
        strange = FeatureView(name={long!r}, entities=[driver], source=trips, schema=fields)
        """
    )
    assert [each.ref for each in opened(repo).views[0].features] == [f"{long}:rate"]


def test_the_template_local_is_taken_as_it_comes(tmp_path: Path) -> None:
    feast_init(tmp_path, "local")
    with open_repo(folder=tmp_path / "made" / "feature_repo") as found:
        names = [each.name for each in found.views]
    assert sorted(names) == [
        "driver_hourly_stats",
        "driver_hourly_stats_fresh",
        "transformed_conv_rate",
        "transformed_conv_rate_fresh",
    ]
    assert {feature.dtype for feature in view(found, "driver_hourly_stats").features} == {
        "Float32",
        "Int64",
        "Map",
        "Json",
        "Struct({name: String, age: String})",
    }
    assert [each.feature for each in found.skipped] == ["driver_quality_labels"]
    assert not found.errors


def feast_init(folder: Path, template: str) -> None:
    """Runs `feast init` as a new user would."""
    code = f"import sys; sys.argv = ['feast', 'init', '-t', {template!r}, 'made']; from feast.cli.cli import cli; cli()"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, timeout=120)
