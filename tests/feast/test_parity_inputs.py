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
"""


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    project = Project(folder=tmp_path_factory.mktemp("inputs"))
    times = [NOON - hours(each) for each in range(3)]
    project.source("stats", {"driver_id": [1, 2, 3], "blob": [b"ab", None, b""], "x": [0.5, None, 2.0], "at": times})
    project.define(VIEWS)
    with ExitStack() as stack:
        around = Surroundings()
        yield Here(load(find_target(str(project.folder), Path()), How(seed=SEED), around, stack), around)


@pytest.mark.parametrize("name", ["size_of_bytes", "sum_of_request"])
def test_empty_values_arrive_as_feast_can_send_them(views: Here, name: str) -> None:
    tested = views.tested(name)
    assert broken(tested.results) == {}
    assert sum(each.examples for each in tested.results if each.law is Law.DTYPE_PARITY) > 2
