"""Sound plain on-demand views keep every law over the odd inputs that Feast allows; other faults are named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from building import NOON, Project, hours
from parity_running import SEED, Here, broken

from skewguard.feature_store.parity_world import Surroundings
from skewguard.model import Law
from skewguard.pipeline.parity_loading import How, load
from skewguard.pipeline.parity_target import find_target

pytestmark = pytest.mark.feast

VIEWS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
def stored(name, *fields):
    source = FileSource(name=name, path=HERE + "/stats.parquet", timestamp_field="at")
    return FeatureView(name=name, entities=[driver], schema=list(fields), source=source)
blobs = stored("blobs", Field(name="blob", dtype=Bytes))
several = RequestSource(name="several", schema=[Field(name="weights", dtype=Array(Float64))])
Y = [Field(name="y", dtype=Float64)]


@on_demand_feature_view(sources=[blobs], schema=[Field(name="y", dtype=Int64)])
def size_of_bytes(inputs: pd.DataFrame) -> pd.DataFrame:
    sizes = [-1 if each is None else len(each) for each in inputs["blob"]]
    return pd.DataFrame({"y": pd.Series(sizes, index=inputs.index, dtype="int64")})


@on_demand_feature_view(sources=[several], schema=Y)
def sum_of_request(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"y": pd.Series([float(sum(each)) for each in inputs["weights"]], index=inputs.index)})


near = stored("near", Field(name="x", dtype=Float64))
far = FeatureView(
    name="far",
    entities=[driver],
    schema=[Field(name="x", dtype=Int64)],
    source=FileSource(name="far", path=HERE + "/far.parquet", timestamp_field="at"),
)


@on_demand_feature_view(sources=[near, several], schema=Y, mode="python", singleton=True)
def one_at_a_time(inputs: dict) -> dict:
    return {"y": 0.0 if inputs["x"] is None else inputs["x"] * 2.0}


@on_demand_feature_view(sources=[near, far], schema=Y)
def apart(inputs: pd.DataFrame) -> pd.DataFrame:
    one, other = pd.to_numeric(inputs["near__x"]), pd.to_numeric(inputs["far__x"])
    return pd.DataFrame({"y": one.astype("float64").fillna(0.0) - other.astype("float64").fillna(0.0)})


@on_demand_feature_view(sources=[near, far], schema=Y)
def apart_by_batch(inputs: pd.DataFrame) -> pd.DataFrame:
    gap = pd.to_numeric(inputs["near__x"]).astype("float64") - pd.to_numeric(inputs["far__x"]).astype("float64")
    return pd.DataFrame({"y": gap - gap.mean()})
"""


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    project = Project(folder=tmp_path_factory.mktemp("inputs"))
    times = [NOON - hours(each) for each in range(3)]
    project.source("stats", {"driver_id": [1, 2, 3], "blob": [b"ab", None, b""], "x": [0.5, None, 2.0], "at": times})
    project.source("far", {"driver_id": [1, 2, 3], "x": [40, 50, None], "at": times})
    project.define(VIEWS)
    with ExitStack() as stack:
        around = Surroundings()
        yield Here(load(find_target(str(project.folder), Path()), How(seed=SEED), around, stack), around)


@pytest.mark.parametrize("name", ["size_of_bytes", "sum_of_request"])
def test_empty_values_arrive_as_feast_can_send_them(views: Here, name: str) -> None:
    tested = views.tested(name)
    assert broken(tested.results) == {}
    assert sum(each.examples for each in tested.results if each.law is Law.DTYPE_PARITY) > 2


def test_inputs_of_one_name_from_several_views_are_apart(views: Here) -> None:
    subject = next(each for each, _ in views.found.on_demand if each.name == "apart")
    assert {each.name: each.dtype for each in subject.inputs if not each.request} == {
        "near__x": "Float64",
        "far__x": "Int64",
    }
    assert any(row["near__x"] == 0.5 and row["far__x"] in (40, 50, None) for row in views.found.real["apart"])
    assert broken(views.tested("apart").results) == {}
    found = broken(views.tested("apart_by_batch").results)
    assert set(found) == {"batch_invariant"}, "between inputs that are always equal there would be no gap"


def test_a_singleton_is_said_to_be_called_with_lists_for_training(views: Here) -> None:
    found = broken(views.tested("one_at_a_time", Law.SCHEMA_KEPT, Law.NULL_PARITY).results)
    assert set(found) == {"schema_kept"}
    assert "a list for each input" in found["schema_kept"] and "singleton" in found["schema_kept"]
