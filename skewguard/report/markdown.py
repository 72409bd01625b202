"""The result as Markdown for a pull request: the verdict, the worst three features with cause and example, the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from skewguard.model import FeatureResult, LawResult, LawVerdict, Mode, Outcome, Standing, Verdict, Waived
from skewguard.report import examples
from skewguard.report.findings import rate
from skewguard.report.laws import untried_in
from skewguard.report.plain import clipped, safe
from skewguard.report.remedies import remedy_of
from skewguard.report.text import verdict_only
from skewguard.report.words import GLUE, bound, count, counted, percent

LIMIT = 65_536  # characters that GitHub takes in a comment
WORST = 3
MOST_LISTED = 10
LONGEST_VALUE, LONGEST_TEXT = 120, 300
SIGNS = {Verdict.PASS: "✅", Verdict.WARN: "⚠️", Verdict.ERROR: "🛑", Verdict.FAIL: "❌"}
GRAVITY = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.PASS)


def text(outcome: Outcome) -> str:
    """The page, ending in a line break; never longer than a comment may be."""
    lines = [
        *_heading(outcome),
        *_features(outcome),
        *_laws(outcome.laws),
        *_beside(outcome),
        *_waivers(outcome.waivers),
        *_foot(outcome),
    ]
    return fitting("\n".join(lines).replace(GLUE, " ") + "\n")


def _heading(outcome: Outcome) -> Iterator[str]:
    run = outcome.run
    said = verdict_only(outcome).strip()
    yield f"## {SIGNS[run.verdict]} skewguard: {run.verdict.value}"
    yield ""
    yield f"**{_escaped(said)}**"
    yield ""
    facts = [f"mode {run.mode.value}", f"project {code(run.project)}" if run.project else ""]
    facts.append(f"as of {run.as_of.isoformat(timespec='seconds')}" if run.as_of else "")
    if run.mode not in (Mode.TABLES, Mode.TRANSFORMS):
        rows = "all entity rows" if outcome.sample_rows is None else f"up to {counted(outcome.sample_rows, 'row')}"
        facts.append(f"{rows} per view, seed {run.seed}")
    yield " · ".join(fact for fact in facts if fact)


def worst(features: Iterable[FeatureResult]) -> list[FeatureResult]:
    """Features that are not fine, the gravest first: by verdict, then by how much is skewed."""
    telling = [each for each in features if each.verdict is not Verdict.PASS]
    return sorted(telling, key=lambda each: (GRAVITY.index(each.verdict), -(each.skew_rate or 0), -each.skewed))


def _features(outcome: Outcome) -> Iterator[str]:
    ranked = worst(outcome.features)
    for feature in ranked[:WORST]:
        yield ""
        yield f"### {SIGNS[feature.verdict]} {code(feature.feature)}"
        yield ""
        yield from _feature(feature, outcome)
    if rest := ranked[WORST:]:
        shown = ", ".join(code(each.feature) for each in rest[:MOST_LISTED])
        more = f" and {count(len(rest) - MOST_LISTED)} more" if len(rest) > MOST_LISTED else ""
        yield ""
        yield f"Also not fine: {shown}{more}."


def _feature(feature: FeatureResult, outcome: Outcome) -> Iterator[str]:
    owner = f"; owner {code(feature.owner)}" if feature.owner else ""
    if feature.verdict is Verdict.FAIL:
        yield f"{rate(feature)}{owner}."
    else:
        yield f"{bound(feature)}{owner}."
    if feature.top_cause is not None:
        remedy, cells = remedy_of(feature.top_cause), feature.causes.get(feature.top_cause, 0)
        yield ""
        yield f"- **cause** {code(feature.top_cause)} ({counted(cells, 'row')}): {remedy.is_when}"
        yield f"- **what to do** {remedy.what_to_do}"
    elif feature.notes:
        yield ""
        yield f"- {code(feature.notes[0], LONGEST_TEXT)}"
    example = next((each for each in outcome.examples if each.feature == feature.feature), None)
    if example is not None:
        said = " · ".join(f"{side} {code(value)}" for side, value in examples.sides(example, LONGEST_VALUE))
        yield f"- **example** {code(examples.entity(example))}: {said} ({examples.departs(example)})"


def _laws(laws: Sequence[LawResult]) -> Iterator[str]:
    broken = [each for each in laws if each.verdict is LawVerdict.BROKEN]
    if broken:
        yield ""
    for law in broken[:MOST_LISTED]:
        yield f"- ❌ {code(law.transform)} breaks {code(law.law)}: {code(law.message, LONGEST_TEXT)}"
    if len(broken) > MOST_LISTED:
        yield f"- … and {count(len(broken) - MOST_LISTED)} more"
    untried = list(untried_in(laws).items())
    if untried:
        yield from ("", "No law was tried on these, so nothing is proved of them:", "")
    for name, why in untried[:MOST_LISTED]:
        yield f"- {code(name)}: {code(why, LONGEST_TEXT)}"
    if len(untried) > MOST_LISTED:
        yield f"- … and {count(len(untried) - MOST_LISTED)} more"


def _beside(outcome: Outcome) -> Iterator[str]:
    broken = [each for each in outcome.features if any(finding.broken for finding in each.contract)]
    if broken:
        shown = ", ".join(code(each.feature) for each in broken[:MOST_LISTED])
        more = f" and {count(len(broken) - MOST_LISTED)} more" if len(broken) > MOST_LISTED else ""
        yield from ("", f"Contracts broken by values: {shown}{more}.")
    if outcome.errors:
        yield from ("", f"{counted(len(outcome.errors), 'error')}:", "")
        for error in outcome.errors[:MOST_LISTED]:
            yield f"- {code(error.feature)}: {code(error.message, LONGEST_TEXT)}"


def _waivers(waivers: Iterable[Waived]) -> Iterator[str]:
    """Each waiver once, whatever number of features it met; first those that let nothing be any more."""
    grouped: dict[tuple[object, ...], list[Waived]] = {}
    for each in waivers:
        # What differs between two rows of one waiver is the feature that it met, and in how many cells.
        key = (each.standing is Standing.HOLDS, each.standing, each.pattern, each.cause, each.owner, each.expires)
        grouped.setdefault((*key, each.reason), []).append(each)
    ranked = sorted(grouped.values(), key=lambda same: same[0].standing is Standing.HOLDS)
    if ranked:
        yield from ("", "Waivers:", "")
    for same in ranked[:MOST_LISTED]:
        yield f"- {_waiver(same[0], sum(each.cells for each in same), len(same))}"
    if len(ranked) > MOST_LISTED:
        yield f"- … and {count(len(ranked) - MOST_LISTED)} more"


def _waiver(waiver: Waived, cells: int, features: int) -> str:
    word = waiver.standing.value.replace("_", " ")
    met = "met no skew: delete it" if waiver.standing is Standing.UNUSED else counted(cells, "cell")
    met += f" of {counted(features, 'feature')}" if features > 1 else ""
    cap = f", up to {percent(waiver.max_rate)}" if waiver.max_rate < 1 else ""
    given = f"{code(waiver.owner)}, through {waiver.expires}{cap}: {code(waiver.reason, LONGEST_TEXT)}"
    sign = SIGNS[Verdict.WARN if waiver.standing is Standing.HOLDS else Verdict.FAIL]
    return f"{sign} **{word}** {code(waiver.cause)} for {code(waiver.pattern)}: {met}; {given}"


def _foot(outcome: Outcome) -> Iterator[str]:
    if outcome.ledger is not None:
        more = "`skewguard explain FEATURE` shows why, with the SQL for it."
        if outcome.run.mode is Mode.TRANSFORMS:
            more = "`skewguard sql 'from laws'` shows every law."
        yield from ("", f"Run {code(outcome.run.run_id)}; {more}")


def code(value: str, longest: int = LONGEST_VALUE) -> str:
    """A value as inline code, whatever it holds: no markup, no mention, no link, no line break."""
    # By characters too: those that take no room are not clipped by the room they take.
    shown = clipped(safe(value), longest)[: longest * 2] or " "
    fence = "`" * (1 + max((len(each) for each in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") or shown.strip() != shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _escaped(said: str) -> str:
    """Our own sentence: only characters that Markdown would take for markup are escaped."""
    return re.sub(r"([\\`*_\[\]<>#|~@])", r"\\\1", safe(said.replace(GLUE, " ")))


def fitting(page: str) -> str:
    """The page, cut at the end of a line where a comment could not hold it."""
    if len(page) <= LIMIT:
        return page
    kept = page[: LIMIT - 40].rpartition("\n")[0]
    return f"{kept}\n\n… cut to fit; --json has all.\n"
