"""The result as SARIF 2.1.0, which code scanning reads: each finding at the line that defines its feature."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from skewguard.model import Outcome, Place
from skewguard.report.findings import Finding, findings
from skewguard.report.json import dumped, plain
from skewguard.report.rules import rule_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
VERSION = "2.1.0"
ROOT = "%SRCROOT%"  # the folder that relative paths start at; who reads the file knows where it is
FINGERPRINT = "skewguardFinding/v1"


def text(outcome: Outcome) -> str:
    """The log, ending in a line break."""
    return dumped({"$schema": SCHEMA, "version": VERSION, "runs": [_run(outcome)]})


def _run(outcome: Outcome) -> dict[str, Any]:
    found, run = findings(outcome), outcome.run
    rules = list(dict.fromkeys(each.rule for each in found))
    driver = {
        "name": "skewguard",
        "version": run.skewguard_version,
        "rules": [_rule(name) for name in rules],
    }
    return {
        "tool": {"driver": driver},
        # One category per command and project: an upload takes the place of the last one of its own.
        "automationDetails": {"id": f"skewguard/{run.command}/{run.project or ''}/"},
        "invocations": [
            {
                "executionSuccessful": outcome.exit_code in (0, 1),
                "exitCode": outcome.exit_code,
                "startTimeUtc": _utc(run.started_at),
                "endTimeUtc": _utc(run.finished_at),
            }
        ],
        "columnKind": "utf16CodeUnits",
        "results": [_result(each, rules.index(each.rule), outcome) for each in found],
        "properties": {"run_id": run.run_id, "verdict": run.verdict.value, "mode": run.mode.value},
    }


def _rule(name: str) -> dict[str, Any]:
    rule = rule_of(name)
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("_")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.says},
        "help": {
            "text": f"{rule.says}\n\nWhat to do: {rule.what_to_do}",
            "markdown": f"{rule.says}\n\n**What to do:** {rule.what_to_do}",
        },
        "properties": {"tags": ["training-serving-skew"]},
    }


def _result(finding: Finding, rule: int, outcome: Outcome) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": finding.level.value,
        "message": {"text": _unlinked(finding.message)},
        "locations": [_location(finding)],
        "partialFingerprints": {FINGERPRINT: _fingerprint(finding, outcome)},
        "properties": {"feature": finding.subject},
    }
    if finding.let_be is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.let_be}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [{"name": finding.subject, "fullyQualifiedName": finding.subject, "kind": "member"}]
    }
    if finding.place is not None:
        location["physicalLocation"] = {
            "artifactLocation": _artifact(finding.place),
            "region": {"startLine": finding.place.line},
        }
    return location


def _artifact(place: Place) -> dict[str, str]:
    path = PurePath(place.file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": ROOT}


def _fingerprint(finding: Finding, outcome: Outcome) -> str:
    """The same in every run and wherever the definition moves: the project, the feature and the rule."""
    of = "\0".join([outcome.run.command, outcome.run.project or "", finding.subject, finding.rule, finding.facet])
    return hashlib.sha256(of.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _unlinked(message: str) -> str:
    """SARIF reads `[text](target)` in a message as a link; a value that looks like one is not."""
    return message.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _utc(moment: Any) -> str:
    return str(plain(moment)).replace("+00:00", "Z")
