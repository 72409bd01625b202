"""What INTERFACE.md says of single cells and of budgets, asked of the command line and of the ledger."""

from __future__ import annotations

from collections import Counter
from typing import Any

import duckdb
import pytest
from building import NOON, Checked, Project, hours

REPO = """
e = Entity(name="e", join_keys=["k"], value_type=ValueType.INT64)

def source(name, **more):
    return FileSource(name=name, path=f"{HERE}/{name}.parquet", timestamp_field="event_timestamp", **more)

plain = FeatureView(name="plain", entities=[e], source=source("plain"), ttl=timedelta(hours=24),
                    schema=[Field(name="x", dtype=Float64), Field(name="n", dtype=Int64)])
tied = FeatureView(name="tied", entities=[e], source=source("tied", created_timestamp_column="created"),
                   ttl=timedelta(0), schema=[Field(name="x", dtype=Float64), Field(name="same", dtype=Float64)])

@on_demand_feature_view(sources=[plain], schema=[Field(name="a", dtype=Float64), Field(name="b", dtype=Float64)])
def broken(inputs):
    raise ValueError("always")

@on_demand_feature_view(sources=[plain], schema=[Field(name=name, dtype=Float64) for name in ("centred", "twice")])
def batched(inputs):
    import pandas as pd
    return pd.DataFrame({"centred": inputs["x"] - inputs["x"].mean(), "twice": inputs["x"] * 2})
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """100 entities, 29 of them expired; and three whose newest rows share event and created time."""
    made = Project(folder=tmp_path_factory.mktemp("cells"), offline="dask")
    keys = list(range(100))
    times = [NOON - hours(1 if key >= 29 else 25) for key in keys]
    made.source("plain", {"k": keys, "event_timestamp": times, "x": [key + 0.5 for key in keys], "n": keys})
    made.source("tied", {"k": [0, 0, 1, 1, 2, 2], "event_timestamp": [NOON] * 6, "created": [NOON] * 6,
                         "x": [1.0, 2.0, 3.0, 4.0, 5.0, 5.0], "same": [float(at // 2) for at in range(6)]})  # fmt: skip
    made.define(REPO)
    return made


@pytest.fixture(scope="module")
def checked(repo: Project) -> Checked:
    return repo.check("--as-of", NOON.isoformat())


def cells(repo: Project, found: Checked, columns: str, feature: str = "%") -> list[tuple[Any, ...]]:
    """Distinct rows of the run's cells that are no match."""
    query = f"select distinct {columns} from diffs where run_id = ? and feature like ? group by all"
    with duckdb.connect(str(repo.folder / "skewguard.duckdb"), read_only=True) as ledger:
        return ledger.execute(query, [found.result["run_id"], feature]).fetchall()


def test_each_cell_that_is_no_match_has_a_row(repo: Project, checked: Checked) -> None:
    counted = Counter(dict(cells(repo, checked, "feature, count(*)")))
    assert counted == {f["feature"]: n for f in checked.result["features"] if (n := f["requested"] - f["matched"])}
    assert checked.exit_code == 1
    assert checked.counts("broken:a") == {"requested": 100, "not_compared": 100} and counted["broken:b"] == 100
    why = cells(repo, checked, "kind, skewed, blame, cause, evidence->>'reason'", "broken:a")
    assert why == [("not_compared", False, "unknown", None, "`feast apply` refuses it: always")]
    with duckdb.connect(str(repo.folder / "skewguard.duckdb"), read_only=True) as ledger:
        orphans = ledger.execute("select count(*) from diffs anti join entity_rows using (run_id, row_id)").fetchall()
    assert orphans == [(0,)]


def test_a_run_in_which_all_failed_is_kept_too(repo: Project) -> None:
    failed = repo.check("--feature", "broken")
    assert (failed.exit_code, failed.result["verdict"]) == (2, "error")
    assert cells(repo, failed, "kind, count(*)") == [("not_compared", 200)]


def test_where_there_is_no_source_value_none_is_shown(repo: Project, checked: Checked) -> None:
    assert checked.feature("batched:centred")["mismatched"] > 0
    shown = "blame, source_value, source_number"
    # Those that are expired have one: null, alone and in a batch.
    assert set(cells(repo, checked, shown, "batched:centred")) == {("unknown", None, None), ("online", None, None)}
    assert set(cells(repo, checked, shown, "tied:x")) <= {("unknown", None, None)}
    assert checked.feature("tied:same")["matched"] == 3


def test_a_note_is_on_the_feature_that_it_is_about(checked: Checked) -> None:
    noted = {f["feature"]: f["notes"] for f in checked.result["features"]}
    assert any("2 rows have no one source value" in note for note in noted["tied:x"])
    assert noted["tied:same"] == []
    assert any("between a batch and the row alone" in note for note in noted["batched:centred"])
    assert not any("between a batch and the row alone" in note for note in noted["batched:twice"])
    for feature, notes in noted.items():
        assert not any(note.startswith(feature) for note in notes), "the entry says which feature it is"


@pytest.mark.parametrize(("budget", "exit_code"), [("0.29", 0), ("0.289", 1), ("29%", 0)])
def test_a_rate_equal_to_its_budget_is_within_it(repo: Project, budget: str, exit_code: int) -> None:
    found = repo.check("--as-of", NOON.isoformat(), "--feature", "plain", "--max-skew-rate", budget)
    assert [found.feature(ref)["skewed"] for ref in ("plain:x", "plain:n")] == [29, 29]
    assert found.exit_code == exit_code


def test_the_ledger_counts_what_the_json_counts(repo: Project, checked: Checked) -> None:
    names = "requested compared matched mismatched missing_online missing_offline wrong_on_both not_compared skewed"
    query = f"select {', '.join(names.split())} from features where run_id = ? and feature = ?"
    with duckdb.connect(str(repo.folder / "skewguard.duckdb"), read_only=True) as ledger:
        for feature in checked.result["features"]:
            (row,) = ledger.execute(query, [checked.result["run_id"], feature["feature"]]).fetchall()
            assert row == tuple(feature[name] for name in names.split())
            assert feature["requested"] == feature["compared"] + feature["not_compared"]
            assert sum(feature["causes"].values()) == feature["skewed"]
