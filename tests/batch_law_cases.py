"""Batch transforms as people write them, sound and broken, over one table of rides; for the tests of the batch laws."""

from __future__ import annotations

import random
from datetime import timedelta

import duckdb
import pandas as pd

from skewguard import Feature, batch_features

WEEK = timedelta(days=7)
Relation = duckdb.DuckDBPyRelation


def rides_features(*names: str, lookback: timedelta | None = WEEK, dtype: str = "float64"):  # type: ignore[no-untyped-def]
    return batch_features(
        entity=["driver_id"],
        timestamp="happened_at",
        lookback=lookback,
        features=[Feature(name, dtype, nullable=True) for name in names],
    )


def rolled(rides: pd.DataFrame, window: str = "7d", **options: object) -> pd.DataFrame:
    """The fare over a window of each driver, one row per ride."""
    one = rides.drop_duplicates(["driver_id", "happened_at"], keep="last").sort_values(["driver_id", "happened_at"])
    timed = one.set_index("happened_at").groupby("driver_id")["fare"]
    return timed.rolling(window, **options)


# Sound ones.


@rides_features("fare")
def plain_column(rides: pd.DataFrame) -> pd.DataFrame:
    return rides.drop_duplicates(["driver_id", "happened_at"], keep="last")[["driver_id", "happened_at", "fare"]]


@rides_features("mean_7d")
def rolling_mean(rides: pd.DataFrame) -> pd.DataFrame:
    return rolled(rides, min_periods=1).mean().rename("mean_7d").reset_index()


@rides_features("sum_7d")
def rolling_sum(rides: pd.DataFrame) -> pd.DataFrame:
    return rolled(rides, min_periods=1).sum().rename("sum_7d").reset_index()


@rides_features("std_7d")
def rolling_std(rides: pd.DataFrame) -> pd.DataFrame:
    return rolled(rides, min_periods=2).std().rename("std_7d").reset_index()


@rides_features("total", lookback=None)
def running_total(rides: pd.DataFrame) -> pd.DataFrame:
    daily = rides.groupby(["driver_id", "happened_at"], as_index=False)["fare"].sum()
    return daily.assign(total=daily.groupby("driver_id")["fare"].cumsum()).drop(columns="fare")


@rides_features("waited_s", lookback=timedelta(days=30))
def seconds_since_last(rides: pd.DataFrame) -> pd.DataFrame:
    times = rides[["driver_id", "happened_at"]].drop_duplicates().sort_values(["driver_id", "happened_at"])
    waited = times.groupby("driver_id")["happened_at"].diff().dt.total_seconds()
    return times.assign(waited_s=waited.where(waited <= 30 * 86400))


@rides_features("km_per_day", lookback=timedelta(days=1))
def daily_labelled_at_the_end(rides: pd.DataFrame) -> pd.DataFrame:
    ends = rides["happened_at"].dt.ceil("D")
    summed = rides.assign(happened_at=ends).groupby(["driver_id", "happened_at"], as_index=False)["km"].sum(min_count=1)
    return summed.rename(columns={"km": "km_per_day"})


@rides_features("rides_7d", dtype="int64")
def counted_in_sql(rides: Relation) -> Relation:
    return rides.query(
        "rides",
        """
        select distinct driver_id, happened_at, count(*) over (
            partition by driver_id order by happened_at range between interval 7 days preceding and current row
        ) as rides_7d
        from rides
        """,
    )


@rides_features("mean_7d")
def averaged_in_sql(rides: Relation) -> Relation:
    return rides.query(
        "rides",
        """
        select distinct driver_id, happened_at, avg(fare) over (
            partition by driver_id order by happened_at range between interval 7 days preceding and current row
        ) as mean_7d
        from rides
        """,
    )


# Broken ones.


@rides_features("mean_7d")
def centred_window(rides: pd.DataFrame) -> pd.DataFrame:
    return rolled(rides, min_periods=1, center=True).mean().rename("mean_7d").reset_index()


