"""What INTERFACE.md says of live checks: the instants they compare at, and that they look twice."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from building import NOON, Project, hours

REPO = """
e = Entity(name="e", join_keys=["k"], value_type=ValueType.INT64)

def view(name):
    return FeatureView(name=name, entities=[e], ttl=timedelta(0), schema=[Field(name=f"{name}_x", dtype=Float64)],
                       source=FileSource(name=name, path=f"{HERE}/{name}.parquet", timestamp_field="event_timestamp"))

early, late = view("early"), view("late")

@on_demand_feature_view(sources=[early], schema=[Field(name="out", dtype=Float64)])
def of_early(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["early_x"] * 2})

@on_demand_feature_view(sources=[early, late], schema=[Field(name="out", dtype=Float64)])
def of_both(inputs):
    import pandas as pd
    return pd.DataFrame({"out": inputs["early_x"] * 0 + inputs["late_x"]})
"""


def deployed(repo: Project, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The repo applied by Feast, in this process: its command line takes its time to start."""
    from feast import FeatureStore
    from feast.repo_config import load_repo_config
    from feast.repo_operations import apply_total

    with monkeypatch.context() as during, contextlib.redirect_stdout(io.StringIO()):
        during.chdir(repo.folder)
        during.syspath_prepend(repo.folder)
        apply_total(load_repo_config(repo.folder, repo.folder / "feature_store.yaml"), repo.folder, False)
        sys.modules.pop("definitions")
    return FeatureStore(str(repo.folder))


def test_at_the_last_window_an_on_demand_view_goes_by_its_own_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event after the last window of `early` is no skew there, however far `late` is materialized."""
    repo = Project(folder=tmp_path / "repo")
    repo.define(REPO)
    at = [NOON - hours(2)] * 3 + [NOON + hours(2)] * 3
    for name in ("early", "late"):
        values = {f"{name}_x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}
        repo.source(name, {"k": [0, 1, 2] * 2, "event_timestamp": at, **values})
    store = deployed(repo, monkeypatch)
    store.materialize(NOON - hours(9), NOON, ["early"])
    store.materialize(NOON - hours(9), NOON + hours(6), ["late"])
    checked = repo.check("--live", "--as-of", "materialized")
    for ref in ("early:early_x", "late:late_x", "of_early:out", "of_both:out"):
        assert checked.counts(ref) == {"requested": 3, "compared": 3, "matched": 3}, ref
    assert checked.exit_code == 0
    refused = repo.check("--live", "--as-of", NOON.isoformat())
    assert refused.exit_code == 2 and "last materialized window of view 'late'" in refused.stderr
    now = repo.check("--live")
    assert {each["feature"]: each["mismatched"] for each in now.result["features"]} == {
        "early:early_x": 3, "late:late_x": 0, "of_early:out": 3, "of_both:out": 0,
    }  # fmt: skip
    # A log of requests: a sandbox would materialize for each instant, and takes at most 20; a live check reads once.
    end, log = NOON + hours(6), str(repo.folder / "log.csv")
    Path(log).write_text("k,event_timestamp\n" + "".join(f"{n % 3},{end + hours(n / 3600)}\n" for n in range(30)))
    logged = repo.check("--live", "--as-of", end.isoformat(), "--entities", log, "--feature", "late")
    assert logged.counts("late:late_x") == {"requested": 30, "compared": 30, "matched": 30}
    assert "distinct values" in repo.check("--entities", log, "--feature", "late").stderr


TWICE = """
e = Entity(name="e", join_keys=["k"], value_type=ValueType.INT64)
fv = FeatureView(name="fv", entities=[e], ttl=timedelta(0), schema=[Field(name="x", dtype=Float64)],
                 source=FileSource(name="fv", path=f"{HERE}/fv.parquet", timestamp_field="event_timestamp"))
"""


def test_what_is_said_of_a_cell_is_what_the_second_look_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two reads, one missing row is written as it should be, and another from its older event."""
    from skewguard.pipeline.readings import Reader

    repo = Project(folder=tmp_path / "repo")
    repo.define(TWICE)
    at = [NOON - hours(5)] * 4 + [NOON - hours(1)] * 4
    rows = {"k": [0, 1, 2, 3] * 2, "event_timestamp": at, "x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]}
    repo.source("fv", rows)
    store = deployed(repo, monkeypatch)
    store.materialize(NOON - hours(9), NOON)
    with contextlib.closing(sqlite3.connect(repo.folder / "online.db")) as database, database:
        assert database.execute("delete from shop_fv").rowcount == 4
    everything = pd.DataFrame(rows)
    store.write_to_online_store("fv", everything.iloc[[6, 7]])
    read_again = Reader.read_again

    def late(reader: Reader, *asked: Any) -> Any:
        store.write_to_online_store("fv", everything.iloc[[5, 0]])
        return read_again(reader, *asked)

    monkeypatch.setattr(Reader, "read_again", late)
    checked = repo.check("--live")
    assert checked.counts("fv:x") == {"requested": 4, "compared": 4, "matched": 3, "mismatched": 1, "skewed": 1}
    assert any(note.startswith("1 cells differed at first") for note in checked.feature("fv:x")["notes"])
    with duckdb.connect(str(repo.folder / "skewguard.duckdb"), read_only=True) as ledger:
        (cell,) = ledger.execute("select source_value, online_value, cause, evidence from latest_diffs").fetchall()
    assert cell[:3] == ("5.0", "1.0", "stale_online"), cell
