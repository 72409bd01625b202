"""The rows of a run beside its features and cells: what it says, looks past, shows, and where and how fast it read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeAlias

from skewguard.model import ContractFinding, EventTime, Latency, Leaked, Outcome, Place, Waived

Row: TypeAlias = dict[str, Any]


class Remark(StrEnum):
    """What a row of the table `remarks` is."""

    SKIPPED = "skipped"
    ERROR = "error"
    NOTE = "note"


def remarks(outcome: Outcome) -> Iterator[Row]:
    """What was skipped, what failed, and the notes of the run, each in its order."""
    for skipped in outcome.skipped:
        yield {"kind": str(Remark.SKIPPED), "feature": skipped.feature, "message": skipped.reason}
    for error in outcome.errors:
        yield {"kind": str(Remark.ERROR), "feature": error.feature, "message": error.message}
    for note in outcome.notes:
        yield {"kind": str(Remark.NOTE), "feature": None, "message": note}


def waived(outcome: Outcome) -> Iterator[Row]:
    """Skewed cells that the verdict looks past."""
    for feature in outcome.features:
        for cause, cells in feature.waived.items():
            yield {"feature": feature.feature, "cause": cause, "cells": cells}


def contract(outcome: Outcome) -> Iterator[Row]:
    """What the contracts came to."""
    for feature in outcome.features:
        for finding in feature.contract:
            yield {"feature": feature.feature, **_columns(finding)}


def examples(outcome: Outcome) -> Iterator[Row]:
    """Which cells are shown; what they hold is in `diffs`."""
    for example in outcome.examples:
        yield {"feature": example.feature, "row_id": example.row_id}


def places(outcome: Outcome) -> Iterator[Row]:
    """Where views are defined."""
    return map(_columns, outcome.places)


def latency(outcome: Outcome) -> Iterator[Row]:
    """How long online requests took."""
    return map(_columns, outcome.latency)


def leakage(outcome: Outcome) -> Iterator[Row]:
    """What training would know too early, by feature and lag."""
    for feature in outcome.features:
        for leaked in feature.leakage:
            yield {"feature": feature.feature, **_columns(leaked)}


def waivers(outcome: Outcome) -> Iterator[Row]:
    """What became of the waivers."""
    return map(_columns, outcome.waivers)


def event_times(outcome: Outcome) -> Iterator[Row]:
    """When the source events of skewed features happened."""
    return map(_columns, outcome.event_times)


def _columns(noun: ContractFinding | Place | Latency | Leaked | Waived | EventTime) -> Row:
    values = {each.name: getattr(noun, each.name) for each in fields(noun)}
    return {name: str(value) if isinstance(value, StrEnum) else value for name, value in values.items()}


def _names(noun: type[ContractFinding | Place | Latency | Leaked | Waived | EventTime]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(noun))


# Table -> its columns after `run_id`, and its rows for a run.
BESIDE: Mapping[str, tuple[Sequence[str], Callable[[Outcome], Iterator[Row]]]] = {
    "remarks": (("kind", "feature", "message"), remarks),
    "waived": (("feature", "cause", "cells"), waived),
    "contract": (("feature", *_names(ContractFinding)), contract),
    "examples": (("feature", "row_id"), examples),
    "places": (_names(Place), places),
    "latency": (_names(Latency), latency),
    "leakage": (("feature", *_names(Leaked)), leakage),
    "waivers": (_names(Waived), waivers),
    "event_times": (_names(EventTime), event_times),
}
