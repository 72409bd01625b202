"""Calls of an on-demand transform and their answers, as plain values: what a law asks for, what a Runner gives back.

Rows are mappings of canonical Python values: None is null; float, int, bool, str, bytes; aware datetimes; lists, sets
and dicts of these. A Runner types them as Feast would (FEAST.md 1.5), calls the transform, and answers alike.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from skewguard.proofs.subject import OnDemandSubject

Row: TypeAlias = Mapping[str, Any]


class Path(StrEnum):
    """Which path's typing the input has.

    `DUCKDB` and `DASK` are the two offline stores on files: the second turns whole numbers beside a null into floats.
    `ONLINE` is a request, of as many rows as the call has.
    """

    DUCKDB = "duckdb"
    DASK = "dask"
    ONLINE = "online"


@dataclass(frozen=True, kw_only=True)
class World:
    """What the call finds around it; None is as it is. `locale` tries another locale, where one is installed."""

    zone: str | None = None
    locale: bool = False
    clock: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """Run an on-demand transform.

    `rows` together decide the types of the columns; of them, those at `positions`, in that order, are handed over (all
    where it is None). Columns in `served` are typed as a request of the handed-over rows alone types them instead.
    `index` is the pandas index of the frame, 0, 1, ... where it is None. `convert`: also give the features as Feast
    types them. `watch`: say whether the input was changed. `anew`: never an answer that is remembered.
    """

    rows: Sequence[Row]
    path: Path = Path.DUCKDB
    positions: tuple[int, ...] | None = None
    served: tuple[str, ...] = ()
    index: tuple[int, ...] | None = None
    world: World = field(default_factory=World)
    convert: bool = False
    watch: bool = False
    anew: bool = False

    @property
    def size(self) -> int:
        """How many rows are handed over."""
        return len(self.rows) if self.positions is None else len(self.positions)


@dataclass(frozen=True, kw_only=True)
class Raised:
    """What a call raised instead of an answer. `hung`: ended after the time limit. `line`: of the user's code."""

    kind: str
    message: str
    line: str = ""
    hung: bool = False

    def __str__(self) -> str:
        """As a person reads it."""
        return f"{self.kind}: {self.message}" if self.message else self.kind


def raised(problem: BaseException) -> Raised:
    """What went wrong in the project's code, and on which line of it."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [each for each in frames if "site-packages" not in each.filename] or list(frames)
    line = f"line {own[-1].lineno} of {own[-1].filename}" if own else ""
    return Raised(kind=type(problem).__name__, message=" ".join(str(problem).split()), line=line)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one call gave: columns of canonical values under the names returned, or what was raised.

    `size` is how many rows came back. `converted` are the declared features as Feast types them for serving,
    `unconverted` why that failed. `touched` says what of the caller's input changed; `effects` what the call did
    beside answering (files, working directory, warnings filter). `spent` is how many seconds of work it took.
    """

    columns: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    size: int = 0
    raised: Raised | None = None
    converted: Mapping[str, tuple[Any, ...]] | None = None
    unconverted: str | None = None
    touched: str | None = None
    effects: tuple[str, ...] = ()
    spent: float = 0.0

    def row(self, at: int) -> dict[str, Any]:
        """One row of the answer."""
        return {name: values[at] for name, values in self.columns.items()}


class Runner(Protocol):
    """Something that can call the transforms under test, by the name of the subject."""

    def answers(self, subject: OnDemandSubject, calls: Sequence[Call], *, fresh: bool = False) -> list[Answer]:
        """One answer per call, in order; nothing that a transform does is raised here.

        `fresh`: in a process that has another hash seed and has imported nothing of the project; on-demand transforms
        are there as Feast re-creates them from the registry's text.
        """
        ...
