"""Which values an example of a differing cell shows."""

from __future__ import annotations

from dataclasses import replace

from skewguard.model import Blame, Example, Kind
from skewguard.report import examples, findings
from skewguard.report.examples import lines
from skewguard.report.words import Page

CELL = Example(
    feature="v:f", row_id=1, entity={"k": 2}, kind=Kind.MISMATCH, cause=None, blame=Blame.ONLINE, source_value="3",
    offline_value="3", online_value="4",
)  # fmt: skip
UNSOURCED = replace(CELL, blame=Blame.UNKNOWN, source_value=None)


def shown(*examples: Example, columns: int = 100) -> list[str]:
    return [" ".join(line.split()) for line in lines(examples, Page(columns=columns, colour=False))]


def test_three_values_where_there_is_a_source() -> None:
    assert shown(CELL) == ["entity source offline online kind (who departs)", "k=2 3 3 4 mismatch (online)"]
    gone = replace(CELL, source_value=None, offline_value=None)
    assert shown(gone)[1] == "k=2 null null 4 mismatch (online)", "a source value may be null"
    assert shown(CELL, UNSOURCED)[2] == "k=2 null 3 4 mismatch"


def test_two_values_where_there_is_none() -> None:
    assert shown(UNSOURCED) == ["entity offline online kind", "k=2 3 4 mismatch"]
    long = replace(UNSOURCED, offline_value="3" * 90, online_value="4" * 90)
    assert [line.split()[0] for line in shown(long)] == ["k=2", "offline", "online"]


def test_a_source_that_nobody_could_compute_is_not_said_to_be_null() -> None:
    assert [side for side, _ in examples.sides(UNSOURCED, 80)] == ["offline", "online"]
    assert [side for side, _ in examples.sides(replace(CELL, source_value=None), 80)] == ["source", "offline", "online"]
    assert "source" not in findings.shown(UNSOURCED)


def test_of_long_keys_the_part_is_shown_that_tells_them_apart() -> None:
    long = "x" * 60
    cells = [replace(CELL, entity={"k": f"{long}{number}{long}"}) for number in (101, 202)]
    first, second = (line.split()[0] for line in shown(*cells)[1:])
    assert "x101x" in first and "x202x" in second
    both_ends = shown(replace(CELL, entity={"k": "start" + long + "end"}))[1]
    assert both_ends.startswith("k='start") and "end'" in both_ends
    assert len(set(shown(cells[0], cells[0])[1:])) == 1
    assert all(len(line) <= 60 for line in lines([*cells], Page(columns=60, colour=False)))


def test_below_a_long_key_the_kind_is_whole() -> None:
    cells = [
        replace(CELL, entity={"k": "x" * 90 + tail}, offline_value="3" * 90, online_value="4" * 90)
        for tail in ("first" + "y" * 60, "second" + "y" * 60)
    ]
    heads = [line for line in shown(*cells) if "mismatch" in line]
    assert all(head.endswith(" mismatch (online)") for head in heads)
    assert "xfirsty" in heads[0] and "xsecondy" in heads[1]
