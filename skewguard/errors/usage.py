"""Errors about: a command line that is not one, by its words rather than by what they mean. `command` is as typed."""

from __future__ import annotations

from collections.abc import Iterable

from skewguard.errors.base import SkewguardError, near


class UsageError(SkewguardError):
    """Base of this module's errors, and what to say where none of them says it better."""

    def __init__(self, command: str, what: str, *, known: str = "") -> None:
        super().__init__(what, known=known, next_step=f"`{command} --help` explains it.")


class UnknownCommand(UsageError):
    """No command has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__("skewguard", f"skewguard has no command {name!r}.", known=near(name, known))


class OptionUnknown(UsageError):
    """The command has no such option."""

    def __init__(self, command: str, name: str, known: Iterable[str]) -> None:
        super().__init__(command, f"`{command}` has no option {name!r}.", known=near(name, known))


class ValueMissing(UsageError):
    """An option that takes a value stands at the end, without one."""

    def __init__(self, command: str, name: str) -> None:
        super().__init__(command, f"Option `{name}` of `{command}` has no value.")


class ArgumentMissing(UsageError):
    """What the command is about was not said."""

    def __init__(self, command: str, name: str, usage: str) -> None:
        super().__init__(command, f"`{command}` needs {name}.", known=f"Usage: {usage}.")


class ValueRefused(UsageError):
    """An option or argument has a value that it cannot have."""

    def __init__(self, command: str, name: str, why: str) -> None:
        super().__init__(command, f"`{name}` of `{command}` cannot be used: {why.rstrip('.')}.")
