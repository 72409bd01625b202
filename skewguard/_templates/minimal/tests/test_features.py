"""What the features should be, and that training and serving are given the same ones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from transforms.basket import basket
from transforms.customers import customer_orders

ROOT = Path(__file__).parents[1]
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def orders(*rows):
    """Rows of (customer, days before noon, cents), in the order of their times."""
    timed = [(customer, pd.Timestamp(NOON - timedelta(days=days)), cents) for customer, days, cents in rows]
    return pd.DataFrame(timed, columns=["customer_id", "ordered_at", "cents"]).sort_values("ordered_at")


def test_a_window_holds_thirty_days_and_not_a_moment_more():
    found = customer_orders(orders((7, 30, 100), (7, 29, 250), (7, 0, 50), (8, 1, 999)))
    newest = found[found["customer_id"] == 7].iloc[-1]
    assert (newest["orders_30d"], newest["spent_30d"], newest["mean_order_30d"]) == (2, 300, 150.0)


def test_a_basket_is_held_against_the_usual_order():
    inputs = pd.DataFrame(
        {
            "mean_order_30d": [150.0, None],
            "last_ordered_at": pd.to_datetime([NOON - timedelta(days=3), None], utc=True),
            "basket_cents": [300, 300],
            "paid_at": pd.to_datetime([NOON, NOON], utc=True),
        }
    )
    found = basket(inputs)
    assert found["basket_ratio"].tolist()[0] == 2.0 and found["days_since_order"].tolist()[0] == 3.0
    assert found.iloc[1].isna().all()


def test_training_and_serving_are_given_the_same(skewguard_check):
    result = skewguard_check(ROOT / "feature_repo")
    assert result.exit_code == 0, result
