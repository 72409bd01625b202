"""`skewguard demo`: the command line around playing production bugs, and the text that shows them caught."""

from __future__ import annotations

import json
import os
import shlex
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skewguard.cli import options
from skewguard.cli.forms import FORMS
from skewguard.cli.output import put, write_text
from skewguard.cli.progress import watched
from skewguard.report.plain import safe, safe_paragraph

if TYPE_CHECKING:
    from skewguard.pipeline.demo import Caught, Played

FOLDER = "skewguard-demo"
COLUMNS = 100
NOT_AS_IT_SHOULD = 1
SIDES = ("source", "offline", "online")


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, default=FOLDER, type=click.Path(path_type=Path))
@click.option("--again", is_flag=True, help="Replace what an earlier demo made in DIR.")
@options.quiet_option
def demo(folder: Path, again: bool, quiet: bool) -> int:
    """Play production bugs into an example, and show them caught.

    Makes DIR (skewguard-demo) from the flights example, deploys it with Feast, checks it, plays six bugs into the copy
    by the mechanisms by which they happen, and checks it again. DIR stays, for you to look around. Takes about a
    minute.

    Exits 0: clean before, and after it every bug caught under its own name; 1: not so; 2: could not play.
    """
    from skewguard.pipeline.demo import demo as run

    with watched(quiet=quiet) as progress:
        played = run(folder.expanduser(), again=again, told=progress.tell, progress=progress)
    report = played.folder / "report.html"
    write_text("html", str(report), FORMS["html"].render(played.after, played.after.ledger))
    put(sys.stdout, safe_paragraph(_for_people(played, report)))
    return 0 if played.as_it_should else NOT_AS_IT_SHOULD


def _for_people(played: Played, report: Path) -> str:
    place = os.path.relpath(played.folder)
    first, then = _counts(played.before), _counts(played.after)
    parts = [f"Before any bug: {first}\nAfter {len(played.caught)} of them: {then}\n"]
    parts += [_told(number, each) for number, each in enumerate(played.caught, 1)]
    inherited = [each.feature for each in played.after.features if each.top_cause == "inherited"]
    if inherited:
        parts.append(
            _wrapped(
                f"{len(inherited)} on-demand features that read these are skewed too, and are called `inherited`: "
                f"{', '.join(inherited)}."
            )
        )
    parts += [_wrapped(f"Not of any bug: {each}") for each in played.strays]
    return "\n".join([*parts, _ending(played, place, report)])


def _counts(outcome: Any) -> str:
    skewed = sum(1 for each in outcome.features if each.skewed)
    cells = sum(each.skewed for each in outcome.features)
    counts = f"{skewed} of {len(outcome.features)} features skewed, {cells:,} of {_compared(outcome):,} cells"
    return f"{outcome.run.verdict.value.upper()}, {counts}"


def _compared(outcome: Any) -> int:
    return sum(each.compared for each in outcome.features)


def _told(number: int, caught: Caught) -> str:
    bug = caught.bug
    lines = [f"{number}. {bug.title}", _wrapped(bug.did, indent=3).rstrip("\n")]
    if caught.shown is None:
        lines.append(f"   NOT CAUGHT: {bug.feature} has no cell with the cause {bug.cause.value}")
        return "\n".join(lines) + "\n"
    features = f"{caught.features} feature{'' if caught.features == 1 else 's'}"
    lines += [
        f"   Caught: {bug.cause.value}, {caught.cells:,} cells in {features} of {bug.view}",
        f"   {bug.feature}, {_entity(caught.shown.cell['entity'])}",
        "   " + "  ".join(f"{side} {_value(caught.shown.cell[f'{side}_value'])}" for side in SIDES),
        f"   skewguard explain {shlex.quote(bug.feature)}",
    ]
    return "\n".join(lines) + "\n"


def _entity(keys: str) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in json.loads(keys).items())


def _value(value: str | None) -> str:
    return "null" if value is None else safe(value)


def _wrapped(text: str, indent: int = 0) -> str:
    return textwrap.fill(text, COLUMNS, initial_indent=" " * indent, subsequent_indent=" " * indent) + "\n"


def _ending(played: Played, place: str, report: Path) -> str:
    missed = [each.bug.title for each in played.caught if each.shown is None]
    if played.as_it_should:
        verdict = f"Clean before, and all {len(played.caught)} bugs caught, each under its own name."
    elif missed:
        verdict = f"Not as it should be: not caught were {', '.join(missed)}."
    else:
        verdict = "Not as it should be: see the checks above."
    return (
        f"{verdict}\n"
        f"The report: {report.as_uri()}\n"
        "Look around:\n"
        f"  cd {shlex.quote(place)}\n"
        "  skewguard compare latest~1 latest    # what the bugs changed\n"
        "  skewguard check --live               # again, as on any day\n"
    )
