"""Proves that a model is served what it was trained on: offline, online and source values of a Feast repo, compared."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skewguard.version import __version__

if TYPE_CHECKING:
    from skewguard.api import check, diff, lock, parity
    from skewguard.contract import Contract, Feature, Tolerance
    from skewguard.definition import batch_features, on_demand_features
    from skewguard.errors import SkewguardError
    from skewguard.feature_store.bindings import feature_view, on_demand_feature_view
    from skewguard.pipeline.push import push
    from skewguard.result import CheckResult

__all__ = [
    "CheckResult",
    "Contract",
    "Feature",
    "SkewguardError",
    "Tolerance",
    "__version__",
    "batch_features",
    "check",
    "diff",
    "feature_view",
    "lock",
    "on_demand_feature_view",
    "on_demand_features",
    "parity",
    "push",
]

# Where each name is defined; imported when it is first asked for, so that `import skewguard` costs nothing.
HOMES = {
    "CheckResult": "skewguard.result",
    "Contract": "skewguard.contract",
    "Feature": "skewguard.contract",
    "SkewguardError": "skewguard.errors",
    "Tolerance": "skewguard.contract",
    "batch_features": "skewguard.definition",
    "check": "skewguard.api",
    "diff": "skewguard.api",
    "feature_view": "skewguard.feature_store.bindings",
    "lock": "skewguard.api",
    "on_demand_feature_view": "skewguard.feature_store.bindings",
    "on_demand_features": "skewguard.definition",
    "parity": "skewguard.api",
    "push": "skewguard.pipeline.push",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'skewguard' has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
