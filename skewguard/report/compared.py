"""Two runs beside each other, as text for people and as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skewguard.model import RunRecord
from skewguard.report import rows
from skewguard.report.json import SCHEMA_VERSION, dumped, plain
from skewguard.report.plain import safe
from skewguard.report.words import counted

if TYPE_CHECKING:
    import pyarrow as pa

MOST_CELLS = 10  # of each change, in the text
MOST_FEATURES = 40
TITLES = {
    "new": "Newly skewed",
    "persisting": "Still skewed",
    "fixed": "Fixed",
    "not_compared": "Skewed before, and not compared since",
}


@dataclass(frozen=True, kw_only=True)
class RunPair:
    """What changed from one run to another; the tables have the columns of the ledger's `compare_runs`."""

    before: RunRecord
    after: RunRecord
    differences: tuple[str, ...]
    features: pa.Table = field(repr=False)
    cells: pa.Table = field(repr=False)

    def count(self, change: str) -> int:
        """The cells of one change."""
        return sum(self.features[change].to_pylist())

    @property
    def exit_code(self) -> int:
        """1 where there is new skew."""
        return int(self.count("new") > 0)


def text(pair: RunPair, *, columns: int | None = None) -> str:
    """The comparison for people, ending in a line break."""
    return "\n".join(_lines(pair, columns)) + "\n"


def as_json(pair: RunPair) -> str:
    """All of it as one JSON object; entities are objects."""
    cells = [{**row, "entity": json.loads(row["entity"] or "{}")} for row in pair.cells.to_pylist()]
    return dumped(
        {
            "schema_version": SCHEMA_VERSION,
            "command": "compare",
            "exit_code": pair.exit_code,
            "before": _run(pair.before),
            "after": _run(pair.after),
            "differences": list(pair.differences),
            **{change: pair.count(change) for change in TITLES},
            "features": [plain(row) for row in pair.features.to_pylist()],
            "cells": [plain(row) for row in cells],
        }
    )


def _run(run: RunRecord) -> dict[str, Any]:
    names = ("run_id", "command", "mode", "started_at", "verdict", "repo", "project", "as_of", "seed")
    return {name: plain(getattr(run, name)) for name in names}


def _lines(pair: RunPair, columns: int | None) -> Iterator[str]:
    for word, run in (("before", pair.before), ("after", pair.after)):
        asked = f"{run.mode.value}, as of {plain(run.as_of)}" if run.as_of is not None else run.mode.value
        yield f"{word:6}  {safe(run.run_id)}  skewguard {safe(run.command)}, {asked}, {run.verdict.value}"
    for each in pair.differences:
        yield f"not the same question: {safe(each)}"
    yield ""
    yield from _features(pair, columns)
    for change, title in TITLES.items():
        if pair.count(change):
            yield f"{title}:"
            yield from _cells(pair, change, columns)
    yield _summary(pair)


def _features(pair: RunPair, columns: int | None) -> Iterator[str]:
    import pyarrow.compute as pc

    touched = pc.greater(pc.add(pair.features["skewed_before"], pair.features["skewed_after"]), 0)
    found = pair.features.filter(touched)
    if found.num_rows:
        shown = ("feature", "skewed_before", "skewed_after", "new", "persisting", "fixed", "not_compared")
        yield from _table(found.select(shown).slice(0, MOST_FEATURES), columns)
    more = found.num_rows - MOST_FEATURES
    if more > 0:
        yield f"  … and {counted(more, 'feature')} more; --by feature --format csv has all."
    if found.num_rows:
        yield ""
    for word, has_not in (("before", "after"), ("after", "before")):
        only = [
            row["feature"]
            for row in pair.features.to_pylist()
            if row[f"compared_{word}"] and not row[f"compared_{has_not}"]
        ]
        if only:
            more_names = f" and {len(only) - 3:,} more" if len(only) > 3 else ""
            yield f"compared {word} only: {', '.join(map(safe, only[:3]))}{more_names}"


def _cells(pair: RunPair, change: str, columns: int | None) -> Iterator[str]:
    import pyarrow.compute as pc

    found = pair.cells.filter(pc.equal(pair.cells["change"], change))
    when = "after" if change in ("new", "persisting") else "before"
    shown = ["feature", "entity", f"kind_{when}", f"cause_{when}", f"offline_{when}", f"online_{when}"]
    names = ["feature", "entity", "kind", "cause", "offline", "online"]
    yield from _table(found.select(shown).rename_columns(names).slice(0, MOST_CELLS), columns)
    if found.num_rows > MOST_CELLS:
        yield f"  … and {counted(found.num_rows - MOST_CELLS, 'cell')} more; --format csv has all."
    yield ""


def _table(table: pa.Table, columns: int | None) -> Iterator[str]:
    room = None if columns is None else columns - 2
    for line in rows.as_text(table, columns=room):
        yield f"  {line.rstrip()}"


def _summary(pair: RunPair) -> str:
    import pyarrow.compute as pc

    new, fixed, persisting = pair.count("new"), pair.count("fixed"), pair.count("persisting")
    said = f"{counted(new, 'cell')} newly skewed, {fixed:,} fixed, {persisting:,} as before"
    if gone := pair.count("not_compared"):
        said += f", {gone:,} not compared since"
    is_new = pc.equal(pair.cells["change"], "new")
    unseen = pair.cells.filter(pc.and_(is_new, pc.invert(pair.cells["compared_before"]))).num_rows
    if unseen:
        said += f"; {unseen:,} of the new ones had not been compared before"
    return f"{said}. (exit code {pair.exit_code})"