@rides_features("fare_next", lookback=None)
def next_fare(rides: pd.DataFrame) -> pd.DataFrame:
    one = plain_column(rides)
    return one.assign(fare_next=one.groupby("driver_id")["fare"].shift(-1)).drop(columns="fare")


@rides_features("fare_filled", lookback=None)
def filled_backwards(rides: pd.DataFrame) -> pd.DataFrame:
    one = plain_column(rides)
    return one.assign(fare_filled=one.groupby("driver_id")["fare"].bfill()).drop(columns="fare")


@rides_features("over_mean", lookback=None)
def over_the_mean_of_all_history(rides: pd.DataFrame) -> pd.DataFrame:
    one = plain_column(rides)
    return one.assign(over_mean=one["fare"] - one.groupby("driver_id")["fare"].transform("mean")).drop(columns="fare")


@rides_features("mean_day", lookback=timedelta(days=1))
def daily_labelled_at_the_start(rides: pd.DataFrame) -> pd.DataFrame:
    starts = rides["happened_at"].dt.floor("D")
    daily = rides.assign(happened_at=starts).groupby(["driver_id", "happened_at"], as_index=False)["fare"].mean()
    return daily.rename(columns={"fare": "mean_day"})


@rides_features("mean_30d")
def window_longer_than_its_lookback(rides: pd.DataFrame) -> pd.DataFrame:
    return rolled(rides, "30d", min_periods=1).mean().rename("mean_30d").reset_index()


@rides_features("total")
def cumulated_under_a_lookback(rides: pd.DataFrame) -> pd.DataFrame:
    return running_total(rides)


@rides_features("fare_rank", lookback=timedelta(0))
def ranked_among_all(rides: pd.DataFrame) -> pd.DataFrame:
    one = plain_column(rides)
    return one.assign(fare_rank=one.groupby("happened_at")["fare"].rank(pct=True)).drop(columns="fare")


@rides_features("fare_before", lookback=None)
def shifted_across_drivers(rides: pd.DataFrame) -> pd.DataFrame:
    one = plain_column(rides).sort_values(["happened_at", "driver_id"], kind="stable")
    return one.assign(fare_before=one["fare"].shift(1)).drop(columns="fare")


@rides_features("fare_noisy", lookback=timedelta(0))
def noisy(rides: pd.DataFrame) -> pd.DataFrame:
    one = plain_column(rides)
    return one.assign(fare_noisy=one["fare"] + random.random()).drop(columns="fare")


@rides_features("fare", lookback=timedelta(0))
def edits_its_input(rides: pd.DataFrame) -> pd.DataFrame:
    rides["fare"] = rides["fare"].fillna(0.0)
    return plain_column(rides)


@rides_features("seats_text", lookback=timedelta(0), dtype="string")
def prints_an_integer(rides: pd.DataFrame) -> pd.DataFrame:
    one = rides.drop_duplicates(["driver_id", "happened_at"], keep="last")
    return one[["driver_id", "happened_at"]].assign(seats_text=one["seats"].map(str).where(one["seats"].notna(), None))


@rides_features("km_whole", lookback=timedelta(0), dtype="int64")
def cannot_have_a_null(rides: pd.DataFrame) -> pd.DataFrame:
    one = rides.drop_duplicates(["driver_id", "happened_at"], keep="last")
    return one[["driver_id", "happened_at"]].assign(km_whole=one["km"].astype("int64"))


@rides_features("last_fare", lookback=timedelta(0))
def any_of_a_tie_in_sql(rides: Relation) -> Relation:
    return rides.query(
        "rides", "select driver_id, happened_at, last(fare) as last_fare from rides group by driver_id, happened_at"
    )


@rides_features("mean_7d")
def future_in_sql(rides: Relation) -> Relation:
    return rides.query(
        "rides",
        """
        select distinct driver_id, happened_at, avg(fare) over (partition by driver_id) as mean_7d from rides
        """,
    )
