"""The forms in which a result can be written: for each its option, its renderer, and its line of --help."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from skewguard.model import Outcome

# From a result, and the ledger that holds its run (None where it could not be kept), to the text of the file.
Renderer: TypeAlias = Callable[[Outcome, Path | None], str]


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form; `render` imports what it needs when it is called, so that a check without it pays nothing.

    One that is `of_errors` is written also where a check ends in an error, in the place of its result.
    """

    says: str
    render: Renderer
    of_errors: bool = False


def _json(outcome: Outcome, ledger: Path | None) -> str:
    from skewguard.report import json

    return json.text(outcome)


def _junit(outcome: Outcome, ledger: Path | None) -> str:
    from skewguard.report import junit

    return junit.text(outcome)


def _markdown(outcome: Outcome, ledger: Path | None) -> str:
    from skewguard.report import markdown

    return markdown.text(outcome)


def _sarif(outcome: Outcome, ledger: Path | None) -> str:
    from skewguard.report import sarif

    return sarif.text(outcome)


def _metrics(outcome: Outcome, ledger: Path | None) -> str:
    from skewguard.report import metrics

    return metrics.text(outcome)


def _html(outcome: Outcome, ledger: Path | None) -> str:
    from skewguard.pipeline.page import page

    return page(outcome, ledger)


# The name is the option's: `--json FILE`. A new form is one entry here.
FORMS: Mapping[str, Form] = {
    "json": Form(says="Write the result as JSON; `-` is standard output.", render=_json),
    "junit": Form(says="Write JUnit XML, for Jenkins, GitLab and the like.", render=_junit, of_errors=True),
    "markdown": Form(says="Write Markdown, for a pull request.", render=_markdown, of_errors=True),
    "sarif": Form(says="Write SARIF 2.1.0, for code scanning.", render=_sarif, of_errors=True),
    "metrics": Form(says="Write OpenMetrics text, for Prometheus.", render=_metrics, of_errors=True),
    "html": Form(says="Write a report for people: one HTML file that needs no network.", render=_html),
}
