"""GitHub's workflow commands: one per finding, at its line, and no value ends one or starts another."""

from __future__ import annotations

import re

from hostile import hostile, run_record, skewed

from skewguard.model import Outcome, Place
from skewguard.report import github

COMMAND = re.compile(r"::(error|warning) ((?:[a-z]+=[^,:\n]*,?)+)::([^\n]*)\n")


def read(outcome: Outcome) -> list[tuple[str, dict[str, str], str]]:
    """The commands as the runner reads them."""
    text = github.commands(outcome)
    assert COMMAND.sub("", text) == ""
    found = []
    for level, properties, message in COMMAND.findall(text):
        named = dict(each.split("=", 1) for each in properties.split(","))
        decoded = {
            name: value.replace("%2C", ",").replace("%3A", ":").replace("%25", "%") for name, value in named.items()
        }
        found.append((level, decoded, message.replace("%25", "%")))
    return found


def test_findings_stand_at_the_line_that_defines_them() -> None:
    found = read(hostile())
    level, properties, message = found[0]
    assert (level, properties["file"], properties["line"]) == ("error", "transforms/a file, with: 100%.py", "12")
    assert properties["title"] == "skewguard: Skew: ttl_not_enforced"
    assert "10 of 1,000 rows differ (budget 0 %), 10 by ttl_not_enforced." in message
    assert {level for level, _, _ in found} == {"error", "warning"}
    assert not any("late_arrival" in message for _, _, message in found), "what is let be is not shouted"


def test_no_value_breaks_out() -> None:
    messages = [message for _, _, message in read(hostile())]
    assert any("::error file=x::%0A{0}" in message for message in messages)


def test_no_more_than_github_shows() -> None:
    features = tuple(skewed("v", str(at), 5, "tie_break") for at in range(40))
    outcome = Outcome(
        run=run_record(), exit_code=1, features=features, places=(Place(feature_view="v", file="a", line=1),)
    )
    assert len(read(outcome)) == github.MOST_OF_A_LEVEL


def test_without_a_place_there_is_still_a_message(red: Outcome, green: Outcome) -> None:
    assert [sorted(properties) for _, properties, _ in read(red)] == [["title"], ["title"]]
    assert github.commands(green) == ""
