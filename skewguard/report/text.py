"""The result for people: what was checked, each feature, what differs with examples, and the verdict last."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from skewguard.model import FeatureResult, Mode, Outcome, Verdict
from skewguard.report import examples, laws, table
from skewguard.report.plain import safe, safe_paragraph
from skewguard.report.words import GLUE, Page, bound, causes, count, counted, kinds, percent

EXAMPLES_EACH = 3
MOST_DETAILS = 12
MOST_LISTED = 12
USUAL_LEDGER = "skewguard.duckdb"

COVERS = {
    Mode.SANDBOX: "Checked in a sandbox: this proves the definitions, not the deployment. "
    "`skewguard check --live` reads the deployed registry and online store.",
    Mode.LIVE: "Read from the deployed registry and online store, as this SDK reads them; "
    "a feature server that has been running for long may still hold older definitions.",
    Mode.REPLAY: "Replayed in a sandbox: this proves the definitions and the schedule, not the deployment.",
    Mode.TABLES: "",
    Mode.TRANSFORMS: "",
}


def render(outcome: Outcome, *, columns: int = 80, colour: bool = False, here: Path | None = None) -> str:
    """The whole report, ending in a line break. `here` is the reader's folder, for commands to be copied."""
    page = Page(columns=max(columns, 60), colour=colour)
    found = [table.lines(outcome.features, page), *_details(outcome, page)]
    if outcome.run.mode is Mode.TRANSFORMS:
        found = laws.blocks(outcome, page)
    blocks = [
        _heading(outcome, page),
        *found,
        _listed("Could not be compared", ((each.feature, each.message) for each in outcome.errors), page),
        _listed("Skipped", ((each.feature, each.reason) for each in outcome.skipped), page),
        _notes(outcome, page),
        _closing(outcome, page, here),
    ]
    return page.laid_out([line for block in blocks if block for line in (*block, "")][:-1])


def verdict_only(outcome: Outcome, *, colour: bool = False) -> str:
    """The verdict's sentence alone, in one line however long."""
    page = Page(columns=10_000, colour=colour)
    return page.laid_out(_verdict(outcome, page))


def of_feature(outcome: Outcome, feature: FeatureResult, *, columns: int = 80) -> str:
    """What the whole report says of one feature, why it could not be compared among it, and where to look further."""
    page = Page(columns=max(columns, 60), colour=False)
    lines = _feature(feature, outcome, page)
    for error in outcome.errors:
        if error.feature in (feature.feature, feature.feature_view):
            lines += _wrapped(safe_paragraph(error.message), page)
    if feature.skewed and outcome.ledger is not None:
        lines.append(
            f"  skewguard explain {shlex.quote(safe(feature.feature))} --db {shlex.quote(safe(str(outcome.ledger)))}"
        )
    return page.laid_out(lines).rstrip("\n")


def headline(feature: FeatureResult) -> str:
    """The commonest cause of one feature and its counts, in one line."""
    said = bound(feature).partition(":")[0].replace(GLUE, " ")
    return f"{safe(feature.top_cause)}: {said}" if feature.top_cause else said


def _heading(outcome: Outcome, page: Page) -> list[str]:
    run = outcome.run
    said = [f"skewguard {safe(run.command)}"]
    if run.mode in (Mode.SANDBOX, Mode.LIVE, Mode.REPLAY):
        said.append(run.mode.value)
    if run.project:
        said.append(f"project {safe(run.project)}")
    if run.as_of is not None:
        said.append(f"as of {run.as_of.isoformat(timespec='seconds')}")
    rows = "all entity rows" if outcome.sample_rows is None else f"up to {counted(outcome.sample_rows, 'row')} per view"
    if run.mode not in (Mode.TABLES, Mode.TRANSFORMS):
        said.append(f"{rows}, seed {run.seed}")
    return _wrapped(" · ".join(said), page, indent="")


def _details(outcome: Outcome, page: Page) -> Iterable[list[str]]:
    telling = [each for each in outcome.features if each.verdict is not Verdict.PASS]
    telling.sort(key=lambda each: (each.verdict is not Verdict.FAIL, each.verdict is Verdict.WARN))
    for feature in telling[:MOST_DETAILS]:
        yield _feature(feature, outcome, page)
    if len(telling) > MOST_DETAILS:
        yield [f"… and {counted(len(telling) - MOST_DETAILS, 'feature')} more that the table above names."]


def _feature(feature: FeatureResult, outcome: Outcome, page: Page) -> list[str]:
    owner = f", owner {safe(feature.owner)}" if feature.owner else ""
    name = page.paint(safe(feature.feature), "bold")
    lines = [f"{page.verdict(feature.verdict)} {name}  {safe(feature.dtype)}{owner}"]
    budget = f" (budget {percent(feature.max_skew_rate)})" if feature.verdict is Verdict.FAIL else ""
    lines += _wrapped(f"{bound(feature)}{budget}", page)
    facts = [kinds(feature)]
    if feature.causes:
        facts.append(f"cause: {causes(feature)}")
    if feature.max_abs_error:
        facts.append(f"largest difference {feature.max_abs_error:.6g}")
    lines += _wrapped("; ".join(fact for fact in facts if fact), page)
    for note in feature.notes:
        lines += _wrapped(f"note: {safe(note)}", page)
    found = (each for each in outcome.examples if each.feature == feature.feature)
    return lines + examples.lines(list(islice(found, EXAMPLES_EACH)), page)


