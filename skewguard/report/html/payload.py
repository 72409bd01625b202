"""What the page draws from: the run, its features sorted by what matters, and their figures, in JSON's own types."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

from skewguard.model import FeatureResult, LawResult, LawVerdict, Mode, Outcome, RunRecord, Verdict
from skewguard.report.findings import place_of
from skewguard.report.json import plain
from skewguard.report.laws import untried_in
from skewguard.report.plain import safe, safe_paragraph
from skewguard.report.remedies import remedy_of
from skewguard.report.text import verdict_only
from skewguard.report.waived import other_notes
from skewguard.report.words import GLUE, bound, counted, percent_above

if TYPE_CHECKING:
    import pyarrow as pa

GRAVITY = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.PASS)
LAW_GRAVITY = (LawVerdict.BROKEN, LawVerdict.HELD, LawVerdict.NOT_APPLICABLE)
ONE_ROW = ("spread", "predicate")
DIGITS = 9  # that count, of numbers to be drawn; the page prints six
LONGEST_NOTE = 1000


class Figure(Protocol):
    """A question to the ledger as it was asked, and the answer."""

    @property
    def text(self) -> str: ...

    @property
    def rows(self) -> pa.Table: ...


def payload(outcome: Outcome, figures: Mapping[str, Figure], where: Callable[[str], str]) -> dict[str, Any]:
    """All that the page knows."""
    ranked = sorted(outcome.features, key=_gravity)
    answers = {name: _by_feature(name, figure) for name, figure in figures.items() if name != "measures"}
    causes = {cause for each in ranked for cause in each.causes}
    return {
        "run": _shown(
            {each.name: getattr(outcome.run, each.name) for each in fields(RunRecord) if each.name != "config"}
        ),
        "said": verdict_only(outcome).strip().partition(" ")[2].lstrip(),
        "bound": _bound(outcome),
        "sample": _sample(outcome),
        "versions": _versions(outcome.run),
        "features": [_feature(each, outcome, answers) | {"sql": where(each.feature)} for each in ranked],
        "sql": {name: figure.text for name, figure in figures.items()},
        "remedies": {cause: _remedy(cause) for cause in sorted(causes)},
        "laws": [_law(each) for each in sorted(outcome.laws, key=_law_gravity)],
        "untried": [{"transform": safe(name), "why": safe(why)} for name, why in untried_in(outcome.laws).items()],
        "errors": _rows(outcome.errors),
        "skipped": _rows(outcome.skipped),
        "notes": _shown(outcome.notes),
        "latency": _rows(outcome.latency),
        "waivers": _rows(outcome.waivers),
    }


def _gravity(feature: FeatureResult) -> tuple[int, int, float, str]:
    return GRAVITY.index(feature.verdict), -feature.skewed, -(feature.skew_rate or 0), feature.feature


def _law_gravity(law: LawResult) -> tuple[int, str]:
    return LAW_GRAVITY.index(law.verdict), law.transform


def _bound(outcome: Outcome) -> str | None:
    """What the run proves of the features that are fine: the weakest of their bounds."""
    fine = [each for each in outcome.features if each.compared and not each.skewed and each.skew_rate_upper is not None]
    if not fine:
        return None
    worst = max(each.skew_rate_upper or 0 for each in fine)
    said = f"{counted(len(fine), 'feature')} without skew: at 95 % confidence fewer than {percent_above(worst)}"
    return f"{said} of all rows differ{' in each' if len(fine) > 1 else ''}.".replace(GLUE, " ")


def _sample(outcome: Outcome) -> str | None:
    if outcome.run.mode in (Mode.TABLES, Mode.TRANSFORMS):
        return None
    rows = "all entity rows" if outcome.sample_rows is None else f"up to {counted(outcome.sample_rows, 'row')}"
    return f"{rows} per view, seed {outcome.run.seed}"


def _versions(run: RunRecord) -> str:
    named = {
        "skewguard": run.skewguard_version,
        "feast": run.feast_version,
        "duckdb": run.duckdb_version,
        "pandas": run.pandas_version,
        "python": run.python_version,
    }
    return ", ".join(f"{name} {version}" for name, version in named.items() if version)


def _feature(feature: FeatureResult, outcome: Outcome, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    place = place_of(outcome, feature.feature_view)
    known = {each.name: _shown(getattr(feature, each.name)) for each in fields(FeatureResult) if each.name != "causes"}
    known |= {
        "ref": safe(feature.feature),
        "view": safe(feature.feature_view),
        "bound": bound(feature).replace(GLUE, " "),
        "place": None if place is None else safe(f"{place.file}:{place.line}"),
        "notes": [note[:LONGEST_NOTE] for note in _shown(other_notes(outcome, feature))],
    }
    known |= {name: found[feature.feature] for name, found in answers.items() if feature.feature in found}
    for name in ("feature", "feature_view"):
        del known[name]
    # What is not there is not said: of a thousand features most have little to say.
    return {name: value for name, value in known.items() if value not in (None, 0, "", [], {}) or name == "skew_rate"}


def _by_feature(name: str, figure: Figure) -> dict[str, Any]:
    """The answer of a figure, which is in the order of features, for each: column by column, or its only row."""
    columns = {each: _column(figure.rows.column(each).to_pylist()) for each in figure.rows.column_names}
    refs = figure.rows.column("feature").to_pylist()
    del columns["feature"]
    found, first = {}, 0
    for ref, same in groupby(refs):
        after = first + sum(1 for _ in same)
        part = {each: values[first:after] for each, values in columns.items()}
        found[ref] = {each: values[0] for each, values in part.items()} if name in ONE_ROW else part
        first = after
    return found


def _column(values: list[Any]) -> list[Any]:
    """Values of one type as JSON has them: a figure may have a hundred thousand."""
    kind = next((type(each) for each in values if each is not None), int)
    if kind in (int, bool):
        return values
    if kind is float:
        return [each if each is None else _number(each) for each in values]
    return [_shown(each) for each in values]


def _number(value: float) -> Any:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else plain(value)


def _remedy(cause: str) -> dict[str, str]:
    remedy = remedy_of(cause)
    return {"is_when": remedy.is_when, "leads_to_it": remedy.leads_to_it, "what_to_do": remedy.what_to_do}


def _law(law: LawResult) -> dict[str, Any]:
    found = dict(law.counterexample or {})
    test = found.pop("test", None)
    return {
        "transform": safe(law.transform),
        "law": law.law.value,
        "verdict": law.verdict.value,
        "examples": law.examples,
        "message": safe_paragraph(law.message),
        "counterexample": json.dumps(plain(found), indent=2, ensure_ascii=False, default=str) if found else None,
        "test": test,
    }


def _rows(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [{each.name: _shown(getattr(value, each.name)) for each in fields(value)} for value in values]


def _shown(value: Any) -> Any:
    """In JSON's types, every text without a character that hides or reorders others."""
    match plain(value):
        case str(text):
            return safe_paragraph(text)
        case dict(inner):
            return {safe(str(name)): _shown(each) for name, each in inner.items()}
        case list(inner):
            return [_shown(each) for each in inner]
        case other:
            return other
