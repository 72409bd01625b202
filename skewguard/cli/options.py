"""Options that several commands share, and those of `check`, as click reads them: raw, and None where not given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from skewguard.cli.forms import FORMS

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]


def stacked(decorators: Sequence[Decorator[Any]]) -> Decorator[Any]:
    """Several decorators as one, listed in the order in which --help shows them."""

    def decorate(command: Any) -> Any:
        for each in reversed(decorators):
            command = each(command)
        return command

    return decorate


def text(name: str, metavar: str, help: str) -> Decorator[Any]:
    """An option with a value, read later by the same code that reads the Python API's."""
    return click.option(name, metavar=metavar, default=None, help=help)


def many(name: str, metavar: str, help: str) -> Decorator[Any]:
    """An option that may be given again and again."""
    return click.option(name, metavar=metavar, multiple=True, help=help + " Repeatable.")


def switch(name: str, help: str) -> Decorator[Any]:
    """An option without a value; None, not False, where it is not given, so that pyproject.toml can say."""
    return click.option(name, is_flag=True, flag_value=True, default=None, type=bool, help=help)


db_option = text("--db", "FILE", "The ledger: a DuckDB file.  [default: skewguard.duckdb]")

output_options = stacked([text(f"--{name}", "FILE", form.says) for name, form in FORMS.items()])

quiet_option = click.option("-q", "--quiet", is_flag=True, help="No progress, and only the verdict.")

redact_option = click.option(
    "--redact",
    metavar="[PATTERN]",
    multiple=True,
    is_flag=False,
    flag_value="*",
    help="Hash all entity keys, and the values of these features (view:name, with wildcards; without: all), "
    "by the key in SKEWGUARD_REDACT_KEY. Repeatable.",
)

feast_options = stacked(
    [
        click.option(
            "-c",
            "--chdir",
            metavar="DIR",
            default=None,
            envvar="FEATURE_REPO_DIR_ENV_VAR",
            help="The repo's folder, or where to look for it; as Feast's own switch.",
        ),
        click.option(
            "-f",
            "--feature-store-yaml",
            metavar="FILE",
            default=None,
            envvar="FEAST_FS_YAML_FILE_PATH",
            help="Another feature_store.yaml than the repo's own; as Feast's own switch.",
        ),
    ]
)

selection_options = stacked(
    [
        switch("--live", "Read the deployed registry and online store, and write nothing there."),
        text("--replay", "N", "Play N instants through history, each with what was known by then; in a sandbox."),
        many("--service", "NAME", "Only the features of this feature service."),
        many("--feature", "VIEW[:NAME]", "Only this view or feature."),
        many("--exclude", "VIEW[:NAME]", "Without this view or feature."),
        text("--sample", "N", "Entity rows drawn per view.  [default: 1000]"),
        switch("--all", "All entity rows, not a sample."),
        text("--entities", "FILE", "Use the entity rows of this Parquet or CSV file."),
        text("--as-of", "TIME", "latest, materialized, now, or ISO-8601.  [default: latest; with --live, now]"),
        text("--seed", "N", "Seed of the sample and of generated request data.  [default: 0]"),
        text("--request-size", "N", "Rows per online request for on-demand features.  [default: 1]"),
    ]
)

verdict_options = stacked(
    [
        text("--max-freshness", "DURATION", "Rows that lag by no more are not skewed: 90s, 15m, 1d12h.  [default: 0]"),
        text("--max-skew-rate", "R", "Budget for features whose contract sets none: 0.001, or 0.1%.  [default: 0]"),
        text("--baseline", "RUN", "Fail only on skew that this earlier run had not: an id, latest, latest~1."),
        many("--allow", "CAUSE[=RATE]", "Let a cause be, up to a share of a feature's compared cells."),
        switch("--exit-zero", "Report skew, but exit 0."),
        switch("--strict", "Count warnings as failures."),
    ]
)

care_options = stacked(
    [
        redact_option,
        switch("--scan-online", "Live: also draw from keys that only the online store has; it is asked to list them."),
        text("--online-batch", "N", "Entity rows per online read.  [default: 500]"),
        text("--max-qps", "N", "At most so many online requests a second.  [default: no limit]"),
        text("--timeout", "S", "Seconds to wait for a store that does not answer.  [default: 60]"),
        text("--since", "TIME", "Only entities with an event since then; nothing older is pulled from a warehouse."),
    ]
)
