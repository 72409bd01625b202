"""Where a result goes: people's text to a stream, and each other form to the file that was asked for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from skewguard.cli.ci import commands, summarise
from skewguard.cli.forms import FORMS
from skewguard.cli.standin import no_result
from skewguard.credentials import without_credentials
from skewguard.errors import SkewguardError
from skewguard.errors.config import OptionError, OutputUnwritable
from skewguard.model import Mode, Outcome
from skewguard.report import json, text
from skewguard.report.plain import safe_paragraph
from skewguard.version import __version__

STANDARD_OUTPUT = "-"
DATABASE_MAGIC = b"DUCK"  # at byte 8
WIDTH_OF_A_LOG = 100


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What `--json FILE` and its like asked for: form -> file, or `-`."""

    files: Mapping[str, str]
    quiet: bool = False

    @classmethod
    def of(cls, options: dict[str, Any], *, quiet: bool = False) -> Outputs:
        """Takes the output options out of a command's `options`."""
        asked = {name: options.pop(name, None) for name in FORMS}
        return cls(files={name: file for name, file in asked.items() if file is not None}, quiet=quiet)

    @classmethod
    def of_call(cls, options: dict[str, Any]) -> Outputs:
        """The same out of the arguments of a call, which may be Paths. Raises OptionError."""
        for name in FORMS.keys() & options.keys():
            if not isinstance(options[name], str | Path | None):
                raise OptionError(name, options[name], "a file to write is needed, or `-` for standard output")
            options[name] = None if options[name] is None else str(options[name])
        return cls.of(options)

    def verify(self) -> None:
        """Says before any work is done which of them cannot be written."""
        for name, file in self.files.items():
            _must_be_writable(name, file)
        self._must_be_apart()

    def spare(self, *read: str | Path) -> None:
        """Refuse to write over what is read, or `FILE.duckdb::table`."""
        for name, file in self.files.items():
            spare(name, file, *(Path(str(each).partition("::")[0]) for each in read))

    def _must_be_apart(self) -> None:
        taken: dict[str, str] = {}
        for name, file in self.files.items():
            path = Path(file)
            if file != STANDARD_OUTPUT and path.exists() and not path.is_file():
                continue  # a device or a pipe takes whatever comes
            other = taken.setdefault(file if file == STANDARD_OUTPUT else str(path.absolute()), name)
            if other != name:
                raise OutputUnwritable(name, path, f"--{other} goes there too")

    @property
    def people(self) -> TextIO:
        """The stream for people's text: standard error where standard output holds something for a machine."""
        return sys.stderr if STANDARD_OUTPUT in self.files.values() else sys.stdout

    def emit(self, outcome: Outcome, *, anew: bool = True) -> int:
        """Write every form of the result; the exit code. A result that is `anew` is told to the CI around us, too."""
        stream = self.people
        columns = shutil.get_terminal_size().columns if stream.isatty() else WIDTH_OF_A_LOG
        colour = wants_colour(stream)
        if self.quiet:
            said = text.verdict_only(outcome, colour=colour)
        else:
            said = text.render(outcome, columns=columns, colour=colour, here=Path.cwd())
        self.write(outcome)
        put(stream, said)
        if anew:
            summarise(outcome)
            put(stream, commands(outcome))
        if stream is sys.stdout and not (sys.stdout.isatty() and sys.stderr.isatty()):
            # A person has just read them; a log that keeps the two streams apart needs them in the one for errors.
            for error in outcome.errors:
                put(sys.stderr, safe_paragraph(f"Error in {error.feature}: {error.message}") + "\n")
        return outcome.exit_code

    def write(self, outcome: Outcome) -> None:
        """Write every form of the result, and say nothing."""
        rendered = [(name, file, FORMS[name].render(outcome, outcome.ledger)) for name, file in self.files.items()]
        for name, file, content in rendered:  # once all are known to be: none is written of what cannot be told whole
            _write(name, file, content)

    @contextmanager
    def guarded(self, *, command: str, mode: Mode, repo: Path | None = None, told: bool = True) -> Iterator[None]:
        """Around all that finds a result: an error is written to the files too, in the place of the result.

        And it is `told` to the CI around us.
        """
        try:
            self.verify()
            yield
        except Exception as error:
            if not isinstance(error, OutputUnwritable):
                code = error.exit_code if isinstance(error, SkewguardError) else SkewguardError.exit_code
                self._emit_error(
                    command=command, mode=mode, repo=repo, message=without_credentials(str(error)), exit_code=code,
                    told=told,
                )  # fmt: skip
            raise

    def _emit_error(
        self, *, command: str, mode: Mode, repo: Path | None, message: str, exit_code: int, told: bool
    ) -> None:
        instead = no_result(command=command, mode=mode, repo=repo, message=message, exit_code=exit_code)
        for name, file in self.files.items():
            if name == "json":
                of_error = json.error_object(
                    command=command,
                    mode=mode,
                    repo=instead.run.repo,
                    message=message,
                    exit_code=exit_code,
                    skewguard=__version__,
                )
                _write(name, file, json.dumped(of_error))
            elif name in FORMS and FORMS[name].of_errors:
                _write(name, file, FORMS[name].render(instead, None))
        if told:
            summarise(instead)
            put(self.people, commands(instead))


