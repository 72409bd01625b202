"""OpenMetrics text, read back by Prometheus' own parser."""

from __future__ import annotations

import pytest
from hostile import NASTY, hostile, run_record
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from skewguard.model import Outcome
from skewguard.report import metrics


def samples(outcome: Outcome) -> list[Sample]:
    """Every sample, once the parser has accepted the whole."""
    families = list(text_string_to_metric_families(metrics.text(outcome)))
    assert len({family.name for family in families}) == len(families)
    assert all(family.documentation for family in families)
    return [sample for family in families for sample in family.samples]


def value(found: list[Sample], name: str, **labels: str) -> float:
    (sample,) = [each for each in found if each.name == name and labels.items() <= each.labels.items()]
    return float(sample.value)


def test_green_red_hostile_and_nothing_are_read(green: Outcome, red: Outcome) -> None:
    for outcome in (green, red, hostile(), Outcome(run=run_record(project=None), exit_code=2, features=())):
        found = samples(outcome)
        assert len({(each.name, frozenset(each.labels.items())) for each in found}) == len(found)


def test_the_parser_can_refuse() -> None:
    text = metrics.text(hostile())
    for broken in (text.removesuffix("# EOF\n"), text.replace('quantile="0.99"', 'quantile="2"')):
        with pytest.raises(ValueError):
            list(text_string_to_metric_families(broken))


def test_rates_bounds_lag_and_duration() -> None:
    found = samples(hostile())
    name = f"view 0:{NASTY[0]}"
    assert value(found, "skewguard_feature_skew_rate", feature=name) == 0.01
    assert value(found, "skewguard_feature_skew_rate_upper", feature=name) == 0.02
    assert value(found, "skewguard_feature_failed", feature=name) == 1
    assert value(found, "skewguard_feature_failed", feature="fine:x") == 0
    assert value(found, "skewguard_feature_skewed_cells_by_cause", feature=name, cause="ttl_not_enforced") == 10
    assert value(found, "skewguard_feature_max_freshness_lag_seconds", feature="let be:x") == 86400
    assert not [
        each for each in found if each.name == "skewguard_feature_skew_rate" and each.labels["feature"] == "failed:x"
    ]
    assert value(found, "skewguard_run_duration_seconds") == 1234.5
    assert value(found, "skewguard_run_exit_code", mode="live", project=NASTY[0]) == 1
    assert value(found, "skewguard_run_info", verdict="fail") == 1


def test_latency_is_a_summary_per_view_and_service() -> None:
    found = samples(hostile())
    labels = {"view": "view 0", "service": NASTY[4]}
    assert value(found, "skewguard_online_request_seconds", quantile="0.99", **labels) == 0.5
    assert value(found, "skewguard_online_request_seconds_count", **labels) == 12
    assert value(found, "skewguard_online_request_seconds_count", service="", view="view 0") == 2


def test_labels_come_back_as_they_are() -> None:
    features = {each.labels.get("feature") for each in samples(hostile())}
    assert {each.feature for each in hostile().features} <= features


def test_laws_are_broken_or_kept() -> None:
    found = samples(hostile())
    assert value(found, "skewguard_law_broken", transform="tidy.transform", law="batch_invariant") == 1
    assert value(found, "skewguard_law_broken", transform="tidy.transform", law="deterministic") == 0
    assert not [each for each in found if each.labels.get("law") == "incremental"]
