"""`skewguard build`: the command line around computing batch tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skewguard.cli import options
from skewguard.cli.check import feast_switches
from skewguard.cli.output import put
from skewguard.report.plain import safe, safe_paragraph

if TYPE_CHECKING:
    from skewguard.pipeline.build import TableBuild

COULD_NOT = 2


@click.command()
@click.argument("repo", required=False, metavar="[REPO]")
@options.many("--view", "NAME", "Only the table of this view.")
@click.option("--whole", is_flag=True, help="Compute every row anew, also where a table could be continued.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
@options.feast_options
@click.pass_context
def build(
    context: click.Context,
    /,
    repo: str | None,
    view: tuple[str, ...],
    whole: bool,
    quiet: bool,
    chdir: str | None,
    feature_store_yaml: str | None,
) -> int:
    """Compute the tables of decorated batch transforms.

    REPO is found as `skewguard check` finds it. A table is continued where its code is the same and its events only
    grew; otherwise it is computed anew. Tables are replaced whole, so that whoever reads one never sees half of it.

    Exits 0: every table is up to date; 2: some could not be built.
    """
    from skewguard.pipeline.given import check_options

    found = check_options(repo, here=Path.cwd(), **feast_switches(context, repo))
    from skewguard.pipeline.build import build as run

    def told(table: TableBuild) -> None:
        if table.error is not None:
            click.echo(f"Error: {safe(table.view)}: {safe_paragraph(table.error)}", err=True)
        elif not quiet:
            put(sys.stdout, line(table))

    tables = run(found.repo, yaml=found.feature_store_yaml, views=view, whole=whole, told=told)
    return COULD_NOT if any(table.error is not None for table in tables) else 0


def line(table: TableBuild) -> str:
    """One table as a person reads it."""
    built = table.built
    assert built is not None
    rows = f"{built.rows:,} row{'' if built.rows == 1 else 's'}"
    return f"{safe(table.view)}: {built.action}, {rows}, {table.seconds:.1f} s ({safe(built.reason)})\n"
