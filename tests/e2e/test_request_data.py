"""Request data of every shape, alone or beside a view, keeps its verdict and cause; an alias fails alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import NOON, Project, hours

pytestmark = pytest.mark.feast

DEFINITIONS = """
driver = Entity(name="driver", join_keys=["driver"], value_type=ValueType.INT64)
src = FileSource(name="src", path=f"{HERE}/s.parquet", timestamp_field="event_timestamp")
stats = FeatureView(name="stats", entities=[driver], ttl=timedelta(days=1), source=src,
                    schema=[Field(name="x", dtype=Float64)])
elsewhere = FeatureService(name="svc", features=[stats.with_name("start").with_join_key_map({"driver": "starter"})])
asked = RequestSource(name="asked", schema=[Field(name="amount", dtype=Int64), Field(name="tags", dtype=Array(String)),
                                            Field(name="limits", dtype=Map)])
alone = RequestSource(name="alone", schema=[Field(name="minutes", dtype=Int64)])

@on_demand_feature_view(sources=[stats, asked], schema=[Field(name="y", dtype=Float64)])
def both(inputs: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd
    return pd.DataFrame({"y": inputs["x"].astype("float64").fillna(0.0) + inputs["amount"].astype("float64").fillna(0)})

@on_demand_feature_view(sources=[alone], schema=[Field(name="hours", dtype=Float64)])
def only(inputs: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd
    return pd.DataFrame({"hours": inputs["minutes"].astype("float64") / 60})
"""


@pytest.mark.parametrize(("offline", "cause"), [("dask", "offline_dropped"), ("duckdb", "inherited")])
def test_nested_request_data_takes_no_cause_away(tmp_path: Path, offline: str, cause: str) -> None:
    project = Project(folder=tmp_path / "repo", offline=offline)
    keys = list(range(1, 11))
    project.source("s", {"driver": keys, "event_timestamp": [NOON - hours(1)] * 10, "x": [key / 4 for key in keys]})
    project.define(DEFINITIONS)
    expired = project.check("--as-of", "2030-01-01", "--sample", "10")
    assert expired.feature("stats:x")["causes"] == {"ttl_not_enforced": 10}
    assert expired.feature("both:y")["causes"] == {cause: 10}
    assert expired.feature("only:hours")["verdict"] == "pass"
    assert not expired.result["errors"]

    entities = project.folder / "entities.csv"
    entities.write_text("driver,minutes,amount,tags,limits\n3,30,1,,\n4,90,2,,\n")
    named = project.check("--entities", str(entities), "--exclude", "both")
    assert [each["feature"] for each in named.result["errors"]] == ["start"]
    assert "'starter'" in named.stderr
    assert named.counts("stats:x") == {"requested": 2, "compared": 2, "matched": 2}
    assert named.counts("only:hours") == {"requested": 2, "compared": 2, "matched": 2}
    alone = [note for note in named.feature("only:hours")["notes"] if "asked for by itself" in note]
    assert len(alone) == (offline == "dask")


@pytest.mark.parametrize("offline", ["dask", "duckdb"])
def test_feast_itself_fails_on_request_data_alone_under_dask_only(tmp_path: Path, offline: str) -> None:
    import pandas as pd

    project = Project(folder=tmp_path / "repo", offline=offline)
    project.source("s", {"driver": [1], "event_timestamp": [NOON], "x": [1.0]})
    project.define(DEFINITIONS)
    store = project.apply()
    rows = pd.DataFrame({"driver": [1], "minutes": [30], "event_timestamp": [NOON]})
    beside = store.get_historical_features(rows, ["only:hours", "stats:x"]).to_df()
    assert beside["hours"].tolist() == [0.5]
    job = store.get_historical_features(rows, ["only:hours"])
    if offline == "dask":
        with pytest.raises(AttributeError, match="persist"):
            job.to_arrow()
    else:
        assert job.to_arrow()["hours"].to_pylist() == [0.5]
