"""Numbers and verdicts as people say them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from skewguard.model import FeatureResult, Kind, Verdict
from skewguard.report.plain import safe

# A space at which no line is broken, as long as the text is being laid out. `plain.safe` writes it out wherever it
# comes from a value, so it can only be ours.
GLUE = "\ue000"
LEAST_PERCENTAGE = 1e-6
PAINTS = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}
COLOURS = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.ERROR: "red", Verdict.FAIL: "red"}


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is rendered onto: how wide it is and whether it knows colours."""

    columns: int
    colour: bool

    def paint(self, text: str, *names: str) -> str:
        """`text` in colours, where there are any."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(PAINTS[name] for name in names)}m{text}\x1b[0m"

    def laid_out(self, lines: list[str]) -> str:
        """Finished lines as one text."""
        return "\n".join(lines).replace(GLUE, " ") + "\n"

    def verdict(self, verdict: Verdict) -> str:
        """A verdict as a word of five columns at most."""
        return self.paint(label(verdict), COLOURS[verdict], "bold")


def label(verdict: Verdict) -> str:
    """Bad news is in capitals."""
    return verdict.value.upper() if verdict in (Verdict.FAIL, Verdict.ERROR) else verdict.value


def count(number: int) -> str:
    """1000 as 1,000."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """`1 feature`, `2 features`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def percent(rate: float) -> str:
    """A share as a percentage with up to three digits that count."""
    return _percentage(float(f"{rate * 100:.3g}"))


def percent_above(rate: float) -> str:
    """As `percent`, rounded up: a bound must not be understated by its printing."""
    if rate <= 0:
        return _percentage(0)
    value = max(rate * 100, LEAST_PERCENTAGE)
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    # 0.3 is 2.9999999999999996 steps of 0.1: what is a whole number but for that is not rounded up
    return _percentage(min(math.ceil(round(value / step, 6)) * step, 100))


def _percentage(value: float) -> str:
    digits = f"{value:.8f}".rstrip("0").rstrip(".")
    return f"{digits}{GLUE}%"


def bound(feature: FeatureResult) -> str:
    """`0 of 1,000 rows differ: at 95{GLUE}% confidence fewer than 0.3 % do`."""
    if not feature.compared:
        return "nothing was compared"
    if feature.skewed == feature.compared:
        return f"all {counted(feature.compared, 'row')} differ" if feature.compared > 1 else "the only row differs"
    said = f"{count(feature.skewed)} of {counted(feature.compared, 'row')} differ"
    if feature.skew_rate_upper is None:
        return said
    return f"{said}: at 95{GLUE}% confidence fewer than {percent_above(feature.skew_rate_upper)} do"


def upper(feature: FeatureResult) -> str:
    """The bound alone, for a column."""
    if not feature.compared or feature.skew_rate_upper is None:
        return "-"
    if feature.skewed == feature.compared:
        return f"100{GLUE}%"
    return f"< {percent_above(feature.skew_rate_upper)}"


def kinds(feature: FeatureResult) -> str:
    """How the cells that are no match compare, and why the rest was not compared."""
    counts: Iterable[tuple[Kind, int]] = (
        (Kind.MISMATCH, feature.mismatched),
        (Kind.MISSING_ONLINE, feature.missing_online),
        (Kind.MISSING_OFFLINE, feature.missing_offline),
        (Kind.SERVING_ERROR, feature.serving_errors),
        (Kind.WRONG_ON_BOTH, feature.wrong_on_both),
        (Kind.NOT_COMPARED, feature.not_compared),
    )
    said = [f"{count(number)} {kind.value}" for kind, number in counts if number]
    if feature.within_freshness:
        said.append(f"{count(feature.within_freshness)} of them within_freshness")
    return ", ".join(said)


def causes(feature: FeatureResult) -> str:
    """The causes, commonest first."""
    ranked = sorted(feature.causes.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{safe(cause)} {count(cells)}" for cause, cells in ranked)
