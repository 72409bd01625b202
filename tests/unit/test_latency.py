"""Quantiles of what online requests took."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from skewguard.pipeline.latency import quantile


def test_quantiles_are_values_that_were_measured() -> None:
    hundred = list(range(1, 101))
    assert [quantile(hundred, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert [quantile([7.0], share) for share in (0.5, 0.99)] == [7.0, 7.0]
    assert quantile([1, 2], 0.5) == 1


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(0, 10), min_size=1).map(sorted), st.floats(0.01, 1))
def test_a_quantile_is_the_least_value_that_covers_the_share(ordered: list[float], share: float) -> None:
    found = quantile(ordered, share)
    assert sum(each <= found for each in ordered) >= share * len(ordered) - 1e-9
    assert sum(each < found for each in ordered) < share * len(ordered)
