"""Binds the decorated transforms of the catalogue to Feast, each as a view of its own name."""

from facts import facts
from skewguard import on_demand_feature_view
from skewguard.definition import transform_of

import bad.requests
import good.requests

bound = [
    on_demand_feature_view(function, sources=[facts])
    for module in (bad.requests, good.requests)
    for function in vars(module).values()
    if hasattr(function, "__breaks__")
]
globals().update({f"{each.name}_view": each for each in bound})
