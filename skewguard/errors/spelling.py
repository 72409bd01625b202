"""How errors write an option: as it is typed on the command line, or as it is called in Python.

A text carries both, between marks that no other text holds; whoever shows it chooses one.
"""

from __future__ import annotations

import re
from typing import Any

# Noncharacters of Unicode: `repr` escapes them, so that no value which an error shows can hold one.
BEGIN, OR, END = "\ufdd0", "\ufdd1", "\ufdd2"
ARGUMENTS = ("repo", "offline", "online", "target")
EITHER = re.compile(f"{BEGIN}([^{BEGIN}{END}]*?){OR}([^{BEGIN}{END}]*?){END}", re.DOTALL)


def either(*, typed: str, called: str) -> str:
    """Words that differ between the command line and Python."""
    return f"{BEGIN}{typed}{OR}{called}{END}"


def option(name: str, value: Any = None, *, typed: str | None = None) -> str:
    """An option: `--as-of now`, or `as_of='now'`. A switch has the value True; `typed` is a value as people type it."""
    shown = typed if typed is not None else "" if value in (None, True) else str(value)
    argument = name if value is None else f"{name}={value!r}"
    return either(typed=f"{dashed(name)} {shown}".rstrip(), called=f"`{argument}`")


def dashed(name: str) -> str:
    """The name of an option, or of an argument without dashes, as it is typed."""
    return name.upper() if name in ARGUMENTS else "--" + name.replace("_", "-")


def as_typed(text: str) -> str:
    """The text for the command line."""
    return EITHER.sub(r"\1", text)


def as_called(text: str) -> str:
    """The text for a call in Python."""
    return EITHER.sub(r"\2", text)
