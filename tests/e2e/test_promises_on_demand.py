"""What INTERFACE.md says of on-demand features: their source values, their rows, their tolerance, who departs."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from building import NOON, Checked, Project

REPO = """
e = Entity(name="e", join_keys=["k"], value_type=ValueType.INT64)
f = Entity(name="f", join_keys=["j"], value_type=ValueType.INT64)
q = Entity(name="q", join_keys=["q"], value_type=ValueType.STRING)

def view(name, entities, **dtypes):
    return FeatureView(name=name, entities=entities, ttl=timedelta(0),
                       source=FileSource(name=name, path=f"{HERE}/{name}.parquet", timestamp_field="event_timestamp"),
                       schema=[Field(name=name, dtype=dtype) for name, dtype in dtypes.items()])

one = view("one", [e], x=Float64, narrow=Float32, n=Int64)
pair = view("pair", [e, f], y=Float64)
other = view("other", [q], z=Float64)

tied = FeatureView(name="tied", entities=[e], ttl=timedelta(0),
                   schema=[Field(name="u", dtype=Float64), Field(name="v", dtype=Float64)],
                   source=FileSource(name="tied", path=f"{HERE}/tied.parquet", timestamp_field="event_timestamp"))

def on_demand(*sources, **dtypes):
    return on_demand_feature_view(sources=list(sources), schema=[Field(name=n, dtype=d) for n, d in dtypes.items()])

@on_demand(one, out=Float64)
def sees_more(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["x"] + (1.0 if "event_timestamp" in inputs.columns else 0.0)})

@on_demand(tied[["v"]], out=Float64)
def reads_the_one_that_is_sure(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["v"] + (1.0 if "event_timestamp" in inputs.columns else 0.0)})

@on_demand(tied, out=Float64)
def reads_both(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["v"] + (1.0 if "event_timestamp" in inputs.columns else 0.0)})

@on_demand(one, out=Float64)
def widened(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["narrow"].astype("float64") * 2})

@on_demand(one, out=Float64)
def null_raises(inputs):
    import numpy as np
    import pandas as pd
    return pd.DataFrame({"out": np.log1p(inputs["x"].where(inputs["x"].notna()) if len(inputs) > 1 else inputs["x"])})

@on_demand(one, out=Float64)
def ranked(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["n"].rank()})

@on_demand(one, pair, out=Float64)
def contained(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["n"] + inputs["y"]})

@on_demand(one, other, out=Float64)
def zipped(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["n"] + inputs["z"]})
"""


@pytest.fixture(scope="module", params=["duckdb", "dask"])
def repo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(folder=tmp_path_factory.mktemp("on_demand"), offline=request.param)
    at, keys = [NOON] * 8, list(range(8))
    made.source("one", {"k": keys, "event_timestamp": at, "x": [None, *(float(key) for key in keys[1:])],
                        "narrow": [key / 10 for key in keys], "n": keys})  # fmt: skip
    made.source("pair", {"k": [key // 4 for key in keys], "j": [key % 4 for key in keys], "event_timestamp": at,
                         "y": [key * 10.0 for key in keys]})  # fmt: skip
    made.source("other", {"q": list("abcde"), "event_timestamp": at[:5], "z": [0.5] * 5})
    made.source("tied", {"k": [0, 0], "event_timestamp": at[:2], "u": [1.0, 2.0], "v": [3.0, 3.0]})
    made.define(REPO)
    return made


@pytest.fixture(scope="module")
def checked(repo: Project) -> Checked:
    return repo.check()


def cells(repo: Project, found: Checked, columns: str, feature: str) -> list[tuple[Any, ...]]:
    query = f"select distinct {columns} from diffs where run_id = ? and feature = ? order by all"
    with duckdb.connect(str(repo.folder / "skewguard.duckdb"), read_only=True) as ledger:
        return ledger.execute(query, [found.result["run_id"], feature]).fetchall()


def test_the_source_value_is_made_of_the_declared_inputs_alone(repo: Project, checked: Checked) -> None:
    """Training hands a transform the entity frame's time too, which serving has not."""
    assert checked.counts("sees_more:out") == {
        "requested": 8, "compared": 8, "matched": 1, "mismatched": 7, "skewed": 7,
    }  # fmt: skip
    assert cells(repo, checked, "kind, blame, offline_number - source_number", "sees_more:out") == [
        ("mismatch", "offline", 1.0)
    ]


def test_an_input_that_is_not_read_need_not_be_sure(repo: Project, checked: Checked) -> None:
    shown = "kind, blame, source_value"
    assert cells(repo, checked, shown, "reads_the_one_that_is_sure:out") == [("mismatch", "offline", "3.0")]
    assert cells(repo, checked, shown, "reads_both:out") == [("mismatch", "unknown", None)]


def test_a_float32_input_is_compared_as_float32(repo: Project, checked: Checked) -> None:
    assert checked.counts("widened:out") == {"requested": 8, "compared": 8, "matched": 8}
    alone = repo.check("--feature", "widened:out")  # its inputs are not among the features compared
    assert [each["feature"] for each in alone.result["features"]] == ["widened:out"]
    assert alone.exit_code == 0


def test_what_raises_for_one_row_alone_is_a_serving_error(repo: Project, checked: Checked) -> None:
    assert checked.counts("null_raises:out") == {
        "requested": 8, "compared": 8, "matched": 7, "serving_errors": 1, "skewed": 1,
    }  # fmt: skip
    ((entity, kind, online, why),) = cells(
        repo, checked, "entity->>'k', kind, online_value, evidence->>'reason'", "null_raises:out"
    )
    assert (entity, kind, online) == ("0", "serving_error", None)
    assert "TypeError" in why or "NoneType" in why


def test_a_batch_dependent_transform_is_served_alone(repo: Project, checked: Checked) -> None:
    assert checked.counts("ranked:out") == {
        "requested": 8, "compared": 8, "matched": 1, "mismatched": 7, "skewed": 7,
    }  # fmt: skip
    assert cells(repo, checked, "kind, blame, source_value, online_value", "ranked:out") == [
        ("mismatch", "unknown", None, "1.0")
    ]
    together = repo.check("--feature", "ranked", "--request-size", "8")
    assert together.counts("ranked:out") == {"requested": 8, "compared": 8, "matched": 8}


def test_the_rows_of_several_views(repo: Project, checked: Checked) -> None:
    """Those of the view whose keys contain the others', else the sampled keys of each, one beside the other."""
    contained = checked.feature("contained:out")
    assert contained["compared"] == 8 == contained["matched"] + contained["missing_offline"]
    # Feast's default store merges rows of one query on the keys of the view that it joins first.
    assert not contained["missing_offline"] or repo.offline == "dask"
    assert set(cells(repo, checked, "blame", "contained:out")) <= {("offline",)}
    assert checked.counts("zipped:out") == {"requested": 5, "compared": 5, "matched": 5}
    with duckdb.connect(str(repo.folder / "skewguard.duckdb"), read_only=True) as ledger:
        keys = ledger.execute("select distinct json_keys(entity) from entity_rows order by 1").fetchall()
    assert keys == [(["k"],), (["k", "j"],), (["k", "q"],), (["q"],)]
