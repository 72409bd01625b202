"""Run ids: in the order in which the runs began, and never the same twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from skewguard.pipeline.provenance import new_run_id

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_ids_sort_by_when_the_runs_began_even_within_a_second() -> None:
    moments = [BEGAN + timedelta(microseconds=count) for count in (0, 1, 999_999, 1_000_000, 86_400_000_000)]
    ids = [new_run_id(moment) for moment in moments]
    assert ids == sorted(ids)


def test_two_runs_that_began_together_have_ids_of_their_own() -> None:
    assert len({new_run_id(BEGAN) for _ in range(20)}) == 20
