"""What one historical query for a whole feature service loses: a good deal under dask, nothing under duckdb."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from feast import Entity, FeatureService, FeatureView, Field, ValueType
from feast.types import Float64

from skewguard.feature_store.joint import count_joint_losses
from tests.feast.reading import OFFLINE_STORES, Scratch, events, hours, rows

pytestmark = pytest.mark.feast


@pytest.fixture(params=OFFLINE_STORES)
def scratch(request: pytest.FixtureRequest, tmp_path: Path) -> Scratch:
    return Scratch(tmp_path, request.param)


def service_of(
    scratch: Scratch,
    *,
    ages: tuple[float, float] = (1, 1),
    names: tuple[str, str] = ("x", "y"),
    keys: tuple[str, str] = ("k", "k"),
) -> Any:
    """A service over two views of entities 1 to 3; the events of entity 2 are `ages` hours old, the TTL is 24 hours."""
    entities = {name: Entity(name=name, join_keys=[name], value_type=ValueType.INT64) for name in keys}
    views = []
    for number, (age, name, key) in enumerate(zip(ages, names, keys, strict=True)):
        table = events([hours(-1), hours(-age), hours(-1)], **{key: [1, 2, 3], name: [1.0, 2.0, 3.0]})
        source = scratch.source(f"s{number}", table)
        field = Field(name=name, dtype=Float64)
        views.append(
            FeatureView(
                name=f"fv{number}", source=source, entities=[entities[key]], schema=[field], ttl=timedelta(hours=24)
            )
        )
    service = FeatureService(name="model", features=views)
    scratch.store().apply([*entities.values(), *views, service])
    return service


def test_nothing_is_lost(scratch: Scratch) -> None:
    read = count_joint_losses(scratch.store(), service_of(scratch), rows(k=[1, 2, 3]))
    assert (read.asked, read.returned, read.lost, read.error, read.notes) == (3, 3, (), None, ())


def test_a_view_with_expired_events_loses_the_row_for_all(scratch: Scratch) -> None:
    """FEAST.md 6: the third way in which dask loses rows."""
    read = count_joint_losses(scratch.store(), service_of(scratch, ages=(1, 30)), rows(k=[1, 2, 3]))
    assert read.lost == ((5,) if scratch.offline == "dask" else ())
    if scratch.offline == "dask":
        assert read.notes == (
            "service model: one historical query for all of it returned 2 rows for 3 asked; 1 rows are lost",
        )


def test_rows_are_merged_on_the_first_views_keys(scratch: Scratch) -> None:
    """FEAST.md 1.1: two views with different entities."""
    asked = rows(k=[1, 1, 2], m=[1, 2, 2])
    read = count_joint_losses(scratch.store(), service_of(scratch, keys=("k", "m")), asked)
    assert len(read.lost) == (1 if scratch.offline == "dask" else 0)
    assert read.returned == 3 - len(read.lost)


def test_two_features_of_one_name_are_asked_for_by_full_name(scratch: Scratch) -> None:
    read = count_joint_losses(scratch.store(), service_of(scratch, names=("x", "x")), rows(k=[1, 2]))
    assert (read.lost, read.error) == ((), None)


def test_a_query_that_raises_loses_all(scratch: Scratch) -> None:
    service = service_of(scratch)
    (scratch.folder / "s1.parquet").unlink()
    read = count_joint_losses(scratch.store(), service, rows(k=[1, 2]))
    assert read.lost == (3, 5)
    assert read.error and read.notes[0].startswith("service model: one historical query for all of it raises: ")
