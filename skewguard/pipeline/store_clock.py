"""Corrects the event times of an online store that another time zone wrote, before a cause is named for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from skewguard.model import ViewKind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.comparing import comparison_of
from skewguard.pipeline.readings import Reader, Reading

if TYPE_CHECKING:
    from skewguard.comparison.counted import Comparison


def on_one_clock(
    bench: Bench, reader: Reader, reading: Reading, comparison: Comparison
) -> tuple[Reading, Comparison, frozenset[int]]:
    """The view with its online times as UTC has them, and the rows whose time may still be off.

    Only what a deployed store of local times holds is asked about: a sandbox is written and read in one process.
    """
    from skewguard.causes.case import StoreFacts
    from skewguard.causes.clock import read_clock
    from skewguard.feature_store.facts import applied_at, keeps_utc
    from skewguard.pipeline.file_times import source_modified_at
    from skewguard.pipeline.stored_cases import bare_case

    stored = reading.view.kind is not ViewKind.ON_DEMAND and reading.source is not None
    if not (bench.options.live and stored) or keeps_utc(reader.sandbox.serving):
        return reading, comparison, frozenset()
    view = reading.view
    facts = StoreFacts(applied_at=applied_at(bench.repo, view), source_modified_at=source_modified_at(bench, view))
    clock = read_clock(bench.connection, replace(bare_case(bench, reader, reading, comparison), facts=facts))
    if clock is None or clock.shift is None:
        return reading, comparison, frozenset() if clock is None else clock.doubtful
    bench.note(reading.view, _note(clock.shift, clock.told))
    corrected = replace(reading, online=clock.online)
    return corrected, comparison_of(bench, reader, corrected), clock.doubtful


def _note(shift: int, told: int) -> str:
    size, minutes = divmod(abs(shift) // 60, 60)
    by = " and ".join(f"{count} {unit}" for count, unit in ((size, "hours"), (minutes, "minutes")) if count)
    place = "ahead of" if shift > 0 else "behind"
    return (
        f"the online store tells event times that are {by} {place} the source's, in {told:,} rows with equal values: a "
        "SQLite store keeps them in the time zone (TZ) of the process that "
        "writes; they were corrected before causes were named"
    )
