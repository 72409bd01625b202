"""How long online requests took, per view and per service that was asked for: quantiles of what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from skewguard.model import Latency
from skewguard.pipeline.bench import Bench


def latencies(bench: Bench) -> tuple[Latency, ...]:
    """One for each view that was read; where `--service` was given, one for each of those that lists it."""
    found = []
    for view, seconds in bench.timings.items():
        listing: list[str | None] = [
            name
            for name in bench.options.services
            if any(ref.partition(":")[0] == view for ref in bench.repo.services.get(name, ()))
        ]
        if seconds:
            found += [_latency(view, service, sorted(seconds)) for service in listing or [None]]
    return tuple(found)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest of `ordered` values that at least this share of them does not exceed."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def _latency(view: str, service: str | None, ordered: Sequence[float]) -> Latency:
    p50, p95, p99 = (quantile(ordered, share) for share in (0.5, 0.95, 0.99))
    return Latency(feature_view=view, service=service, requests=len(ordered), p50=p50, p95=p95, p99=p99)
