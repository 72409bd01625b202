"""A feature defined once: decorators that mark a function, and what is known about a marked one. Imports no store."""

from skewguard.definition.batch import BatchTransform, Form, batch_features
from skewguard.definition.on_demand import Mode, OnDemandTransform, on_demand_features
from skewguard.definition.reach import find_transform, transform_of

__all__ = [
    "BatchTransform",
    "Form",
    "Mode",
    "OnDemandTransform",
    "batch_features",
    "find_transform",
    "on_demand_features",
    "transform_of",
]
