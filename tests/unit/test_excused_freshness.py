"""A cell that is stale by no more than its budget is within_freshness and not skew; any other stays skew."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest

from skewguard import sql
from skewguard.causes.case import named
from skewguard.causes.settle import settle

MINUTE = timedelta(minutes=1)


def compared(*lags: timedelta | None, skewed: bool = True) -> pa.Table:
    """One cell per lag, of the feature at position 0."""
    count = len(lags)
    return pa.table(
        {
            "row_id": pa.array(range(count), pa.int64()),
            "position": pa.array([0] * count, pa.int32()),
            "feature": ["v:n"] * count,
            "kind": ["mismatch"] * count,
            "skewed": [skewed] * count,
            "within_freshness": [False] * count,
            "freshness_lag": pa.array(lags, pa.duration("us")),
            "reason": pa.nulls(count, pa.string()),
        }
    )


@pytest.mark.parametrize("cause", ["stale_online", "late_arrival", "not_yet_materialized"])
def test_only_what_lags_by_no_more_is_fresh_enough(cause: str) -> None:
    explained = named((row, 0, cause, '{"lag": 1}') for row in range(4))
    with sql.connect() as connection:
        found = settle(connection, compared(MINUTE, 2 * MINUTE, None, -MINUTE), explained, {0: 60.0})
    assert found.cells["within_freshness"].to_pylist() == [True, False, False, False]
    assert found.cells["skewed"].to_pylist() == [False, True, True, True]
    assert (found.fresh, found.causes) == ({0: 1}, {0: {cause: 3}})
    assert set(found.cells["cause"].to_pylist()) == {cause}


@pytest.mark.parametrize("cause", ["precision", "ttl_not_enforced", "older_write_won"])
def test_other_causes_are_skew_however_fresh(cause: str) -> None:
    with sql.connect() as connection:
        found = settle(connection, compared(MINUTE), named([(0, 0, cause, None)]), {0: 3600.0})
    assert (found.fresh, found.causes) == ({0: 0}, {0: {cause: 1}})


def test_no_budget_is_a_budget_of_nothing() -> None:
    explained = named([(0, 0, "stale_online", None)])
    with sql.connect() as connection:
        assert settle(connection, compared(0 * MINUTE), explained, {0: 0.0}).fresh == {0: 0}
        assert settle(connection, compared(MINUTE), explained, {0: 0.0}).fresh == {0: 0}
        assert settle(connection, compared(MINUTE), explained, {}).fresh == {0: 0}


def test_what_is_no_skew_has_no_cause() -> None:
    with sql.connect() as connection:
        found = settle(connection, compared(MINUTE, skewed=False), named([]), {0: 60.0})
    assert (found.fresh, found.causes) == ({}, {})
    assert found.cells["cause"].to_pylist() == [None]


def test_cells_too_many_to_be_settled_at_once_are_settled_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = compared(*[MINUTE] * 7, *[3 * MINUTE] * 4, None)
    explained = named((row, 0, "stale_online" if row % 3 else "precision", f'{{"row": {row}}}') for row in range(1, 11))
    with sql.connect() as connection:
        whole = settle(connection, cells, explained, {0: 60.0})
        monkeypatch.setattr("skewguard.causes.settle.MOST_CELLS", 5)
        portions = settle(connection, cells, explained, {0: 60.0})
        left_over = connection.table_function("duckdb_views").filter("starts_with(view_name, 'settle_')").fetchall()
    assert portions.cells.combine_chunks().equals(whole.cells.combine_chunks())
    assert (portions.fresh, portions.causes) == (whole.fresh, whole.causes) != ({}, {})
    assert left_over == []
