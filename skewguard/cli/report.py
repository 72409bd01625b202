"""`skewguard report`: a stored run once more, in any form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from skewguard.cli import options
from skewguard.cli.output import Outputs, refused_in_json


@click.command()
@click.argument("run", metavar="[RUN]", default="latest")
@options.db_option
@options.output_options
@options.quiet_option
def report(run: str, db: str | None, quiet: bool, **given: Any) -> int:
    """Render a stored run again, in any form: the same as when it was made.

    RUN is an id that `skewguard runs` lists, the beginning of one, `latest` (which is meant without one), or
    `latest~1` for the one before it.

    \b
    skewguard report
    skewguard report latest~1 --markdown comment.md --junit junit.xml

    Exits 0 whatever the run's verdict, or 2 where the run could not be read or the report not written.
    """
    outputs = Outputs.of(given, quiet=quiet)
    outputs.verify()
    from skewguard.pipeline import history

    with refused_in_json("report", outputs.files.get("json")):
        found = history.stored(run, db=db, here=Path.cwd())
    with history.relying_on(db, here=Path.cwd()):
        outputs.emit(found, anew=False)
    return 0
