"""`skewguard check`: the command line around one check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from skewguard.cli import options
from skewguard.cli.output import Outputs
from skewguard.cli.progress import watched
from skewguard.model import Mode
from skewguard.pipeline.given import check_options


@click.command()
@click.argument("repo", required=False, metavar="[REPO]")
@options.selection_options
@options.verdict_options
@options.care_options
@options.db_option
@options.output_options
@options.quiet_option
@options.feast_options
@click.pass_context
def check(context: click.Context, /, repo: str | None, quiet: bool, **given: Any) -> int:
    """Compare offline with online values for sampled entity rows.

    REPO is a folder with a feature_store.yaml; without it: `[tool.skewguard] repo` in pyproject.toml, else
    ./feature_repo, else the current folder. Like `feast apply`, this executes the Python of the repo.

    Without --live, Feast itself materializes the sampled entities into a private store, which is read back: this
    proves the definitions, and touches nothing that is deployed.

    Exits 0: every feature within its budget; 1: at least one over it; 2: could not check; 130: interrupted.
    """
    given |= feast_switches(context, repo)
    outputs = Outputs.of(given, quiet=quiet)
    outputs.spare(*filter(None, [given.get("entities"), given.get("feature_store_yaml")]))
    mode = Mode.LIVE if given.get("live") else Mode.SANDBOX
    with outputs.guarded(command="check", mode=mode, repo=None if repo is None else Path(repo)):
        asked = check_options(repo, here=Path.cwd(), **given)
        with watched(quiet=quiet) as progress:
            from skewguard.pipeline.check import check as run  # not before the options are known to be good

            outcome = run(asked, progress=progress)
    return outputs.emit(outcome)


def feast_switches(context: click.Context, repo: str | None) -> dict[str, str | None]:
    """-c and -f, after the command or before it. What a repo argument names, the environment does not move."""
    group = context.find_root()
    switches: dict[str, str | None] = {}
    for name in ("chdir", "feature_store_yaml"):
        typed = [
            each.params.get(name)
            for each in (context, group)
            if each.get_parameter_source(name) is ParameterSource.COMMANDLINE
        ]
        from_environment = None if name == "chdir" and repo is not None else group.params.get(name)
        switches[name] = typed[0] if typed else from_environment
    return switches
