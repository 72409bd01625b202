"""The Feast objects of the shop. No arithmetic here: what a feature is, transforms/ says."""

from pathlib import Path

from feast import Entity, FeatureService, Field, FileSource, RequestSource, ValueType
from feast.types import Int64, UnixTimestamp

from skewguard import feature_view, on_demand_feature_view
from transforms.basket import basket
from transforms.customers import customer_orders

# Absolute, because Feast's duckdb store reads a relative path from wherever the process was started.
DATA = Path(__file__).resolve().parent / "data"

orders = FileSource(
    name="orders",
    path=str(DATA / "orders.parquet"),
    timestamp_field="ordered_at",
    created_timestamp_column="known_at",
)
customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.INT64)

customer_orders_view = feature_view(customer_orders, source=orders, entities=[customer])

till = RequestSource(
    name="till",
    schema=[Field(name="basket_cents", dtype=Int64), Field(name="paid_at", dtype=UnixTimestamp)],
)
basket_view = on_demand_feature_view(basket, sources=[customer_orders_view, till])

fraud_v1 = FeatureService(
    name="fraud_v1",
    features=[customer_orders_view, basket_view],
    description="The first model: the customer's month, and the basket against it",
    owner="shop",
)
