"""The report for people: the verdict, the bound, examples side by side, and nothing that a value could inject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skewguard.model import Blame, Kind, Mode, Outcome, Skipped, Verdict, ViewError
from skewguard.report.examples import windows
from skewguard.report.plain import clipped, safe, width
from skewguard.report.text import render, verdict_only
from skewguard.report.words import GLUE, percent, percent_above

Maker = Callable[..., Any]


def flat(text: str) -> str:
    """The report without its line breaks."""
    return " ".join(text.split())


def test_a_green_run_says_how_sure_it_is(green: Outcome) -> None:
    text = flat(render(green))
    assert "0 of 1,000 rows differ: at 95 % confidence fewer than 0.3 % do" in text
    assert "PASS 2 features, 2,000 cells compared" in text
    assert "(exit code 0)" in text


def test_a_red_run_shows_three_examples_with_three_values(red: Outcome) -> None:
    lines = render(red).splitlines()
    header = next(line for line in lines if "source" in line and "offline" in line and "online" in line)
    shown = lines[lines.index(header) + 1 :][:4]
    assert [line.split() for line in shown[:3]] == [
        [f"carrier='A{row}'", "1.25", "1.25", "1.5", "mismatch", "(online)"] for row in range(3)
    ]
    assert not shown[3].strip(), "three examples, not five"
    text = flat(render(red))
    assert "12 of 1,000 rows differ: at 95 % confidence fewer than 1.94 % do (budget 0 %)" in text
    assert "10 mismatch, 2 missing_online; cause: unexplained 12; largest difference 3.25" in text
    assert "FAIL 1 of 2 features differ by more than their budget. (exit code 1)" in text
    assert "weather: The source file weather.parquet is missing." in text
    assert "labels: label views are not served online" in text
    assert "17 rows of the entity file are duplicates." in text


def test_the_verdict_names_what_its_mode_does_not_cover(green: Outcome) -> None:
    assert "proves the definitions, not the deployment" in flat(render(green))
    live = replace(green, run=replace(green.run, mode=Mode.LIVE))
    assert "a feature server that has been running for long may still hold older definitions" in flat(render(live))
    assert "definitions" not in render(replace(green, run=replace(green.run, mode=Mode.TABLES)))


def test_how_to_query_the_run(green: Outcome) -> None:
    assert "skewguard sql --db /work/skewguard.duckdb 'select" in render(green)
    assert "skewguard sql 'select" in render(green, here=Path("/work"))
    spaced = replace(green, ledger=Path("/my runs/l.duckdb"))
    assert "--db '/my runs/l.duckdb'" in render(spaced, here=Path("/work"))


def test_without_examples_or_features(make_outcome: Maker, make_feature: Maker) -> None:
    nothing = make_outcome(verdict=Verdict.ERROR, exit_code=2, errors=(ViewError(feature="a", message="no."),))
    assert "ERROR nothing could be compared. (exit code 2)" in flat(render(nothing))
    none = make_feature("x", compared=0, requested=9, not_compared=9, verdict=Verdict.ERROR, skew_rate_upper=None)
    assert "nothing was compared 9 not_compared" in flat(render(make_outcome(none, verdict=Verdict.ERROR, exit_code=2)))


def test_warnings_and_notes(make_outcome: Maker, make_feature: Maker, make_example: Maker) -> None:
    warned = make_feature("w", wrong_on_both=3, matched=997, verdict=Verdict.WARN, notes=("source has another value",))
    noted = [make_feature(f"n{number}", notes=("Float32 seen as double",)) for number in range(5)]
    shown = make_example("carrier:w", kind=Kind.WRONG_ON_BOTH, blame=Blame.BOTH, source_value="9")
    text = flat(render(make_outcome(warned, *noted, verdict=Verdict.WARN, examples=(shown,))))
    assert "3 wrong_on_both note: source has another value" in text
    assert "carrier='AA' 9 1.25 1.5 wrong_on_both (both)" in text
    assert "carrier:n0, carrier:n1, carrier:n2 and 2 more: Float32 seen as double" in text
    assert "WARN 6 features" in text
    assert "1 feature with a warning" in text


def test_all_rows_differ_is_said_as_such(make_outcome: Maker, make_feature: Maker) -> None:
    bad = make_feature("x", skewed=1000, mismatched=1000, skew_rate_upper=1.0, verdict=Verdict.FAIL)
    assert "all 1,000 rows differ (budget 0 %)" in flat(render(make_outcome(bad, verdict=Verdict.FAIL)))


def test_many_features_are_summed_up(make_outcome: Maker, make_feature: Maker) -> None:
    passing = [make_feature(f"f{number}", view=f"view{number % 3}") for number in range(300)]
    failing = [make_feature(f"b{number}", skewed=1, mismatched=1, verdict=Verdict.FAIL) for number in range(100)]
    text = render(make_outcome(*passing, *failing, verdict=Verdict.FAIL, exit_code=1))
    assert len(text.splitlines()) < 150
    assert "100 of 400 features differ" in text
    assert "more" in text
    green = render(make_outcome(*passing))
    assert "view1 (100 features)" in green
    assert len(green.splitlines()) < 20


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(red: Outcome, make_example: Maker, columns: int) -> None:
    long = make_example("carrier:late", entity={"k" * 30: "v" * 50, "ß" * 20: "漢" * 30}, online_value="9" * 500)
    for outcome in (red, replace(red, examples=(long,))):
        for line in render(outcome, columns=columns).splitlines():
            assert width(line) <= columns or "skewguard sql" in line or "is in /work" in line


def test_long_values_show_where_they_differ(red: Outcome, make_example: Maker) -> None:
    common = ", ".join(["0.123456"] * 40)
    one = make_example(
        "carrier:late", source_value=None, offline_value=f"[{common}, 1.5]", online_value=f"[{common}, 7.5]"
    )
    lines = [line.strip() for line in render(replace(red, examples=(one,))).splitlines()]
    offline, online = (next(each for each in lines if each.startswith(side + " ")) for side in ("offline", "online"))
    assert offline.endswith("1.5]")
    assert online.endswith("7.5]")
    assert "source   null" in lines


HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\n\u202edesrever\u200b\ue000[bold]%s{0}</script>'; drop table x --"


def test_no_value_reaches_the_terminal_raw(make_outcome: Maker, make_feature: Maker, make_example: Maker) -> None:
    bad = make_feature(HOSTILE, view=HOSTILE, skewed=1, mismatched=1, verdict=Verdict.FAIL, notes=(HOSTILE,))
    bad = replace(bad, owner=HOSTILE, causes={HOSTILE: 1}, dtype=HOSTILE)
    one = make_example(bad.feature, entity={HOSTILE: HOSTILE}, online_value=HOSTILE)
    outcome = make_outcome(
        bad,
        make_feature("ok", notes=(HOSTILE,)),
        verdict=Verdict.FAIL,
        examples=(one,),
        notes=(HOSTILE,),
        skipped=(Skipped(feature=HOSTILE, reason=HOSTILE),),
        errors=(ViewError(feature=HOSTILE, message=HOSTILE),),
        ledger=Path("/x") / HOSTILE.replace("/", ""),
    )
    outcome = replace(outcome, run=replace(outcome.run, project=HOSTILE, run_id=HOSTILE, command=HOSTILE))
    text = render(outcome) + verdict_only(outcome)
    assert not {each for each in text if each != "\n" and safe(each) != each}
    assert "drop table x" in text


def test_colour_only_where_it_is_wanted(red: Outcome) -> None:
    assert "\x1b[" not in render(red)
    coloured = render(red, colour=True)
    assert "\x1b[31;1mFAIL\x1b[0m" in coloured
    assert coloured.count("\x1b[") % 2 == 0


def test_the_verdict_alone(red: Outcome) -> None:
    assert verdict_only(red) == "FAIL  1 of 2 features differ by more than their budget. (exit code 1)\n"


@given(st.text())
def test_safe_text_is_printable_and_keeps_letters(text: str) -> None:
    shown = safe(text)
    assert safe(shown) == shown
    assert "\n" not in shown
    assert "\x1b" not in shown
    if text.isalnum() and text.isascii():
        assert shown == text


@given(st.text(), st.integers(4, 40))
def test_clipped_text_fits(text: str, limit: int) -> None:
    assert width(clipped(text, limit)) <= limit
    if width(text) <= limit:
        assert clipped(text, limit) == text


@given(st.lists(st.text(alphabet="ab漢", max_size=60), min_size=3, max_size=3), st.integers(12, 40))
def test_windows_fit_and_show_a_difference(texts: list[str], room: int) -> None:
    shown = windows(texts, room)
    assert all(width(each) <= room for each in shown)
    for one in range(3):
        for other in range(3):
            if shown[one] != shown[other]:
                assert texts[one] != texts[other]


@given(st.floats(0, 1))
def test_a_bound_is_never_understated(rate: float) -> None:
    said = float(percent_above(rate).split(GLUE)[0]) / 100
    assert said >= rate * (1 - 1e-6)
    assert said <= max(rate * 1.02, 1e-8)


@pytest.mark.parametrize(
    ("rate", "above", "plain"),
    [(0.0029912, "0.3 %", "0.299 %"), (0.003, "0.3 %", "0.3 %"), (1.0, "100 %", "100 %"), (0, "0 %", "0 %")],
)
def test_percentages(rate: float, above: str, plain: str) -> None:
    assert percent_above(rate).replace(GLUE, " ") == above
    assert percent(rate).replace(GLUE, " ") == plain
