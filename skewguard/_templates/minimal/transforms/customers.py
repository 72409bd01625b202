"""What a customer bought lately, as of each of the customer's orders."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from skewguard import Feature, batch_features

WINDOW = timedelta(days=30)


@batch_features(
    entity=["customer_id"],
    timestamp="ordered_at",
    lookback=WINDOW,
    features=[
        Feature("last_ordered_at", "unixtimestamp", nullable=False, owner="shop"),
        Feature("orders_30d", "int64", nullable=False, range=(1, None), owner="shop"),
        Feature("spent_30d", "int64", nullable=False, owner="shop", description="In cents, so that sums are exact"),
        Feature("mean_order_30d", "float64", nullable=False, owner="shop"),
    ],
)
def customer_orders(orders: pd.DataFrame) -> pd.DataFrame:
    """One row per order time, with the 30 days up to and including it, (order - 30 d, order].

    The days are counted back from the order, not from the time of asking: a row stays true until the next order, and
    needs no TTL, which Feast would apply in training only.
    """
    known = orders.dropna(subset=["customer_id", "ordered_at", "cents"])
    times = known.groupby(["customer_id", "ordered_at"], as_index=False)["cents"].agg(["sum", "count"])
    times = times.sort_values(["customer_id", "ordered_at"], kind="stable", ignore_index=True)
    spent, count = _of_window(times, "sum"), _of_window(times, "count")
    return pd.DataFrame(
        {
            "customer_id": times["customer_id"],
            "ordered_at": times["ordered_at"],
            "last_ordered_at": times["ordered_at"],
            "orders_30d": count,
            "spent_30d": spent,
            "mean_order_30d": spent / count,
        }
    )


def _of_window(times: pd.DataFrame, column: str) -> pd.Series:
    """The sum of `column` over each customer's window: of whole numbers, which a float holds exactly."""
    timed = pd.Series(times[column].to_numpy(dtype="float64"), index=pd.DatetimeIndex(times["ordered_at"]))
    rolling = timed.groupby(times["customer_id"].to_numpy(), sort=True).rolling(WINDOW, min_periods=1)
    return rolling.sum().round().astype("int64").reset_index(drop=True)
