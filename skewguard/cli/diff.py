"""`skewguard diff`: the command line around the comparison of two tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from skewguard.cli import options
from skewguard.cli.output import Outputs
from skewguard.cli.progress import watched
from skewguard.model import Mode
from skewguard.pipeline.table_options import table_options

table_switches = options.stacked(
    [
        options.many("--key", "COL[,COL…]", "The columns that identify a row, in both tables."),
        options.text("--abs-tol", "X", "Numbers match when they differ by at most this."),
        options.text("--rel-tol", "Y", "… or by at most this share of the offline number."),
        options.many("--tolerance", "COL=ABS[,REL]", "The tolerance of one column."),
        options.many("--columns", "COL[,COL…]", "Compare only these."),
        options.many("--ignore", "COL[,COL…]", "Compare all but these."),
        options.many("--map", "ONLINE=OFFLINE", "A column that has another name in the online table."),
        options.text("--duplicates", "match", "Pair up rows that share a key, rather than refuse them."),
        options.text("--max-skew-rate", "R", "Budget of every column: 0.001, or 0.1%.  [default: 0]"),
        options.redact_option,
        options.switch("--exit-zero", "Report differences, but exit 0."),
        options.switch("--strict", "Count warnings as failures."),
    ]
)


@click.command()
@click.argument("offline", metavar="OFFLINE")
@click.argument("online", metavar="ONLINE")
@table_switches
@options.db_option
@options.output_options
@options.quiet_option
def diff(offline: str, online: str, quiet: bool, **given: Any) -> int:
    """Compare any two tables by the rules that `check` has.

    OFFLINE and ONLINE are Parquet or CSV files, or FILE.duckdb::table. Columns go by their names in OFFLINE, and
    relative tolerances are relative to it. Without a tolerance, whole numbers, text, booleans and times match
    exactly, single floats within 1e-6 and doubles within 1e-9 of the offline number.

    Exits 0: every column within its budget; 1: at least one over it; 2: could not compare; 130: interrupted.
    """
    outputs = Outputs.of(given, quiet=quiet)
    outputs.spare(offline, online)
    with outputs.guarded(command="diff", mode=Mode.TABLES):
        asked = table_options(offline, online, here=Path.cwd(), **given)
        with watched(quiet=quiet) as progress:
            from skewguard.pipeline.tables import diff as run  # not before the options are known to be good

            outcome = run(asked, progress=progress)
    return outputs.emit(outcome)
