"""Reads a lock back, and says in the user's words what is wrong with one that cannot be read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from skewguard.errors.lock import LockConflict, LockMissing, LockNewer, LockUnreadable
from skewguard.locking.locked import VERSION, Facts, Lock, LockedView, Text

MARK = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
T = TypeVar("T")


def read_lock(path: Path) -> Lock:
    """The lock in the file. Errors: LockMissing, LockUnreadable, LockConflict, LockNewer."""
    if not path.exists():
        raise LockMissing(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LockUnreadable(path, str(error)) from error
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = MARK.search(text)
        if found is not None:
            raise LockConflict(path, text.count("\n", 0, found.start()) + 1) from error
        raise LockUnreadable(path, f"it is not TOML: {error}") from error
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise LockUnreadable(path, "it has no `version`, so it is no lock of skewguard's")
    if version > VERSION:
        raise LockNewer(path, version, VERSION)
    try:
        return _lock(document)
    except _Misshapen as error:
        raise LockUnreadable(path, str(error)) from error


class _Misshapen(Exception):
    """A part of the file is not what it should be."""


def _lock(document: Mapping[str, Any]) -> Lock:
    project = document.get("project")
    if not isinstance(project, str):
        raise _Misshapen("it names no project")
    views = _table(document, "views", "the file")
    services = _table(document, "services", "the file")
    lock = Lock(
        project=project,
        views={name: _view(name, _mapping(each, f"views.{name}")) for name, each in views.items()},
        services={name: _lists(_mapping(each, f"services.{name}"), name) for name, each in services.items()},
        aliases=_each(_table(document, "aliases", "the file"), "aliases"),
        libraries=_texts(_table(document, "libraries", "the file"), "libraries"),
    )
    for name, alias in lock.aliases.items():
        if not isinstance(alias.get("view"), str):
            raise _Misshapen(f"the alias {name} names no view")
    return lock


def _view(name: str, table: Mapping[str, Any]) -> LockedView:
    where = f"views.{name}"
    return LockedView(
        facts={key: _text(value, f"{where}.{key}") for key, value in table.items() if not isinstance(value, dict)},
        features=_each(_table(table, "features", where), where),
        source=_facts(_table(table, "source", where), where),
        events=_each(_table(table, "events", where), where),
        transform=_facts(_table(table, "transform", where), where),
        code=_texts(_table(table, "code", where), where),
    )


def _each(table: Mapping[str, Any], where: str) -> dict[str, Facts]:
    return {name: _facts(_mapping(each, f"{where}.{name}"), f"{where}.{name}") for name, each in table.items()}


def _facts(table: Mapping[str, Any], where: str) -> Facts:
    return {name: _text(value, f"{where}.{name}") for name, value in table.items()}


def _lists(table: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    return {
        name: _typed(_text(value, f"services.{where}"), tuple, f"services.{where}") for name, value in table.items()
    }


def _texts(table: Mapping[str, Any], where: str) -> dict[str, str]:
    return {name: _typed(value, str, f"{where}.{name}") for name, value in table.items()}


def _text(value: Any, where: str) -> Text:
    if isinstance(value, list):
        return tuple(_typed(each, str, where) for each in value)
    return _typed(value, str, where)


def _table(table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    return _mapping(table.get(key, {}), f"`{key}` of {where}")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    return _typed(value, dict, where)


def _typed(value: Any, wanted: Callable[..., T], where: str) -> T:
    if type(value) is not wanted:
        raise _Misshapen(f"{where} is not what `skewguard lock` writes there")
    made: T = value
    return made
