"""Bad usage as click sees it, told as every other error is: one paragraph, and where a result was to go."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import click

from skewguard.cli.group import COMMANDS
from skewguard.errors import SkewguardError
from skewguard.errors.usage import ArgumentMissing, OptionUnknown, UsageError, ValueMissing, ValueRefused

ABOUT_EARLIER_RUNS = ("compare", "explain", "report")


def as_ours(error: click.ClickException, args: Sequence[str]) -> SkewguardError:
    """The error in our words; `args` are those of the whole line, as click does not always say which command it was."""
    context = getattr(error, "ctx", None)
    named = [each for each in args if each in COMMANDS][:1]
    command = context.command_path if context is not None else " ".join(["skewguard", *named])
    match error:
        case click.NoSuchOption():
            return OptionUnknown(command, error.option_name, _options(context))
        case click.BadOptionUsage() if "requires" in error.message:
            return ValueMissing(command, error.option_name)
        case click.MissingParameter() if error.param is not None:
            return ArgumentMissing(command, _name(error.param), _usage(context))
        case click.BadParameter() if error.param is not None:
            return ValueRefused(command, _name(error.param), error.message)
        case _:
            known = f"Usage: {_usage(context)}." if context is not None else ""
            return UsageError(command, f"`{command}`: {error.format_message().rstrip('.')}.", known=known)


def keep_where_asked(error: SkewguardError, args: Sequence[str]) -> None:
    """Write the error to the files that its command line names for a result, as far as that line can be read."""
    from skewguard.cli.forms import FORMS
    from skewguard.cli.output import Outputs, refused_in_json
    from skewguard.model import Mode

    modes = {"check": Mode.LIVE if "--live" in args else Mode.SANDBOX, "diff": Mode.TABLES, "parity": Mode.TRANSFORMS}
    command = next((each for each in args if each in COMMANDS), "")
    if command in ABOUT_EARLIER_RUNS:
        with refused_in_json(command, _given("--json", args)):
            raise error
    if command not in modes:
        raise error
    with Outputs.of({name: _given(f"--{name}", args) for name in FORMS}).guarded(command=command, mode=modes[command]):
        raise error


def _given(option: str, args: Sequence[str]) -> str | None:
    """The last value that `option` has among the words."""
    beside = [value for name, value in pairwise(args) if name == option]
    joined = [each.partition("=")[2] for each in args if each.startswith(f"{option}=")]
    return next(reversed(beside + joined), None)


def _options(context: click.Context | None) -> list[str]:
    params = [] if context is None else context.command.get_params(context)
    return [name for each in params if isinstance(each, click.Option) for name in each.opts if name.startswith("--")]


def _name(param: click.Parameter) -> str:
    return max(param.opts, key=len) if isinstance(param, click.Option) else param.human_readable_name


def _usage(context: click.Context | None) -> str:
    return "" if context is None else " ".join(context.get_usage().split()).removeprefix("Usage: ")
