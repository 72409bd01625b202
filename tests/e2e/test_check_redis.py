"""Live checks against a real Redis server."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from building import NOON, Project, hours

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
source = FileSource(name="s", path=HERE + "/stats.parquet", timestamp_field="at")
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(hours=24), source=source,
                    schema=[Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float32)])

@on_demand_feature_view(sources=[stats], schema=[Field(name="both", dtype=Float64)])
def combined(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"both": inputs["trips"].astype("float64") + inputs["rate"].astype("float64")})
"""


@pytest.mark.redis
def test_live_on_redis(tmp_path: Path, redis_server: str) -> None:
    project = Project(folder=tmp_path / "repo", online=f"type: redis\n    connection_string: {redis_server},db=1")
    project.define(DEFINITIONS)
    columns = {
        "driver_id": list(range(30)),
        "at": [NOON - hours(2)] * 30,
        "trips": list(range(30)),
        "rate": [each / 10 for each in range(30)],
    }
    project.source("stats", columns)
    project.feast("apply")
    project.materialize(NOON - hours(48), NOON)
    clean = project.check("--live", "--as-of", NOON.isoformat())
    assert clean.exit_code == 0, clean.stdout + clean.stderr
    assert clean.counts("combined:both") == {"requested": 30, "compared": 30, "matched": 30}

    # Newer events arrive for three drivers and are not materialized: the served row is stale.
    table = pq.read_table(project.folder / "stats.parquet").to_pydict()
    for key in (3, 4, 5):
        for name, value in (("driver_id", key), ("at", NOON - hours(1)), ("trips", 1000), ("rate", 5.0)):
            table[name].append(value)
    project.source("stats", table)
    stale = project.check("--live", "--as-of", NOON.isoformat())
    assert stale.exit_code == 1
    for ref in ("stats:trips", "stats:rate", "combined:both"):
        assert stale.counts(ref)["mismatched"] == 3, ref
    lag = stale.feature("stats:trips")["max_freshness_lag"]
    assert lag == 3600

    import redis

    host, _, port = redis_server.partition(":")
    with redis.Redis(host=host, port=int(port), db=1) as client:
        before = {key: client.hgetall(key) for key in client.scan_iter()}
        project.check(
            "--live", "--as-of", NOON.isoformat(), "--sample", "5", "--max-qps", "1000", "--online-batch", "2"
        )
        assert {key: client.hgetall(key) for key in client.scan_iter()} == before
