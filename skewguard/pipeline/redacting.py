"""Hides keys and values where they would leave a check: rows, cells, features, notes and errors (`--redact`)."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skewguard import parse, pattern
from skewguard.errors.base import SkewguardError
from skewguard.errors.redaction import RedactedDefect, RedactedPatternUnknown, RedactionKeyMissing
from skewguard.errors.selection import EntityTypeWrong
from skewguard.errors.source import SourceError
from skewguard.errors.tables import KeyIsNull, KeyNotUnique
from skewguard.model import Example, FeatureResult, Outcome, Skipped, ViewError, ViewSpec
from skewguard.redaction import Redaction

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "SKEWGUARD_REDACT_KEY"
EVERYTHING = "*"
VALUES = ("source_value", "offline_value", "online_value")
# A difference gives a value away where the other side is a default such as 0; so do its share, and their mean and most.
NUMBERS = ("source_number", "offline_number", "online_number", "abs_error", "rel_error")
QUOTING = (EntityTypeWrong, SourceError, KeyIsNull, KeyNotUnique)  # these say which value or key was wrong


def patterns(value: Any) -> tuple[str, ...]:
    """`true` is all features; else patterns of those whose values are hidden. Keys are hidden whatever it says."""
    if isinstance(value, bool):
        return (EVERYTHING,) if value else ()
    found = parse.words(value)
    for each in found:
        if not pattern.is_pattern(each):
            raise ValueError(f'{each!r} is no feature: "{each}:*" is all of a view, "*" is everything')
    return found


def redaction_of(asked: tuple[str, ...], environment: Mapping[str, str] = os.environ) -> Redaction | None:
    """How values are hidden, with the key from the environment; None where they need not be."""
    if not asked:
        return None
    key = environment.get(KEY, "")
    if not key.strip():
        raise RedactionKeyMissing(KEY)
    return Redaction(patterns=asked, key=key.encode("utf-8", "surrogateescape"))


def refs_of(views: Iterable[ViewSpec]) -> list[str]:
    """The features that there are to hide."""
    return [feature.ref for view in views for feature in view.features]


def refuse_unknown(redaction: Redaction | None, refs: Iterable[str], skipped: Iterable[Skipped] = ()) -> None:
    """Raise where a pattern means no feature: what was meant would be written down as it is."""
    if redaction is None:
        return
    refs = list(refs)
    left_out = [each.feature for each in skipped]
    for each in redaction.patterns:
        view = each.partition(":")[0]
        if not any(pattern.covers(each, ref) for ref in refs) and not any(
            pattern.covers(each, name) or pattern.covers(view, name) for name in left_out
        ):
            raise RedactedPatternUnknown(each, refs)


@contextmanager
def redacted_errors(redaction: Redaction | None) -> Iterator[None]:
    """What is raised inside quotes no value, once it is outside."""
    try:
        yield
    except SkewguardError as error:
        if redaction is not None:
            error.args = (redaction.message(error.args[0], names=error.named if isinstance(error, QUOTING) else None),)
            error.__cause__ = error.__context__ = None
        raise
    except Exception as error:
        if redaction is None:
            raise
        frame = traceback.extract_tb(error.__traceback__)[-1]
        raise RedactedDefect(type(error).__name__, frame.filename, frame.lineno or 0) from None


def redacted_rows(redaction: Redaction | None, rows: pa.Table) -> pa.Table:
    """Entity rows with the values of their keys, and of request data, hidden."""
    if redaction is None or "entity" not in rows.column_names:
        return rows
    import pyarrow as pa

    texts = [None if each is None else redaction.entity(each) for each in rows["entity"].to_pylist()]
    return rows.set_column(rows.column_names.index("entity"), "entity", pa.array(texts, pa.string()))


def redacted_cells(redaction: Redaction | None, cells: pa.Table) -> pa.Table:
    """Cells, their entities hidden already, with the values of named features hidden and no evidence quoting any."""
    if redaction is None or not cells.num_rows:
        return cells
    import pyarrow as pa
    import pyarrow.compute as pc

    refs = cells["feature"].to_pylist()
    covered = {ref: redaction.covers(ref) for ref in set(refs)}
    hidden = pa.array([covered[ref] for ref in refs])
    for name in (each for each in (*VALUES, "evidence") if each in cells.column_names):
        texts = cells[name].cast(pa.string()).to_pylist()
        if name == "evidence":
            told = [redaction.evidence(ref, text) for ref, text in zip(refs, texts, strict=True)]
        else:
            told = [redaction.value(ref, text) if covered[ref] else text for ref, text in zip(refs, texts, strict=True)]
        cells = cells.set_column(cells.column_names.index(name), name, pa.array(told, pa.string()))
    for name in (each for each in NUMBERS if each in cells.column_names):
        column = cells[name]
        shown = pc.if_else(hidden, pa.scalar(None, column.type), column)
        cells = cells.set_column(cells.column_names.index(name), name, shown)
    return cells


def redacted_example(redaction: Redaction | None, example: Example) -> Example:
    """An example that was not read from redacted cells."""
    if redaction is None:
        return example
    shown = replace(example, entity=json.loads(redaction.entity(json.dumps(example.entity))))
    if not redaction.covers(example.feature):
        return shown
    return replace(
        shown,
        source_value=redaction.value(example.feature, example.source_value),
        offline_value=redaction.value(example.feature, example.offline_value),
        online_value=redaction.value(example.feature, example.online_value),
    )


def config_of(redaction: Redaction | None) -> dict[str, str]:
    """What the ledger keeps of the key: enough to see that another one was used."""
    return {} if redaction is None else {"redact_key_id": redaction.key_id}


def redacted_outcome(redaction: Redaction | None, outcome: Outcome, views: Iterable[ViewSpec] = ()) -> Outcome:
    """`outcome`, made of rows and cells that are redacted, with what else quotes a value hidden in it."""
    if redaction is None:
        return outcome
    names = [*_names(views), *(each.feature for each in outcome.features)]
    return replace(
        outcome,
        features=tuple(_feature(redaction, each) for each in outcome.features),
        errors=tuple(
            ViewError(feature=each.feature, message=redaction.message(each.message, names=names))
            for each in outcome.errors
        ),
        skipped=tuple(Skipped(feature=each.feature, reason=redaction.message(each.reason)) for each in outcome.skipped),
        notes=tuple(redaction.message(each) for each in outcome.notes),
    )


def _feature(redaction: Redaction, feature: FeatureResult) -> FeatureResult:
    told = replace(feature, notes=tuple(redaction.message(each) for each in feature.notes))
    return replace(told, max_abs_error=None, mean_abs_error=None) if redaction.covers(feature.feature) else told


def _names(views: Iterable[ViewSpec]) -> Iterator[str]:
    """What an error may call by its name: views, features, keys, request fields and sources."""
    for view in views:
        yield from (view.name, view.base_name)
        for feature in view.features:
            yield from (feature.name, feature.ref)
        for key in view.join_keys:
            yield from (key.name, key.column)
        yield from (each.name for each in view.request)
        if view.source is not None:
            yield from (view.source.name, view.source.timestamp_column)
