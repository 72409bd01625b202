"""The basket at the till against what the customer usually buys: computed when it is asked for."""

from __future__ import annotations

import pandas as pd

from skewguard import Feature, on_demand_features


@on_demand_features(
    inputs={
        "mean_order_30d": "float64",
        "last_ordered_at": "unixtimestamp",
        "basket_cents": "int64",
        "paid_at": "unixtimestamp",
    },
    features=[
        Feature("basket_ratio", "float64", nullable=True, owner="shop"),
        Feature("days_since_order", "float64", nullable=True, owner="shop"),
    ],
)
def basket(inputs: pd.DataFrame) -> pd.DataFrame:
    """Row by row, and from the declared inputs alone: null for a customer who has never ordered."""
    usual = inputs["mean_order_30d"].astype("float64")
    return pd.DataFrame(
        {
            "basket_ratio": inputs["basket_cents"].astype("float64") / usual.where(usual > 0),
            "days_since_order": (inputs["paid_at"] - inputs["last_ordered_at"]) / pd.Timedelta(days=1),
        }
    )
