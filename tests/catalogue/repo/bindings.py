"""Binds the decorated transforms of the catalogue to Feast, each as a view of its own name."""

import bad.histories
import bad.requests
import good.histories
import good.requests
from facts import HERE, facts
from feast import Entity, FileSource, ValueType

from skewguard import feature_view, on_demand_feature_view

driver = Entity(name="driver", join_keys=["driver"], value_type=ValueType.INT64)
trips = FileSource(name="trips", path=str(HERE / "trips.parquet"), timestamp_field="ended")


def labelled(*modules):
    """The transforms of the catalogue that these modules hold."""
    return [each for module in modules for each in vars(module).values() if hasattr(each, "__breaks__")]


bound = [
    *(on_demand_feature_view(each, sources=[facts]) for each in labelled(bad.requests, good.requests)),
    *(feature_view(each, source=trips, entities=[driver]) for each in labelled(bad.histories, good.histories)),
]
globals().update({f"{each.name}_view": each for each in bound})
