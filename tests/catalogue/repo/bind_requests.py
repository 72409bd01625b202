"""Binds the decorated on-demand transforms of the catalogue to Feast, each as a view of its own name."""

import bad.requests
import good.requests
from facts import facts

from skewguard import on_demand_feature_view

found = [each for module in (bad.requests, good.requests) for each in vars(module).values()]
bound = [on_demand_feature_view(each, sources=[facts]) for each in found if hasattr(each, "__breaks__")]
globals().update({f"{each.name}_view": each for each in bound})
