"""Binds the decorated batch transforms of the catalogue to Feast, each as a view of its own name."""

import bad.histories
import good.histories
from facts import HERE
from feast import Entity, FileSource, ValueType

from skewguard import feature_view

driver = Entity(name="driver", join_keys=["driver"], value_type=ValueType.INT64)
trips = FileSource(name="trips", path=str(HERE / "trips.parquet"), timestamp_field="ended")

found = [each for module in (bad.histories, good.histories) for each in vars(module).values()]
bound = [feature_view(each, source=trips, entities=[driver]) for each in found if hasattr(each, "__breaks__")]
globals().update({f"{each.name}_view": each for each in bound})
