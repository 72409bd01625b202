"""That training and serving are given the same features, and what two of them should be."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from transforms.aircraft import aircraft_readiness
from transforms.delay_share import delay_share

ROOT = Path(__file__).parents[1]


def test_ten_minutes_weigh_more_on_a_short_hop():
    inputs = pd.DataFrame(
        {
            "carrier_mean_dep_delay_24h": [10.0, 10.0],
            "carrier_late_share_24h": [0.5, 0.5],
            "scheduled_minutes": [50, 500],
            "distance": [200, 2000],
        }
    )
    assert delay_share(inputs)["carrier_delay_share"].tolist() == [0.2, 0.02]


def test_what_is_unknown_of_an_aircraft_makes_unknown_only_what_depends_on_it():
    noon = datetime(2013, 7, 4, 16, tzinfo=UTC)
    found = aircraft_readiness(None, noon - timedelta(hours=2), -5, noon)
    assert found == {"aircraft_age_years": None, "hours_since_landing": 2.0, "landed_late": False}


def test_training_and_serving_are_given_the_same(skewguard_check):
    result = skewguard_check(ROOT / "feature_repo")
    assert result.exit_code == 0, result
