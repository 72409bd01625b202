"""The table of features: one line each, the worst first, passing ones by view where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from skewguard.model import FeatureResult, Verdict
from skewguard.report.plain import clipped, padded, safe, width
from skewguard.report.words import COLOURS, Page, count, counted, label, upper

HEADER = ("", "feature", "compared", "skewed", "95 % sure")
MANY = 40
MOST_LINES = 60


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table."""

    verdict: Verdict
    cells: tuple[str, str, str, str]


def lines(features: Sequence[FeatureResult], page: Page) -> list[str]:
    """The table, header first; empty where there are no features."""
    if not features:
        return []
    worst_first = [Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.PASS]
    ranked = sorted(features, key=lambda each: worst_first.index(each.verdict))
    passing = [each for each in ranked if each.verdict is Verdict.PASS]
    rows = [_one(each) for each in ranked if each.verdict is not Verdict.PASS]
    rows += [_one(each) for each in passing] if len(passing) <= MANY else _by_view(passing)
    shown = rows[:MOST_LINES]
    drawn = _drawn(shown, page)
    if len(rows) > len(shown):
        drawn.append(f"  … and {counted(len(rows) - len(shown), 'line')} more: the ledger's table `features` has all.")
    return drawn


def _one(feature: FeatureResult) -> Line:
    cells = (safe(feature.feature), count(feature.compared), count(feature.skewed), upper(feature))
    return Line(verdict=feature.verdict, cells=cells)


def _by_view(features: Sequence[FeatureResult]) -> list[Line]:
    grouped = groupby(sorted(features, key=lambda each: each.feature_view), key=lambda each: each.feature_view)
    return [_view(view, list(members)) for view, members in grouped]


def _view(view: str, members: Sequence[FeatureResult]) -> Line:
    compared, skewed = sum(each.compared for each in members), sum(each.skewed for each in members)
    widest = max(members, key=lambda each: each.skew_rate_upper or 0.0)
    name = f"{safe(view)} ({counted(len(members), 'feature')})"
    return Line(verdict=Verdict.PASS, cells=(name, count(compared), count(skewed), upper(widest)))


def _drawn(rows: Sequence[Line], page: Page) -> list[str]:
    numbers = [max(len(HEADER[at + 1]), *(len(row.cells[at]) for row in rows)) for at in (1, 2, 3)]
    room = max(page.columns - 9 - sum(numbers) - 2 * len(numbers), 20)
    named = min(max(len(HEADER[1]), *(width(row.cells[0]) for row in rows)), room)

    def line(cells: Sequence[str]) -> str:
        name = padded(clipped(cells[0], named), named)
        return "  ".join([name, *(padded(cells[at], numbers[at - 1], to_right=True) for at in (1, 2, 3))])

    header = page.paint("  " + padded("", 5) + "  " + line(HEADER[1:]), "dim")
    return [header, *(f"  {_verdict(row.verdict, page)}  {line(row.cells)}" for row in rows)]


def _verdict(verdict: Verdict, page: Page) -> str:
    return page.paint(padded(label(verdict), 5), COLOURS[verdict], "bold")
