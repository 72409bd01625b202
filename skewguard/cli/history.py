"""`skewguard compare` and `skewguard explain`: the command line around what earlier runs found."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TextIO

import click

from skewguard.cli import options
from skewguard.cli.ledger import emit, format_options, output_option, refuse_binary_to_terminal, save
from skewguard.cli.output import STANDARD_OUTPUT, put, refused_in_json

WIDTH_OF_A_LOG = 100
json_option = options.text("--json", "FILE", "Write all of it as one JSON object; `-` is standard output.")


@click.command()
@click.argument("before", metavar="RUN")
@click.argument("after", metavar="RUN")
@click.option(
    "--by",
    type=click.Choice(["cell", "feature"]),
    default="cell",
    show_default=True,
    help="What the rows of csv, json and parquet are.",
)
@json_option
@format_options
def compare(before: str, after: str, by: str, json: str | None, form: str, output: str | None, db: str | None) -> int:
    """Show what changed between two runs: new, fixed and persisting skew, by feature and by cell.

    A cell is a feature and an entity. RUN is an id that `skewguard runs` lists, the beginning of one, `latest`, or
    `latest~1` for the one before it; the earlier run comes first.

    \b
    skewguard compare latest~1 latest

    Exits 0: no new skew; 1: some; 2: the two could not be compared.
    """
    refuse_binary_to_terminal(form, output)
    from skewguard.pipeline import history
    from skewguard.report import compared

    with refused_in_json("compare", json):
        pair = history.compare(before, after, db=db, here=Path.cwd())
    with history.relying_on(db, here=Path.cwd()):
        if json is not None:
            _write(json, compared.as_json(pair))
        if form != "table":
            emit(pair.cells if by == "cell" else pair.features, form, output)
        else:
            _show(compared.text(pair, columns=_columns(_people(json))), output, _people(json))
    return pair.exit_code


@click.command()
@click.argument("feature", metavar="FEATURE")
@click.option("--run", metavar="RUN", default=None, help="The run to look at.  [default: the newest with the feature]")
@json_option
@output_option
@options.db_option
def explain(feature: str, run: str | None, json: str | None, output: str | None, db: str | None) -> int:
    """Show why one feature is skewed.

    FEATURE is a reference, `view:name`. For each cause: how many cells, one of them with its three values and the
    evidence, what usually leads to it, what to do about it in Feast, and the SQL that proves it.

    Exits 0, or 2 where the feature or the run is not known.
    """
    from skewguard.pipeline import history
    from skewguard.report import explained

    with refused_in_json("explain", json):
        found = history.explain(feature, run=run, db=db, here=Path.cwd())
    with history.relying_on(db, here=Path.cwd()):
        if json is not None:
            _write(json, explained.as_json(found))
        stream = _people(json)
        _show(explained.text(found, columns=_columns(stream) or WIDTH_OF_A_LOG), output, stream)
    return 0


def _people(json: str | None) -> TextIO:
    """The stream for people's text: standard error where standard output holds the JSON."""
    return sys.stderr if json == STANDARD_OUTPUT else sys.stdout


def _columns(stream: TextIO) -> int | None:
    return shutil.get_terminal_size().columns if stream.isatty() else None


def _write(file: str, content: str) -> None:
    if file == STANDARD_OUTPUT:
        put(sys.stdout, content)
    else:
        save(Path(file), [content.encode()])


def _show(content: str, output: str | None, stream: TextIO) -> None:
    if output is None:
        put(stream, content)
    else:
        save(Path(output), [content.encode()])
