"""The result as OpenMetrics text, which Prometheus reads: rates, bounds, lag, duration, how fast serving answered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from skewguard.model import FeatureResult, Outcome, Verdict

Labels = Mapping[str, str]
QUANTILES = (("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99"))


@dataclass(frozen=True, kw_only=True)
class Family:
    """One metric: its name without the suffix of a sample, its type, its help, and its samples."""

    name: str
    kind: str
    says: str
    samples: Iterable[tuple[str, Labels, float]]  # suffix, labels, value
    unit: str = ""


def text(outcome: Outcome) -> str:
    """The exposition, ending as the format wants."""
    lines = [line for family in _families(outcome) for line in _lines(family)]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _families(outcome: Outcome) -> Iterator[Family]:
    yield from _of_run(outcome)
    for name, says, values in _measures(outcome):
        yield _gauge(f"skewguard_feature_{name}", says, values, "seconds" if name.endswith("_seconds") else "")
    yield _gauge(
        "skewguard_feature_skewed_cells_by_cause",
        "Skewed cells of the feature that have this cause.",
        [
            ({**_of(outcome), **_named(each), "cause": cause}, float(cells))
            for each in outcome.features
            for cause, cells in each.causes.items()
        ],
    )
    yield _gauge(
        "skewguard_law_broken",
        "1 where the transform breaks the law, 0 where it keeps it.",
        [
            ({**_of(outcome), "transform": each.transform, "law": each.law.value}, float(each.verdict == "broken"))
            for each in outcome.laws
            if each.verdict != "not_applicable"
        ],
    )
    yield Family(
        name="skewguard_online_request_seconds",
        kind="summary",
        says="How long get_online_features took in this process: of up to --online-batch rows of a view, or of "
        "--request-size rows of an on-demand view, whose inputs were read ahead.",
        samples=list(_latencies(outcome)),
        unit="seconds",
    )


def _of_run(outcome: Outcome) -> Iterator[Family]:
    run, labels = outcome.run, _of(outcome)
    facts = {"run_id": run.run_id, "verdict": run.verdict.value, "skewguard_version": run.skewguard_version}
    yield Family(name="skewguard_run", kind="info", says="The run.", samples=[("_info", {**labels, **facts}, 1.0)])
    seconds = (run.finished_at - run.started_at).total_seconds()
    yield _gauge("skewguard_run_duration_seconds", "How long the run took.", [(labels, seconds)], "seconds")
    finished = run.finished_at.timestamp()
    yield _gauge("skewguard_run_finished_timestamp_seconds", "When it was finished.", [(labels, finished)], "seconds")
    yield _gauge("skewguard_run_exit_code", "What the command exited with.", [(labels, float(outcome.exit_code))])
    yield _gauge("skewguard_run_errors", "What could not be compared.", [(labels, float(len(outcome.errors)))])


def _measures(outcome: Outcome) -> Iterator[tuple[str, str, list[tuple[Labels, float]]]]:
    for name, says in MEASURES.items():
        found = [(each, _number(each, name)) for each in outcome.features]
        yield name, says, [({**_of(outcome), **_named(each)}, value) for each, value in found if value is not None]


MEASURES: Mapping[str, str] = {
    "skew_rate": "Skewed cells by compared cells.",
    "skew_rate_upper": "What the rate is below, at 95 % confidence.",
    "max_skew_rate": "The budget of the rate.",
    "compared": "Cells that were compared.",
    "skewed": "Cells that are skewed.",
    "wrong_on_both": "Cells that are equal on both paths and differ from the source.",
    "max_freshness_lag_seconds": "How far the online value is behind, at most.",
    "failed": "1 where the feature is over its budget or could not be compared.",
}


def _number(feature: FeatureResult, name: str) -> float | None:
    match name:
        case "max_freshness_lag_seconds":
            return None if feature.max_freshness_lag is None else feature.max_freshness_lag.total_seconds()
        case "failed":
            return float(feature.verdict in (Verdict.FAIL, Verdict.ERROR))
        case _:
            value = getattr(feature, name)
            return None if value is None else float(value)


def _latencies(outcome: Outcome) -> Iterator[tuple[str, Labels, float]]:
    for each in outcome.latency:
        labels = {**_of(outcome), "view": each.feature_view, "service": each.service or ""}
        for quantile, name in QUANTILES:
            yield "", {**labels, "quantile": quantile}, getattr(each, name)
        yield "_count", labels, float(each.requests)


def _of(outcome: Outcome) -> Labels:
    return {"project": outcome.run.project or "", "mode": outcome.run.mode.value}


def _named(feature: FeatureResult) -> Labels:
    return {"feature": feature.feature, "view": feature.feature_view}


def _gauge(name: str, says: str, values: list[tuple[Labels, float]], unit: str = "") -> Family:
    return Family(name=name, kind="gauge", says=says, samples=[("", *each) for each in values], unit=unit)


def _lines(family: Family) -> Iterator[str]:
    samples = [*family.samples]
    if not samples:
        return
    yield f"# TYPE {family.name} {family.kind}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {family.says}"
    for suffix, labels, value in samples:
        said = ",".join(f'{name}="{_label(each)}"' for name, each in labels.items())
        yield f"{family.name}{suffix}{{{said}}} {_value(value)}"


def _label(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _value(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
