"""`skewguard parity`: the command line around a test of transforms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from skewguard.cli import options
from skewguard.cli.check import feast_switches
from skewguard.cli.output import Outputs
from skewguard.cli.progress import watched
from skewguard.model import Mode
from skewguard.pipeline.parity_options import parity_options


@click.command()
@click.argument("target", required=False, metavar="[TARGET]")
@options.many("--law", "NAME", "Only this law.")
@options.many("--transform", "NAME", "Only this transform: module.function, or the name of its view.")
@options.text("--examples", "N", "Inputs that each law is tried on.  [default: 40]")
@options.text("--seed", "N", "Seed of the inputs.  [default: 0]")
@options.db_option
@options.output_options
@options.quiet_option
@options.feast_options
@click.pass_context
def parity(context: click.Context, /, target: str | None, quiet: bool, **given: Any) -> int:
    """Test the laws that keep a transform safe in training and in serving.

    TARGET is a module or package (dotted, or its folder), a .py file, or a Feast repo, of which plain on-demand, batch
    and stream views are tested too. Without it, the repo that `skewguard check` would find. Needs no store and no data:
    inputs come from the repo's own sources, where it has some, and from the declared schema.

    \b
    skewguard parity transforms
    skewguard parity feature_repo --law null_parity
    skewguard parity transforms.wind --examples 200 --seed 7

    Exits 0: every law held; 1: at least one is broken; 2: could not test, or no transform was found.
    """
    given |= feast_switches(context, target)
    outputs = Outputs.of(given, quiet=quiet)
    with outputs.guarded(command="parity", mode=Mode.TRANSFORMS, repo=None if target is None else Path(target)):
        asked = parity_options(target, here=Path.cwd(), **given)
        with watched(quiet=quiet) as progress:
            from skewguard.pipeline.parity import parity as run  # not before the options are known to be good

            outcome = run(asked, progress=progress)
    return outputs.emit(outcome)
