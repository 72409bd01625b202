"""Markdown for a pull request: the worst first, short enough for a comment, and values stay text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hostile import NASTY, example, feature, hostile, run_record, skewed

from skewguard.model import Outcome, Verdict, ViewError
from skewguard.report import markdown


def without_code(page: str) -> str:
    """The page without its inline code, found as CommonMark finds it: from a run of backticks to one as long."""
    return re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", page)


def test_a_red_result_says_what_is_worst_why_and_shows_one_row(red: Outcome) -> None:
    page = markdown.text(red)
    assert page.startswith("## ❌ skewguard: fail\n\n**FAIL  1 of 2 features differ by more than their budget")
    assert "### ❌ `carrier:late`\n\n12 of 1,000 rows differ (budget 0 %); owner `ops`." in page
    assert "- **cause** `unexplained` (12 rows): no cause that skewguard knows" in page
    assert "- **example** `carrier='A0'`: source `1.25` · offline `1.25` · online `1.5` (mismatch (online))" in page
    assert page.count("**example**") == 1
    assert "- `weather`: `The source file weather.parquet is missing.`" in page


def test_a_green_result_is_a_few_lines(green: Outcome) -> None:
    page = markdown.text(green)
    assert page.startswith(
        "## ✅ skewguard: pass\n\n**PASS  2 features, 2,000 cells compared; in each 0 of 1,000 rows differ"
    )
    assert page.count("\n") < 9


def test_the_three_worst_are_shown_and_the_others_named() -> None:
    features = [
        feature("warned", "x", verdict=Verdict.WARN, wrong_on_both=1),
        *(skewed("v", f"f{cells}", cells, "tie_break") for cells in (5, 900, 70, 300)),
        feature("failed", "x", compared=0, verdict=Verdict.ERROR),
        feature("fine", "x"),
    ]
    page = markdown.text(Outcome(run=run_record(), exit_code=1, features=tuple(features)))
    assert re.findall("### . `(.*)`", page) == ["v:f900", "v:f300", "v:f70"]
    assert "Also not fine: `v:f5`, `failed:x`, `warned:x`." in page
    assert "fine:x" not in page


def test_nothing_in_a_value_is_markup() -> None:
    page = markdown.text(hostile())
    rest = without_code(page)
    for sign in ("<script", "**bold**", "[link]", "@somebody", "|---", "::error", "\x1b", "<!--"):
        assert sign not in rest, sign
    assert "<script" in page, "it is there, as text"
    assert "\n```" not in page
    allowed = re.compile(r"(#{2,3} |- \*\*|- |\*\*|$|[A-Z0-9])")
    assert all(allowed.match(line) for line in page.replace("mode", "M", 1).splitlines()), page


@pytest.mark.parametrize("value", [*NASTY, "`", "``", " ", "a`b``c", "\\`", "x" * 10**6, "`" * 10**5, "\u0301" * 10**6])
def test_inline_code_ends_where_it_should(value: str) -> None:
    said = markdown.code(value)
    assert without_code(f"before {said} after") == "before  after"
    assert "\n" not in said
    assert len(said) < 1000


@pytest.mark.parametrize("filler", ["x", "\u0301", "😀", "`", "|<&"])
def test_a_page_always_fits_a_comment(filler: str) -> None:
    long = filler * 100_000
    features = tuple(
        replace(skewed(long, f"{at}", 9, "tie_break", notes=(long,), owner=long), top_cause=long, causes={long: 9})
        for at in range(200)
    )
    outcome = Outcome(
        run=run_record(project=long, run_id=long),
        exit_code=1,
        features=features,
        errors=tuple(ViewError(feature=f"{at}{long}", message=long) for at in range(100)),
        examples=tuple(example(each.feature, long, long) for each in features[:3]),
    )
    page = markdown.text(outcome)
    assert len(page) < markdown.LIMIT
    assert len(page.encode("utf-16-le")) // 2 < markdown.LIMIT
    assert page.startswith("## ❌ skewguard: fail")


def test_a_page_that_would_not_fit_is_cut_at_a_line() -> None:
    page = markdown.fitting("line of text\n" * 10_000)
    assert len(page) <= markdown.LIMIT
    assert page.endswith("line of text\n\n… cut to fit; --json has all.\n")
