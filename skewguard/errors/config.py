"""Errors about what a user set: an option of a command or call, or a line of `[tool.skewguard]`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from skewguard.errors.base import SkewguardError, near
from skewguard.errors.spelling import ARGUMENTS, dashed, either


class ConfigError(SkewguardError):
    """Something was set to what it cannot be."""


class OptionError(ConfigError):
    """An option has a value, or company, that it cannot have."""

    def __init__(self, option: str, value: Any, why: str, *, next_step: str = "") -> None:
        if isinstance(value, tuple) and len(value) == 1:
            value = value[0]  # one word of an option that may be repeated
        if value is None:
            said = f"{_option(option)} is not given"
        else:
            said = either(typed=f"{_typed(option)} is {value!r}", called=f"Argument `{option}={value!r}`")
        super().__init__(f"{said}: {why}.", next_step=next_step)


class OptionsDisagree(ConfigError):
    """Two options that exclude each other."""

    def __init__(self, first: str, second: str, why: str) -> None:
        super().__init__(
            f"{either(typed='Options', called='Arguments')} {_quoted(first)} and {_quoted(second)} cannot be given "
            f"together: {why}.",
            next_step="Leave one of them out.",
        )


class OptionNeeds(ConfigError):
    """An option that means something beside another one only."""

    def __init__(self, option: str, other: str, why: str) -> None:
        super().__init__(
            f"{_option(option)} needs {_quoted(other)}: {why}.",
            next_step=f"Add {_quoted(other)}, or leave {_quoted(option)} out.",
        )


class UnknownOption(ConfigError):
    """A call in Python names an option that does not exist."""

    def __init__(self, option: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no {either(typed='option', called='argument')} `{option}`.", known=near(option, known)
        )


class OutputUnwritable(ConfigError):
    """A file that a report should go to cannot be written."""

    def __init__(self, option: str, path: Path, why: str) -> None:
        super().__init__(
            f"{_option(option)} cannot write {path}: {why}.",
            next_step="Name a file in an existing folder that you may write to, or `-` for standard output.",
        )


class ConfigUnreadable(ConfigError):
    """pyproject.toml is not TOML, or cannot be read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be read: {why}.", next_step="Correct the file, or run from another folder.")


class UnknownKey(ConfigError):
    """A key of `[tool.skewguard]` that means nothing."""

    def __init__(self, path: Path, table: str, key: str, known: Iterable[str]) -> None:
        super().__init__(
            f"{path}, [{table}]: `{key}` is not a key of this table.",
            known=near(key, known),
            next_step="Correct or remove it: a key that nothing reads would promise what nothing checks.",
        )


class KeyMissing(ConfigError):
    """A table of `[tool.skewguard]` that leaves out what it must say."""

    def __init__(self, path: Path, table: str, keys: Iterable[str], which: str = "") -> None:
        missing = ", ".join(f"`{key}`" for key in keys)
        super().__init__(
            f"{path}, [{table}]{f' ({which})' if which else ''}: {missing} is missing.",
            next_step="Say it: a waiver without a cause, a reason, an owner and a last day would outlive its purpose.",
        )


class BadValue(ConfigError):
    """A key of `[tool.skewguard]` whose value cannot be used."""

    def __init__(self, path: Path, table: str, key: str, value: Any, why: str) -> None:
        super().__init__(f"{path}, [{table}]: `{key}` is {value!r}: {why}.", next_step="Correct it there.")


def _option(name: str) -> str:
    return either(typed=_typed(name), called=f"Argument `{name}`")


def _typed(name: str) -> str:
    return f"{'Argument' if name in ARGUMENTS else 'Option'} `{dashed(name)}`"


def _quoted(name: str) -> str:
    return either(typed=f"`{dashed(name)}`", called=f"`{name}`")