@contextmanager
def refused_in_json(command: str, file: str | None) -> Iterator[None]:
    """Around a command about earlier runs: an error is written as JSON, too, where that was asked for in `file`."""
    if file is not None:
        _must_be_writable("json", file)
    try:
        yield
    except Exception as error:
        if file is not None and not isinstance(error, OutputUnwritable):
            code = error.exit_code if isinstance(error, SkewguardError) else SkewguardError.exit_code
            said = json.refusal(command, message=without_credentials(str(error)), exit_code=code)
            _write("json", file, json.dumped(said))
        raise


def put(stream: TextIO, content: str) -> None:
    """Write text for people or a pipe; a reader who has seen enough does not change the exit code."""
    try:
        stream.write(content.encode(stream.encoding or "utf-8", "backslashreplace").decode(stream.encoding or "utf-8"))
        stream.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it exits; let that go nowhere rather than fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def wants_colour(stream: TextIO) -> bool:
    """Colour is for a terminal whose user did not say no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_text(option: str, file: str, content: str) -> None:
    """What an option sends to a file, or to standard output. Raises OutputUnwritable."""
    if file != STANDARD_OUTPUT:
        _must_be_writable(option, file)
    _write(option, file, content)


def _write(name: str, file: str, content: str) -> None:
    if file == STANDARD_OUTPUT:
        put(sys.stdout, content)
        return
    path = Path(file)
    spare(name, file)  # a ledger may have come into being since the look before
    # Beside the file and then in its place, so that whoever reads it never sees half a result.
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device: there is nothing to replace
            path.write_text(content, encoding="utf-8", errors="backslashreplace")
            return
        part.write_text(content, encoding="utf-8", errors="backslashreplace")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputUnwritable(name, path, error.strerror or str(error)) from error


def spare(name: str, file: str | Path, *read: Path) -> None:
    """Refuse to replace what holds the user's rows: a database, such as a ledger, or a table that is read."""
    path = Path(file)
    if file == STANDARD_OUTPUT or not path.is_file():
        return
    if any(each.is_file() and path.samefile(each) for each in read):
        raise OutputUnwritable(name, path, "it is what is read here")
    with suppress(OSError), path.open("rb") as opened:
        if opened.read(12)[8:] == DATABASE_MAGIC:
            raise OutputUnwritable(name, path, "it is a DuckDB database, such as a ledger, which would be lost")


def _must_be_writable(name: str, file: str) -> None:
    if file == STANDARD_OUTPUT:
        return
    path = Path(file)
    spare(name, file)
    if path.is_dir():
        raise OutputUnwritable(name, path, "it is a folder")
    if not path.parent.is_dir():
        raise OutputUnwritable(name, path, "its folder does not exist")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OutputUnwritable(name, path, "permission denied")
