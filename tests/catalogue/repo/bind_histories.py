"""Binds the decorated batch transforms of the catalogue to Feast, each as a view of its own name."""

import bad.histories
import good.histories
from facts import driver, trips

from skewguard import feature_view

found = [each for module in (bad.histories, good.histories) for each in vars(module).values()]
bound = [feature_view(each, source=trips, entities=[driver]) for each in found if hasattr(each, "__breaks__")]
globals().update({f"{each.name}_view": each for each in bound})
