"""Why one feature is skewed: each cause with one cell that shows it, what to do, and the SQL that proves it."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from skewguard.model import Blame, FeatureResult, Kind, RunRecord
from skewguard.report.json import SCHEMA_VERSION, dumped, plain
from skewguard.report.plain import safe
from skewguard.report.remedies import remedy_of
from skewguard.report.words import GLUE, count, counted, kinds, percent

NULL = "null"
RAISED = "the request raised"
UTC_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d*[1-9])?)(?:\.?0*)\+00:00")
EXAMPLE = (
    *("row_id", "entity", "as_of", "kind", "blame", "source_value", "offline_value", "online_value", "abs_error"),
    *("source_event_timestamp", "online_event_timestamp", "freshness_lag", "evidence"),
)


@dataclass(frozen=True, kw_only=True)
class CauseFound:
    """One cause of a feature's skew. `cell` has the columns of `explain_causes.sql`; `proof` is SQL on the ledger."""

    cause: str
    cells: int
    share: float
    cell: Mapping[str, Any] = field(repr=False)
    proof: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why one feature of one run is skewed; `db` is the --db that a command on the same ledger needs, if any."""

    run: RunRecord
    feature: FeatureResult
    causes: tuple[CauseFound, ...]
    db: str | None = None


def text(explanation: Explanation, *, columns: int = 100) -> str:
    """The explanation for people, ending in a line break; the proofs are commands on one line each, to be copied."""
    return "\n".join(_lines(explanation, max(columns, 60))).replace(GLUE, " ") + "\n"


def as_json(explanation: Explanation) -> str:
    """The same as one JSON object."""
    run, feature = explanation.run, explanation.feature
    return dumped(
        {
            "schema_version": SCHEMA_VERSION,
            "command": "explain",
            "exit_code": 0,
            "run_id": run.run_id,
            "mode": run.mode.value,
            "as_of": plain(run.as_of),
            "feature": feature.feature,
            "verdict": feature.verdict.value,
            "compared": feature.compared,
            "skewed": feature.skewed,
            "within_freshness": feature.within_freshness,
            "notes": list(feature.notes),
            "causes": [_cause_object(each) for each in explanation.causes],
        }
    )


def _cause_object(found: CauseFound) -> dict[str, Any]:
    remedy = remedy_of(found.cause)
    example = {name: plain(found.cell[name]) for name in EXAMPLE}
    example["entity"] = json.loads(found.cell["entity"] or "{}")
    example["evidence"] = _evidence(found)
    return {
        "cause": found.cause,
        "cells": found.cells,
        "share": found.share,
        "departs": {side: found.cell[name] for side, name in DEPARTS.items()},
        "example": example,
        "is_when": remedy.is_when,
        "leads_to_it": remedy.leads_to_it,
        "what_to_do": remedy.what_to_do,
        "sql": found.proof,
    }


DEPARTS = {"online": "online_departs", "offline": "offline_departs", "both": "both_depart"}


def _lines(explanation: Explanation, columns: int) -> Iterator[str]:
    run, feature = explanation.run, explanation.feature
    said = [f"run {safe(run.run_id)}", run.mode.value]
    if run.as_of is not None:
        said.append(f"as of {plain(run.as_of)}")
    yield f"{safe(feature.feature)}  {safe(feature.dtype)}, {feature.verdict.value}"
    yield f"  {' · '.join(said)}"
    if feature.compared:
        share = percent(feature.skewed / feature.compared)
        differ = f"{count(feature.skewed)} of {counted(feature.compared, 'row')} differ ({share})"
        yield from _wrapped("; ".join(each for each in (differ, kinds(feature)) if each), columns)
    else:
        yield "  nothing was compared"
    for note in feature.notes:
        yield from _wrapped(f"note: {safe(note)}", columns)
    if not explanation.causes:
        yield "  No cell is skewed: there is nothing to explain."
    for found in explanation.causes:
        yield ""
        yield from _cause(found, explanation.db, columns)


def _cause(found: CauseFound, db: str | None, columns: int) -> Iterator[str]:
    remedy = remedy_of(found.cause)
    departing = ", ".join(f"{side} in {count(found.cell[name])}" for side, name in DEPARTS.items() if found.cell[name])
    tail = f"; who departs from the source: {departing}" if departing else ""
    yield from _wrapped(
        f"{safe(found.cause)}: {counted(found.cells, 'cell')} ({percent(found.share)}){tail}", columns, ""
    )
    yield from _wrapped(f"This is when {remedy.is_when}", columns)
    yield ""
    yield from _worked(found, columns)
    yield ""
    yield from _wrapped(f"What leads to it: {remedy.leads_to_it}", columns)
    yield from _wrapped(f"What to do: {remedy.what_to_do}", columns)
    yield "  The cells, as proof:"
    yield f"    {command(found.proof, db)}"


def _worked(found: CauseFound, columns: int) -> Iterator[str]:
    """The three values of one cell below each other, with the event that each came from, and the evidence."""
    cell = found.cell
    entity = json.loads(cell["entity"] or "{}")
    who = ", ".join(f"{safe(str(name))}={_shown(value)}" for name, value in entity.items()) or f"row {cell['row_id']}"
    instant = "" if cell["as_of"] is None else f", as of {_time(cell['as_of'])}"
    yield from _wrapped(f"For example {who}{instant} ({safe(cell['kind'])}):", columns)
    for side, value in _values(found).items():
        event = cell.get(f"{side}_event_timestamp")
        came = "" if event is None else f"  of the event at {_time(event)}"
        yield from _wrapped(
            f"{side:8} {NULL if value is None else safe(value)}{came}", columns, "    ", "             "
        )
    lag = cell["freshness_lag"]
    if lag:
        behind = "behind" if lag > 0 else "ahead of"
        yield f"    online is {timedelta(seconds=abs(lag))} {behind} the source"
    for name, value in _evidence(found).items():
        yield from _noted(name, value, columns)


def _values(found: CauseFound) -> dict[str, str | None]:
    """What each side has; no source that nobody could compute, and what a read raised in the place of its value."""
    cell = found.cell
    values = {side: cell[f"{side}_value"] for side in ("source", "offline", "online")}
    if values["source"] is None and cell["blame"] in (None, Blame.UNKNOWN):
        del values["source"]
    if values["online"] is None and cell["kind"] == Kind.SERVING_ERROR:
        values["online"] = str(_evidence(found).get("reason", RAISED))
    return values


def _noted(name: str, value: Any, columns: int) -> list[str]:
    """One thing that is in the evidence; lists of rows and windows below each other."""
    match name, value:
        case "source_rows", [*events] if all(isinstance(each, dict) for each in events):
            shown = [", ".join(f"{key} {_shown(each)}" for key, each in row.items()) for row in events]
        case "windows", [*windows] if all(isinstance(each, list) for each in windows):
            shown = [" to ".join(map(_shown, each)) for each in windows]
        case "ttl_seconds", int() | float():
            return [f"    ttl: {timedelta(seconds=value)}"]
        case _:
            return _wrapped(f"{safe(name.replace('_', ' '))}: {_shown(value)}", columns, "    ", "      ")
    head = f"    {safe(name.replace('_', ' '))}:" + ("" if shown else " none")
    return [head, *(line for each in shown for line in _wrapped(each, columns, "      ", "        "))]


def _evidence(found: CauseFound) -> dict[str, Any]:
    """Whatever the cause's test noted; its names are the cause's own."""
    try:
        noted = json.loads(found.cell["evidence"] or "{}")
    except ValueError:
        noted = found.cell["evidence"]
    return noted if isinstance(noted, dict) else {"evidence": noted}


def command(query: str, db: str | None) -> str:
    """`skewguard sql …` as it is typed into a shell."""
    place = "" if db is None else f" --db {shlex.quote(db)}"
    plainly = not set(query) & set('"$`\\!')
    return f"skewguard sql{place} " + (f'"{query}"' if plainly else shlex.quote(query))


def _shown(value: Any) -> str:
    match value:
        case None:
            return NULL
        case str() if UTC_TIME.fullmatch(value):
            return UTC_TIME.sub(r"\1Z", value)
        case str():
            return safe(repr(value)) if value != value.strip() or not value else safe(value)
        case _:
            return safe(json.dumps(value, ensure_ascii=False))


def _time(instant: datetime) -> str:
    return str(plain(instant)).replace("+00:00", "Z")


def _wrapped(said: str, columns: int, indent: str = "  ", hang: str | None = None) -> list[str]:
    """Lines of at most `columns`; long words stay whole, so that they can be copied."""
    return textwrap.wrap(
        said,
        columns,
        initial_indent=indent,
        subsequent_indent=indent + "  " if hang is None else hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
