"""`skewguard lock`: what a repo defines now, held against what its skewguard.lock says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.config import ContractRule, contract_for
from skewguard.contract import Contract
from skewguard.errors.lock import LockConflict, LockMissing, LockOfAnother, LockUnreadable
from skewguard.locking import Change, Lock, LockedView, changes, read_lock, write_lock
from skewguard.locking.changes import What
from skewguard.model import Verdict, ViewError
from skewguard.pipeline import given
from skewguard.pipeline.locked_views import locked_view, words_of_keys
from skewguard.pipeline.options import CheckOptions

if TYPE_CHECKING:
    from skewguard.feature_store.load import Repo

LOCK = "skewguard.lock"
PROJECT = "pyproject.toml"
CHANGED, COULD_NOT = 1, 2
VERDICTS = {0: Verdict.PASS, CHANGED: Verdict.FAIL, COULD_NOT: Verdict.ERROR}


@dataclass(frozen=True, kw_only=True)
class Locking:
    """What locking a repo, or checking its lock, came to. `written` is False too where nothing had changed."""

    checked: bool = False
    repo: Path
    project: str
    path: Path
    lock: Lock
    changes: tuple[Change, ...] = ()
    errors: tuple[ViewError, ...] = ()
    written: bool = False

    @property
    def definitions(self) -> tuple[Change, ...]:
        """The changes without those of library versions, in which machines may differ."""
        return tuple(each for each in self.changes if each.about is not What.LIBRARY)

    @property
    def exit_code(self) -> int:
        """As of `skewguard lock`: 1 where a check found a change, 2 where something could not be told."""
        if self.checked and self.changes:
            return CHANGED
        return COULD_NOT if self.errors else 0

    @property
    def verdict(self) -> Verdict:
        """What the exit code says."""
        return VERDICTS[self.exit_code]

    def to_json(self) -> str:
        """The object that `skewguard lock --json` writes."""
        changed = [
            {
                "subject": each.subject,
                "about": str(each.about),
                "what": each.words,
                "features": list(each.features),
                "services": list(each.services),
            }
            for each in self.changes
        ]
        return lock_json(
            self.exit_code,
            repo=str(self.repo),
            project=self.project,
            lock=str(self.path),
            written=self.written,
            changes=changed,
            services=list(self.services),
            errors=[{"feature": each.feature, "message": each.message} for each in self.errors],
        )

    @property
    def services(self) -> tuple[str, ...]:
        """Every feature service that a change reaches."""
        return tuple(sorted({service for change in self.changes for service in change.services}))


def lock_json(exit_code: int, **told: Any) -> str:
    """The object that `skewguard lock --json` writes; what is not `told`, as by a run without a result, is empty."""
    found = {
        "schema_version": 1,
        "command": "lock",
        "verdict": str(VERDICTS[exit_code]),
        "exit_code": exit_code,
        "repo": None,
        "project": None,
        "lock": None,
        "written": False,
        "changes": [],
        "services": [],
        "errors": [],
        **told,
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def lock_as_asked(asked: CheckOptions, path: str | Path | None, *, check: bool, any_version: bool) -> Locking:
    """What the command and its Python call do with the repo that `asked` names and the lock at `path`."""
    file = None if path is None else given.read("lock", given.path, path).absolute()
    if check:
        return check_lock(
            asked.repo, yaml=asked.feature_store_yaml, contracts=asked.contracts, path=file, any_version=any_version
        )
    return lock(asked.repo, yaml=asked.feature_store_yaml, contracts=asked.contracts, path=file)


def lock(
    folder: Path, *, yaml: Path | None = None, contracts: tuple[ContractRule, ...] = (), path: Path | None = None
) -> Locking:
    """Write the lock of the repo in `folder`. Errors: those of opening a repo, and of `skewguard.errors.lock`."""
    return _lock(folder, yaml, contracts, path, write=True, any_version=False)


def check_lock(
    folder: Path,
    *,
    yaml: Path | None = None,
    contracts: tuple[ContractRule, ...] = (),
    path: Path | None = None,
    any_version: bool = False,
) -> Locking:
    """Compare the repo with its lock; `any_version` looks past the versions of libraries. Errors: as above."""
    return _lock(folder, yaml, contracts, path, write=False, any_version=any_version)


def _lock(
    folder: Path,
    yaml: Path | None,
    contracts: tuple[ContractRule, ...],
    path: Path | None,
    *,
    write: bool,
    any_version: bool,
) -> Locking:
    from skewguard.feature_store.load import open_repo

    path = path or default_lock(folder)
    before = _before(path, write=write)
    with open_repo(folder=folder, yaml=yaml) as repo:
        found = _held(repo, contracts, path, before)
    if any_version:
        found = replace(found, changes=found.definitions)
    return replace(found, written=write_lock(path, found.lock)) if write else replace(found, checked=True)


def compared(repo: Repo, contracts: tuple[ContractRule, ...], path: Path) -> Locking:
    """An open repo held against the lock in `path`. Errors: those of `skewguard.errors.lock`."""
    return _held(repo, contracts, path, read_lock(path))


def _held(repo: Repo, contracts: tuple[ContractRule, ...], path: Path, before: Lock | None) -> Locking:
    now, errors = lock_of(repo, contracts)
    if before is not None and before.project != now.project:
        raise LockOfAnother(path, before.project, now.project)
    told = () if before is None else changes(before, now, unknown=[each.feature for each in errors])
    return Locking(repo=repo.folder, project=now.project, path=path, lock=now, changes=told, errors=errors)


def _before(path: Path, *, write: bool) -> Lock | None:
    """The lock as it is. Where it is to be written, a broken one is no obstacle; one of a later version is."""
    try:
        return read_lock(path)
    except (LockMissing, LockUnreadable, LockConflict):
        if write:
            return None
        raise


def default_lock(folder: Path) -> Path:
    """Beside the project's pyproject.toml, else in the repo; no further up than the folder that git keeps."""
    folder = folder.resolve()
    for each in (folder, *folder.parents):
        if (each / PROJECT).is_file():
            return each / LOCK
        if (each / ".git").exists():
            break
    return folder / LOCK


def lock_of(repo: Repo, contracts: tuple[ContractRule, ...]) -> tuple[Lock, tuple[ViewError, ...]]:
    """What the repo defines, which must still be open, and the views of which that cannot be said."""
    from skewguard.feature_store.defined import defined_services, defined_views
    from skewguard.feature_store.quiet import quiet

    with quiet():
        views, errors = defined_views(repo)
        services, aliases = defined_services(repo)
        locked: dict[str, LockedView] = {}
        libraries: dict[str, str] = {}
        root = default_lock(repo.folder).parent
        for view in views:
            agreed = {name: _contract(view.name, name, view.contracts, contracts) for name in view.features}
            locked[view.name], reached = locked_view(view, agreed, repo.folder, root)
            libraries.update(reached)
    return (
        Lock(
            project=repo.project,
            views=locked,
            services=services,
            aliases={each.name: {"view": each.view, "join_keys": words_of_keys(each.join_keys)} for each in aliases},
            libraries=libraries,
        ),
        errors,
    )


def _contract(view: str, feature: str, declared: Mapping[str, Contract], rules: tuple[ContractRule, ...]) -> Contract:
    return contract_for(f"{view}:{feature}", declared.get(feature, Contract()), rules)
