"""Where everything ends: the one place that turns errors into a paragraph and an exit code."""

from __future__ import annotations

import atexit
import errno
import os
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

import click

from skewguard.cli.group import cli
from skewguard.cli.usage import as_ours, keep_where_asked
from skewguard.errors import SkewguardError
from skewguard.errors.base import DiskFull

INTERRUPTED = 130
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
COULD_NOT = 2


def main() -> NoReturn:
    """Run the command line; exit codes are those of INTERFACE.md section 3."""
    if "_SKEWGUARD_COMPLETE" in os.environ:
        cli.main(prog_name="skewguard")
    leave(outcome(sys.argv[1:]))


def leave(code: int) -> NoReturn:
    """End the process, cleaned up, without the interpreter taking itself apart.

    With Feast loaded that takes seconds, in which a signal is no longer heard by us and would decide the exit code.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass  # the reader (`| head`) has seen enough
    except OSError as error:
        say(f"Error: {DiskFull(error.strerror or str(error), 'Standard output')}")
        code = COULD_NOT
    atexit._run_exitfuncs()  # temporary folders, among others
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


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
        if isinstance(error, OSError) and error.errno in FULL:
            say(f"Error: {DiskFull(error.strerror or str(error), error.filename or '')}")
        else:
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
