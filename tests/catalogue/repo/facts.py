"""What the views of the catalogue read: two feature views, and how a plain on-demand view over them is written."""

from datetime import timedelta
from pathlib import Path

from feast import BatchFeatureView, Entity, FeatureView, Field, FileSource, ValueType
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Array, Bool, Float32, Float64, Int64, String, UnixTimestamp

HERE = Path(__file__).parent
customer = Entity(name="customer", join_keys=["customer"], value_type=ValueType.INT64)

facts = FeatureView(
    name="facts",
    entities=[customer],
    ttl=timedelta(days=30),
    source=FileSource(name="facts", path=str(HERE / "facts.parquet"), timestamp_field="at"),
    schema=[
        Field(name="amount", dtype=Float64),
        Field(name="visits", dtype=Int64),
        Field(name="price", dtype=Float32),
        Field(name="city", dtype=String),
        Field(name="flag", dtype=Bool),
        Field(name="seen", dtype=UnixTimestamp),
        Field(name="labels", dtype=Array(String)),
    ],
)
logged = FeatureView(
    name="logged",
    entities=[customer],
    ttl=timedelta(days=30),
    source=FileSource(name="logged", path=str(HERE / "logged.parquet"), timestamp_field="at"),
    schema=[Field(name="noted", dtype=UnixTimestamp)],
)
driver = Entity(name="driver", join_keys=["driver"], value_type=ValueType.INT64)
trips = FileSource(name="trips", path=str(HERE / "trips.parquet"), timestamp_field="ended")


def view(breaks="none", gives=Float64, mode="pandas", reads=facts):
    """A plain on-demand view named as its function, with one feature `value`; `breaks` is its label."""
    return on_demand_feature_view(
        sources=[reads], schema=[Field(name="value", dtype=gives)], mode=mode, tags={"breaks": breaks}
    )


def batch_view(breaks="none", gives=Float64):
    """Makes a function that adds `value` to trips a plain batch view of its name; `breaks` is its label."""

    def bound(function):
        return BatchFeatureView(
            name=function.__name__,
            entities=[driver],
            schema=[Field(name="value", dtype=gives)],
            source=trips,
            udf=function,
            udf_string="none",
            mode="pandas",
            online=True,
            tags={"breaks": breaks},
        )

    return bound