def _listed(title: str, items: Iterable[tuple[str, str]], page: Page) -> list[str]:
    """Names with a reason each; those with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in items:
        by_reason.setdefault(reason, []).append(safe(name))
    if not by_reason:
        return []
    lines = [f"{title}:"]
    for reason, names in islice(by_reason.items(), MOST_LISTED):
        lines += _wrapped(f"{_names(names)}: {safe_paragraph(reason)}", page, hang="    ")
    if len(by_reason) > MOST_LISTED:
        lines.append(f"  … and {count(len(by_reason) - MOST_LISTED)} more; --json has all.")
    return lines


def _notes(outcome: Outcome, page: Page) -> list[str]:
    passing = [(each.feature, note) for each in outcome.features if each.verdict is Verdict.PASS for note in each.notes]
    lines = _listed("Notes", passing, page)
    if outcome.notes and not lines:
        lines = ["Notes:"]
    for note in outcome.notes:
        lines += _wrapped(safe(note), page, hang="    ")
    return lines


def _closing(outcome: Outcome, page: Page, here: Path | None) -> list[str]:
    lines = _verdict(outcome, page)
    covers = COVERS[outcome.run.mode]
    if covers:
        lines += _wrapped(covers, page, indent="")
    if outcome.ledger is not None:
        ledger = str(outcome.ledger)
        db = "" if here is not None and outcome.ledger == here / USUAL_LEDGER else f" --db {shlex.quote(safe(ledger))}"
        transforms = outcome.run.mode is Mode.TRANSFORMS
        every, query = ("law", "from laws") if transforms else ("cell that differs", "select * from latest_diffs")
        lines += [f"Run {safe(outcome.run.run_id)} is in {safe(ledger)}; to see every {every}:"]
        lines += [f"  skewguard sql{db} '{query}'"]
    return lines


def _verdict(outcome: Outcome, page: Page) -> list[str]:
    features = outcome.features
    over = sum(each.verdict is Verdict.FAIL for each in features)
    compared = [each for each in features if each.compared]
    cells = sum(each.compared for each in features)
    match outcome.run.verdict:
        case _ if outcome.run.mode is Mode.TRANSFORMS:
            said = laws.said(outcome.laws)
        case Verdict.FAIL if not over:
            said = f"{counted(len(compared), 'feature')} within budget; a waiver that nothing needs fails the run"
        case Verdict.FAIL:
            differ = "differs by more than its" if len(features) == 1 else "differ by more than their"
            said = f"{over} of {counted(len(features), 'feature')} {differ} budget"
        case Verdict.ERROR if not compared:
            said = "nothing could be compared"
        case Verdict.ERROR:
            said = f"not everything could be compared; {counted(len(compared), 'feature')} within budget"
        case _:
            said = f"{counted(len(compared), 'feature')}, {counted(cells, 'cell')} compared"
            said += f"; {_overall(compared)}" if compared else ""
    waived = sum(sum(each.waived.values()) for each in features)
    if waived:
        said += f"; it looks past {counted(waived, 'skewed cell')}"
    if outcome.run.verdict is Verdict.WARN:
        warned = sum(each.verdict is Verdict.WARN for each in features)
        said += f"; {counted(warned, 'feature')} with a warning"
    exits = f" (exit code {outcome.exit_code})"
    first, *rest = _wrapped(f"{outcome.run.verdict.value.upper()}  {said}.{exits}", page, indent="")
    word = outcome.run.verdict.value.upper()
    return [page.verdict(outcome.run.verdict).replace(outcome.run.verdict.value, word) + first[len(word) :], *rest]


def _overall(compared: Sequence[FeatureResult]) -> str:
    """The bound that speaks for all features, if there is one; else of the feature with most rows, named as that."""
    bounds = {bound(each) for each in compared}
    if len(bounds) == 1:
        return ("" if len(compared) == 1 else "in each ") + bounds.pop()
    skewed = sum(each.skewed for each in compared)
    most = max(compared, key=lambda each: (each.compared, each.skewed))
    return f"{count(skewed) if skewed else 'none'} differ; where most rows were compared, {bound(most)}"


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {count(len(names) - 3)} more"


def _wrapped(text: str, page: Page, *, indent: str = "  ", hang: str | None = None) -> list[str]:
    """Lines of at most the page's width; long words are left whole, so that names can be copied."""
    if not text:
        return []
    later = indent if hang is None else hang
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(
            part,
            page.columns,
            initial_indent=indent,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
