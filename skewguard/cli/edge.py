"""Where everything ends: the one place that turns errors into a paragraph and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn

import click

from skewguard.cli.group import cli
from skewguard.cli.usage import as_ours, keep_where_asked
from skewguard.errors import SkewguardError

INTERRUPTED = 130
COULD_NOT = 2


def main() -> NoReturn:
    """Run the command line; exit codes are those of INTERFACE.md section 3."""
    if "_SKEWGUARD_COMPLETE" in os.environ:
        cli.main(prog_name="skewguard")
    code = outcome(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; without this the interpreter would complain while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def outcome(args: list[str]) -> int:
    """The exit code of the command line `args`. click's own `main` would exit 1 on errors, which means skew here."""
    try:
        return _run(list(args))
    except click.exceptions.Exit as request:
        return request.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
    except (KeyboardInterrupt, click.Abort):
        say("Interrupted.")
        return INTERRUPTED
    except SkewguardError as error:
        say(f"Error: {error}")
        return error.exit_code
    except Exception as error:
        say(defect(error))
    return COULD_NOT


def _run(args: list[str]) -> int:
    try:
        with cli.make_context("skewguard", list(args)) as context:  # which takes the words out of what it is given
            return int(cli.invoke(context) or 0)
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.ClickException as error:
        keep_where_asked(as_ours(error, args), args)
        raise


def say(text: str) -> None:
    """A line to standard error, where nobody may be listening."""
    from skewguard.credentials import without_credentials
    from skewguard.report.plain import safe_paragraph

    try:
        click.echo(safe_paragraph(without_credentials(text)), err=True)
    except OSError:
        return


def defect(error: Exception) -> str:
    """What to say of an error that no class of ours foresaw: it is our fault, and how to report it."""
    if os.environ.get("SKEWGUARD_TRACEBACK"):
        traceback.print_exception(error, file=sys.stderr)
    last = " ".join(traceback.format_exception_only(error)[-1].split())
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"Error: this is a defect of skewguard, not of your repo: {last} (line {frame.lineno} of {frame.filename}). "
        "The ledger holds every run whole or not at all. SKEWGUARD_TRACEBACK=1 shows the traceback; please report it."
    )
