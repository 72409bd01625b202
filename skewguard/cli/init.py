"""`skewguard init`: the command line around making a project."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skewguard.cli.output import put
from skewguard.report.plain import safe_paragraph

if TYPE_CHECKING:
    from skewguard.pipeline.init import Made

MINIMAL, FLIGHTS = "minimal", "flights"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--template",
    metavar="NAME",
    default=MINIMAL,
    show_default=True,
    help="`minimal`: a shop with a batch window and an on-demand feature; `flights`: the flights example, whole.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
def init(folder: Path, template: str, quiet: bool) -> int:
    """Make a project that checks clean at once.

    DIR is made, or must be empty: transforms/, feature_repo/ with a little data, tests/, pyproject.toml,
    skewguard.lock, and a CI workflow that keeps them honest. Exits 0, or 2 with nothing written.
    """
    from skewguard.pipeline.init import init as run

    made = run(folder.expanduser(), template=template)
    if not quiet:
        put(sys.stdout, _for_people(made))
    return 0


def _for_people(made: Made) -> str:
    place = os.path.relpath(made.folder)
    into = "" if place == "." else f"  cd {shlex.quote(place)}\n"
    return safe_paragraph(
        f"{place}: the project {made.name}, {len(made.files)} files. Next:\n"
        f"{into}"
        "  skewguard check              # are training and serving given the same values?\n"
        "  skewguard parity transforms  # is every transform safe on both paths?\n"
        "  pytest                       # needs: pip install -e '.[test]'\n"
    )
