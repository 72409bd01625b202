"""What a result says to the CI that it runs in, of its own accord: GitHub's step summary and annotations."""

from __future__ import annotations

import os
from pathlib import Path

import click

from skewguard.model import Outcome

SUMMARY, ACTIONS = "GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"


def summarise(outcome: Outcome) -> None:
    """Append the Markdown to GitHub's step summary, where there is one. What cannot be written is said, no more."""
    file = os.environ.get(SUMMARY)
    if not file:
        return
    from skewguard.report import markdown

    try:
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(markdown.text(outcome) + "\n")
    except OSError as error:
        click.echo(f"Warning: {SUMMARY} names {file}, which cannot be written: {error.strerror}.", err=True)


def commands(outcome: Outcome) -> str:
    """Lines that GitHub reads from either stream and shows in the pull request; elsewhere, nothing."""
    if os.environ.get(ACTIONS) != "true":
        return ""
    from skewguard.report import github

    return github.commands(outcome)
