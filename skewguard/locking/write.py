"""Writes a lock: sorted TOML without times and machine paths, the same bytes whenever the definitions are the same."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from skewguard.errors.lock import LockNotOurs, LockUnwritable
from skewguard.locking.locked import HEADING, VERSION, Facts, Lock, LockedView, Text

INTRODUCTION = (
    f"{HEADING}: what every feature of this repo was when somebody last agreed to it.\n"
    "# Written by `skewguard lock`, compared by `skewguard lock --check`; no hand needs to edit it.\n"
)
BARE = re.compile(r"[A-Za-z0-9_-]+")
UNTOLD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


def lock_text(lock: Lock) -> str:
    """The whole file."""
    lines = [INTRODUCTION, f"version = {VERSION}", f"project = {_string(lock.project)}", ""]
    lines += _table(("libraries",), lock.libraries)
    for name, asked in sorted(lock.services.items()):
        lines += _table(
            ("services", name), {view: tuple(sorted(set(each))) for view, each in asked.items()}, empty=True
        )
    for name, alias in sorted(lock.aliases.items()):
        lines += _table(("aliases", name), alias)
    for name, view in sorted(lock.views.items()):
        lines += _view(name, view)
    return "\n".join(lines).rstrip("\n") + "\n"


def write_lock(path: Path, lock: Lock) -> bool:
    """Replace the file whole; False where it says so already. Errors: LockNotOurs, LockUnwritable."""
    text = lock_text(lock).encode("utf-8")
    try:
        before = path.read_bytes() if path.exists() else None
        if before == text:
            return False
        if before and HEADING.encode() not in before:
            raise LockNotOurs(path)
        _replace(path, text)
    except OSError as error:
        raise LockUnwritable(path, error.strerror or str(error)) from error
    return True


def _replace(path: Path, text: bytes) -> None:
    # Beside the file and then in its place, so that whoever reads it never sees half a lock.
    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(text)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _view(name: str, view: LockedView) -> Iterator[str]:
    yield from _table(("views", name), view.facts, empty=True)
    yield from _table(("views", name, "source"), view.source)
    for event, facts in sorted(view.events.items()):
        yield from _table(("views", name, "events", event), facts)
    yield from _table(("views", name, "transform"), view.transform)
    yield from _table(("views", name, "code"), view.code)
    if view.features:
        yield _heading(("views", name, "features"))
        for feature, promises in sorted(view.features.items()):
            inline = ", ".join(f"{_key(key)} = {_value(value)}" for key, value in sorted(promises.items()))
            yield f"{_key(feature)} = {{ {inline} }}"
        yield ""


def _table(path: tuple[str, ...], facts: Facts | Mapping[str, str], *, empty: bool = False) -> Iterator[str]:
    if facts or empty:
        yield _heading(path)
        yield from (f"{_key(key)} = {_value(value)}" for key, value in sorted(facts.items()))
        yield ""


def _heading(path: tuple[str, ...]) -> str:
    return f"[{'.'.join(map(_key, path))}]"


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _string(name)


def _value(value: Text) -> str:
    if isinstance(value, str):
        return _string(value)
    if len(value) < 2:
        return f"[{', '.join(map(_string, value))}]"
    return "[\n" + "".join(f"  {_string(each)},\n" for each in value) + "]"  # a line each: a diff shows one


def _string(text: str) -> str:
    """A basic string of TOML, which is one of JSON that also escapes what editors show wrongly or not at all."""
    return UNTOLD.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\\ufffd" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"  # half a character is none in TOML
