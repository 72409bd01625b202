"""Batch transforms as code for the laws, for the worker process: those of a repo, and decorated ones on their own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from skewguard import sql
from skewguard.build.guess import guessed_tables
from skewguard.build.trial import batch_code
from skewguard.definition import BatchTransform, Form, find_transform
from skewguard.errors import SkewguardError
from skewguard.feature_store.declared import declared_tables
from skewguard.feature_store.load import Repo
from skewguard.feature_store.parity_state import Watch
from skewguard.feature_store.parity_views import plain_code, plain_views, recreated_view
from skewguard.feature_store.parity_world import Surroundings
from skewguard.model import SourceSpec, ViewError
from skewguard.pipeline.parity_messages import MADE_UP
from skewguard.proofs.batch_code import BatchCall, BatchCode
from skewguard.proofs.batch_sources import event_table, event_tables, real_events
from skewguard.proofs.calls import Answer, Raised, World, raised
from skewguard.reading import Opened, open_source

TRIAL_LIMIT = 10.0  # seconds to find out what a transform reads


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What another process makes a batch code again from: a function's path, or a plain view as the registry has it.

    `shape` is the code without what only its own process has.
    """

    shape: BatchCode
    path: str | None = None
    registered: bytes = b""

    def without_rows(self) -> Recipe:
        """The recipe, without rows of the sources."""
        return replace(self, shape=replace(self.shape, real={}))


@dataclass(kw_only=True)
class Made:
    """Batch codes, what another process makes each of them again from, and what could not be made."""

    codes: list[BatchCode] = field(default_factory=list)
    recipes: dict[str, Any] = field(default_factory=dict)
    errors: list[ViewError] = field(default_factory=list)


def in_repo(repo: Repo, connection: sql.Connection, around: Surroundings, *, seed: int) -> Made:
    """The decorated batch transforms that an open repo binds, and its batch and stream views with a function."""
    made = Made()
    tables, errors = declared_tables(repo)
    made.errors += errors
    for table in tables:
        try:
            opened = _opened(connection, table.sources, repo.folder)
            known = event_tables(table.transform, opened)
            real = real_events(table.transform.entity, known, opened, lookback=table.transform.lookback, seed=seed)
            code = batch_code(table.transform, known, connection, real=real)
        except SkewguardError as error:
            made.errors.append(ViewError(feature=table.view, message=str(error)))
            continue
        _add(made, _in_worlds(code, around), path=table.transform.path)
    _add_plain(made, repo, connection, around, seed)
    return made


def _add_plain(made: Made, repo: Repo, connection: sql.Connection, around: Surroundings, seed: int) -> None:
    for spec, view, registered in plain_views(repo):
        try:
            assert spec.source is not None
            opened = open_source(connection, spec.source, folder=repo.folder)
            table = event_table("events", opened)
            entity = tuple(key.column for key in spec.join_keys)
            real = real_events(entity, [table], {"events": opened}, lookback=None, seed=seed)
            code = replace(plain_code(spec, view, table), real=real)
        except SkewguardError as error:
            made.errors.append(ViewError(feature=spec.name, message=str(error)))
            continue
        _add(made, _in_worlds(code, around), registered=registered)


def of_transforms(
    transforms: Sequence[BatchTransform],
    connection: sql.Connection,
    around: Surroundings,
    *,
    trying: Callable[[str], None],
) -> Made:
    """Decorated batch transforms without a repo: the columns of their event tables are found by trial.

    `trying` is told the name of each before that: it may end the process.
    """
    made, watch = Made(), Watch()
    for transform in transforms:
        trying(transform.path)
        try:
            with around.around(World()), _limited(TRIAL_LIMIT):
                tables, why = guessed_tables(transform, connection)
        except _TooLong:
            message = f"it did not answer within {TRIAL_LIMIT:g} s {MADE_UP}"
            made.errors.append(ViewError(feature=transform.path, message=message))
            continue
        except SystemExit as problem:
            made.errors.append(ViewError(feature=transform.path, message=f"it raises {raised(problem)} {MADE_UP}"))
            continue
        except SkewguardError as problem:
            made.errors.append(ViewError(feature=transform.path, message=str(problem)))
            continue
        finally:
            watch.told()  # and put back: the laws will tell of it
        code = batch_code(transform, tables, connection, guessed=True)
        _add(made, _in_worlds(replace(code, unknown=why), around), path=transform.path)
    return made


class _TooLong(BaseException):
    """Raised in the midst of a transform, which may catch every Exception."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Ends what takes longer. It is of the main thread of a process of its own."""

    def end(*_: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def recreated(recipe: Any, around: Surroundings) -> tuple[BatchCode, bool]:
    """A batch code made anew, in a process that has imported nothing; False: what keeps it from that is its answer."""
    shape: BatchCode = recipe.shape
    try:
        if recipe.path is None:
            call = recreated_view(recipe.registered, shape)
        else:
            transform = find_transform(recipe.path)
            assert isinstance(transform, BatchTransform)
            connection = sql.connect() if transform.form is Form.DUCKDB else None  # one for each: nothing is shared
            call = batch_code(transform, shape.tables, connection).call
    except Exception as error:  # whatever the code of a module raises
        lost = raised(error)
        return replace(shape, call=lambda call: Answer(raised=lost)), False
    return _in_worlds(replace(shape, call=call), around), True


def _opened(connection: sql.Connection, sources: Mapping[str, SourceSpec], folder: Path) -> dict[str, Opened]:
    return {name: open_source(connection, spec, folder=folder) for name, spec in sources.items()}


def _add(made: Made, code: BatchCode, *, path: str | None = None, registered: bytes = b"") -> None:
    """The first of a name stands for all: several views may be of one transform."""
    if code.name not in made.recipes:
        made.codes.append(code)
        shape = replace(code, call=_unanswered, fresh=None)
        made.recipes[code.name] = Recipe(shape=shape, path=path, registered=registered)


def _unanswered(call: BatchCall) -> Answer:
    """Stands in for a function on its way to another process."""
    return Answer(raised=Raised(kind="NotHere", message="the function is in another process"))


def _in_worlds(code: BatchCode, surroundings: Surroundings) -> BatchCode:
    """Each call in the world that it asks for, and nothing left of what it did beside answering."""
    inner: Callable[[BatchCall], Answer] = code.call

    def call(asked: BatchCall) -> Answer:
        with surroundings.around(asked.world) as effects:
            try:
                answer = inner(asked)
            except SystemExit as problem:
                answer = Answer(raised=raised(problem))
        return replace(answer, effects=tuple(effects))

    return replace(code, call=call)
