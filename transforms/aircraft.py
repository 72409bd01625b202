"""Whether the aircraft itself is a risk: how old it is, how long it has stood, how it did last time."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from skewguard import Feature, on_demand_features

LOCAL = ZoneInfo("America/New_York")


@on_demand_features(
    mode="row",
    inputs={
        "built_year": "int64",
        "last_landed_at": "unixtimestamp",
        "last_arr_delay": "int64",
        "scheduled_departure": "unixtimestamp",
    },
    features=[
        Feature("aircraft_age_years", "int64", nullable=True, owner="fleet"),
        Feature("hours_since_landing", "float64", nullable=True, owner="fleet"),
        Feature("landed_late", "bool", nullable=True, owner="fleet"),
    ],
)
def aircraft_readiness(
    built_year: int | None,
    last_landed_at: datetime | None,
    last_arr_delay: int | None,
    scheduled_departure: datetime | None,
) -> dict[str, int | float | bool | None]:
    """One flight at a time; whatever is unknown makes unknown only what depends on it."""
    age = hours = None
    if built_year is not None and scheduled_departure is not None:
        age = scheduled_departure.astimezone(LOCAL).year - built_year
    if last_landed_at is not None and scheduled_departure is not None:
        hours = (scheduled_departure - last_landed_at) / timedelta(hours=1)
    late = None if last_arr_delay is None else last_arr_delay > 0
    return {"aircraft_age_years": age, "hours_since_landing": hours, "landed_late": late}
