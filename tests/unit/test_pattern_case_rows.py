"""The source values of another view are found for the rows of a view: by id, or by keys where ids are its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from skewguard.model import JoinKey, Side, ViewKind, ViewSpec
from skewguard.pipeline.pattern_cases import _as_keyed, _for_rows
from skewguard.pipeline.readings import Reading

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rows(first: int, **columns: list) -> pa.Table:
    size = len(next(iter(columns.values())))
    return pa.table({"row_id": list(range(first, first + size)), **columns, "as_of": [NOON] * size})


def side(first: int, values: list[float]) -> Side:
    ids = list(range(first, first + len(values)))
    return Side(table=pa.table({"row_id": ids, "v0": values, "error": pa.nulls(len(values), pa.string())}))


def reading(name: str, *keys: tuple[str, str]) -> Reading:
    """A view whose keys are asked for by the first name of each pair; the second is its column."""
    joined = tuple(JoinKey(name=asked, column=column, dtype="Int64") for asked, column in keys)
    view = ViewSpec(name=name, base_name=name, kind=ViewKind.FEATURE_VIEW, join_keys=joined, features=())
    own = rows(1, **{asked: [1] for asked, _ in keys})
    return Reading(view=view, rows=own, source=None, offline=side(1, [1.0]), online=side(1, [1.0]))


def test_rows_that_are_shared_keep_their_side() -> None:
    source = side(1, [1.0, 2.0])
    assert _for_rows(source, rows(1, driver=[7, 8]), rows(1, driver=[7, 8])) is source


def test_rows_with_request_data_are_found_by_key() -> None:
    asked = rows(10, driver=[8, 7, 9], amount=[1.5, 2.5, 3.5])
    found = _for_rows(side(1, [1.0, 2.0]), rows(1, driver=[7, 8]), asked)
    assert found is not None
    assert found.table.select(["row_id", "v0"]).to_pylist() == [{"row_id": 10, "v0": 2.0}, {"row_id": 11, "v0": 1.0}]


def test_views_of_other_entities_have_nothing_for_the_rows() -> None:
    assert _for_rows(side(1, [1.0]), rows(1, city=["a"]), rows(5, driver=[7])) is None
    assert _for_rows(side(1, [1.0]), rows(1, driver=[1]), rows(5, driver=[7])) is None


def test_request_data_that_is_nested_is_told_apart() -> None:
    own = rows(1, driver=[7, 8], tags=[["a"], ["b", None]], place=[{"x": 1}, {"x": 2}])
    asked = rows(10, driver=[8, 7], tags=[["b", None], ["b"]], place=[{"x": 2}, {"x": 1}])
    found = _for_rows(side(1, [1.0, 2.0]), own, asked)
    assert found is not None
    assert found.table.select(["row_id", "v0"]).to_pylist() == [{"row_id": 10, "v0": 2.0}]


def test_a_view_under_an_alias_names_its_keys_otherwise() -> None:
    asked = reading("bought", ("buyer", "driver"), ("at", "shop"))
    other = reading("stats", ("driver", "driver"), ("shop", "shop"))
    assert _as_keyed(other, asked).column_names == ["row_id", "buyer", "at", "as_of"]
    assert _as_keyed(asked, other).column_names == ["row_id", "driver", "shop", "as_of"]
    assert _as_keyed(other, reading("of_shops", ("shop", "shop"))).column_names == other.rows.column_names
    crossed = reading("crossed", ("shop", "driver"))  # renaming one key would take the other's name
    assert _as_keyed(other, crossed) is other.rows
