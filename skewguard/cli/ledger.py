"""`skewguard sql` and `skewguard runs`: the command line around questions to the ledger."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skewguard.cli import options
from skewguard.cli.output import STANDARD_OUTPUT, put, spare
from skewguard.errors.config import OptionError, OutputUnwritable

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("table", "csv", "json", "parquet")
STANDARD_INPUT = "-"

output_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    default=None,
    callback=lambda _context, _option, file: None if file == STANDARD_OUTPUT else file,
    help="Write to this file.  [default: standard output]",
)
format_options = options.stacked(
    [
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            default="table",
            show_default=True,
            help="table is for people; the others are for machines.",
        ),
        output_option,
        options.db_option,
    ]
)


class Asking(click.Command):
    """A command to which a statement that begins with a comment (`-- why`, and a line break) is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, such statements kept apart from options by a space before them."""
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        names = {name for each in options for name in each.opts}
        valued = {name for each in options if not each.is_flag for name in each.opts}
        before = ["", *args]
        return super().parse_args(
            ctx,
            [
                f" {word}" if _is_comment(word, names) and before[at] not in valued else word
                for at, word in enumerate(args)
            ],
        )


def _is_comment(word: str, options: Collection[str]) -> bool:
    return word.startswith("--") and ("\n" in word or word.startswith("-- ")) and word.split("=")[0] not in options


@click.command(cls=Asking)
@click.argument("query")
@format_options
def sql(query: str, form: str, output: str | None, db: str | None) -> int:
    """Run SQL on the ledger, read-only.

    QUERY is one SELECT, FROM, WITH, PIVOT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN; `-` reads it from standard input.
    It sees the tables runs, features, entity_rows, diffs, laws, remarks, waived, contract, examples, places,
    latency, leakage, waivers and event_times, and the views latest_features, latest_diffs, causes and trend, and
    nothing else: no file, no setting, no other database. Times are UTC.

    \b
    skewguard sql "from latest_features"
    skewguard sql "select cause, count(*) from latest_diffs where skewed group by cause"
    skewguard sql --format csv "from diffs where feature = 'driver_stats:conv_rate'"

    Exits 0, or 2 where the question could not be answered.
    """
    refuse_binary_to_terminal(form, output)
    from skewguard.pipeline import history

    asked = sys.stdin.read() if query == STANDARD_INPUT else query
    emit(history.ask(asked, db=db, here=Path.cwd()), form, output)
    return 0


@click.command()
@options.text("--keep", "N", "Drop all but the newest N runs.")
@format_options
def runs(keep: str | None, form: str, output: str | None, db: str | None) -> int:
    """List the runs in the ledger, newest first.

    A RUN, where a command takes one, is an id of this list, the beginning of one, `latest`, or `latest~1` for the one
    before it. Exits 0, or 2 where the ledger cannot be read.
    """
    refuse_binary_to_terminal(form, output)
    from skewguard.pipeline import history

    if keep is not None:
        dropped = history.keep(keep, db=db, here=Path.cwd())
        click.echo(f"Dropped {dropped:,} run{'' if dropped == 1 else 's'}.", err=True)
    found = history.runs(db=db, here=Path.cwd())
    if form == "table" and output is None and sys.stdout.isatty():
        from skewguard.report import rows

        found = rows.leading(found, shutil.get_terminal_size().columns)
    emit(found, form, output)
    return 0


def emit(table: pa.Table, form: str, output: str | None) -> None:
    """An answer in the form that was asked for, to the file or to standard output."""
    from skewguard.report import rows

    if output is not None:
        pieces = (line.encode() for line in rows.as_text(table)) if form == "table" else rows.FILES[form](table)
        save(Path(output), pieces)
    elif form == "table":
        terminal = sys.stdout.isatty()
        columns = shutil.get_terminal_size().columns if terminal else None
        count = f"({table.num_rows:,} row{'' if table.num_rows == 1 else 's'})\n" if terminal else ""
        put(sys.stdout, "".join(rows.as_text(table, columns=columns)) + count)
    else:
        _pour(rows.FILES[form](table))


def _pour(pieces: Iterable[bytes]) -> None:
    """To standard output as the bytes they are, until the reader has seen enough."""
    stream: Any = sys.stdout.buffer
    try:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it exits; let that go nowhere rather than fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def save(path: Path, pieces: Iterable[bytes]) -> None:
    """A file of these pieces, whole or not at all. Raises OutputUnwritable."""
    spare("output", path)
    try:
        if path.exists() and not path.is_file():  # a pipe or a device: there is nothing to replace
            with path.open("wb") as stream:
                stream.writelines(pieces)
            return
        # Beside the file and then in its place, so that whoever reads it never sees half an answer.
        with tempfile.TemporaryDirectory(prefix=".skewguard-", dir=path.parent) as folder:
            part = Path(folder) / "part"
            with part.open("wb") as stream:
                stream.writelines(pieces)
            part.replace(path)
    except OSError as error:
        raise OutputUnwritable("output", path, error.strerror or str(error)) from error


def refuse_binary_to_terminal(form: str, output: str | None) -> None:
    """Raise where Parquet would go to a terminal."""
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise OptionError(
            "format", form, "it is binary and would garble the terminal", next_step="Add -o FILE, or redirect it."
        )
