"""`skewguard build`: brings the tables of batch transforms up to date, for a repo or privately for a check."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from skewguard.build import BuiltTable, build_table, outdated
from skewguard.errors import SkewguardError
from skewguard.errors.check import UnknownName
from skewguard.errors.definition import NoTablesError
from skewguard.feature_store.declared import DeclaredTable, declared_tables
from skewguard.feature_store.load import Repo, open_repo
from skewguard.model import ViewError


@dataclass(frozen=True, kw_only=True)
class TableBuild:
    """One view's table after a build: `built`, or the `error` that kept it as it was."""

    view: str
    built: BuiltTable | None = None
    error: str | None = None
    seconds: float = 0.0


def build(
    folder: Path,
    *,
    yaml: Path | None = None,
    views: Iterable[str] = (),
    whole: bool = False,
    told: Callable[[TableBuild], None] | None = None,
) -> tuple[TableBuild, ...]:
    """Build the tables of `views` (all where none is named) of the Feast repo in `folder`; one failing stops no other.

    `told` hears of each as soon as it is done. Errors: those of opening a repo; UnknownName; NoTablesError.
    """
    done = []
    with open_repo(folder=folder, yaml=yaml) as repo:
        tables, errors = declared_tables(repo)
        for job in _chosen(repo, tables, errors, tuple(views)):
            outcome = _one(job, repo, whole)
            done.append(outcome)
            if told is not None:
                told(outcome)
    return tuple(done)


def fresh_tables(repo: Repo, folder: Path, views: Iterable[str]) -> tuple[dict[str, Path], tuple[ViewError, ...]]:
    """For a check: where the up-to-date table of each decorated view among `views` lies.

    The repo's own table where it is current, else one built into `folder`; nothing in the repo is touched. `repo`
    must still be open.
    """
    wanted, paths = set(views), {}
    tables, errors = declared_tables(repo)
    failed = [each for each in errors if each.feature in wanted]
    for at, table in enumerate(each for each in tables if each.view in wanted):
        try:
            if outdated(table.transform, table.sources, table.path, folder=repo.folder) is None:
                paths[table.view] = table.path
            else:
                paths[table.view] = folder / f"built-{at}.parquet"
                build_table(table.transform, table.sources, paths[table.view], folder=repo.folder)
        except SkewguardError as error:
            failed.append(ViewError(feature=table.view, message=str(error)))
    return paths, tuple(failed)


def _chosen(
    repo: Repo, tables: tuple[DeclaredTable, ...], errors: tuple[ViewError, ...], views: tuple[str, ...]
) -> list[DeclaredTable | ViewError]:
    jobs: dict[str, DeclaredTable | ViewError] = {each.view: each for each in tables}
    jobs |= {each.feature: each for each in errors}
    if not jobs:
        raise NoTablesError(str(repo.folder))
    for name in views:
        if name not in jobs:
            raise UnknownName("view", name, jobs)
    return [jobs[name] for name in (views or jobs)]


def _one(table: DeclaredTable | ViewError, repo: Repo, whole: bool) -> TableBuild:
    if isinstance(table, ViewError):
        return TableBuild(view=table.feature, error=table.message)
    began = time.perf_counter()
    try:
        built = build_table(table.transform, table.sources, table.path, folder=repo.folder, whole=whole)
    except SkewguardError as error:
        return TableBuild(view=table.view, error=str(error), seconds=time.perf_counter() - began)
    return TableBuild(view=table.view, built=built, seconds=time.perf_counter() - began)
