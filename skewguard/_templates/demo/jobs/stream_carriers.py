"""A streaming job for `carrier_delays`: right code, wrong history. It keeps the last day's departures, not eight."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from feast import FeatureStore
from transforms.carriers import carrier_delays

REPO = Path(__file__).resolve().parents[1] / "feature_repo"
# The stream's clock: it does not wait for the hourly job.
NOW = datetime(2014, 1, 1, 5, 5, tzinfo=UTC)
KEPT = timedelta(days=1)

with duckdb.connect() as connection:
    connection.execute("set timezone = 'UTC'")
    departures = connection.read_parquet(str(REPO / "data" / "departures.parquet"))
    kept = departures.filter(f"known_at > timestamptz '{NOW - KEPT}' and known_at <= timestamptz '{NOW}'")
    runs = connection.sql(f"select timestamptz '{NOW}' as run_at")
    rows = carrier_delays(kept, runs).df()
FeatureStore(str(REPO)).write_to_online_store("carrier_delays", rows.assign(created_timestamp=rows["observed_at"]))
