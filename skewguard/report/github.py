"""Findings as GitHub's workflow commands, which it shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Mapping

from skewguard.model import Outcome
from skewguard.report.findings import Finding, Level, findings
from skewguard.report.plain import safe
from skewguard.report.rules import rule_of

MOST_OF_A_LEVEL = 10  # GitHub shows no more of one step
NAMES: Mapping[Level, str] = {Level.ERROR: "error", Level.WARNING: "warning"}


def commands(outcome: Outcome) -> str:
    """A line per error and warning, the first ten of each; nothing where there is none."""
    found = findings(outcome)
    lines = []
    for level, command in NAMES.items():
        lines += [_line(command, each) for each in found if each.level is level][:MOST_OF_A_LEVEL]
    return "".join(lines)


def _line(command: str, finding: Finding) -> str:
    where = {"file": finding.place.file, "line": str(finding.place.line)} if finding.place is not None else {}
    properties = {**where, "title": f"skewguard: {rule_of(finding.rule).title}"}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {said}::{_message(finding.message)}\n"


def _message(value: str) -> str:
    return safe(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _message(value).replace(":", "%3A").replace(",", "%2C")
