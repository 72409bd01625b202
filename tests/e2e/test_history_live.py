"""A deployment that lags: freshness budgets, a baseline, allowed causes; two runs compared, a feature explained."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from building import NOON, Checked, Project, hours, run

from skewguard import ledger

pytestmark = pytest.mark.feast

LATER = (NOON + hours(2)).isoformat()
DEFINITIONS = """
shop = Entity(name="shop", join_keys=["shop"], value_type=ValueType.INT64)

def view(name, *fields):
    return FeatureView(
        name=name, entities=[shop], ttl=timedelta(days=2), schema=[Field(name="shop", dtype=Int64), *fields],
        source=FileSource(path=f"{HERE}/{name}.parquet", timestamp_field="at"),
    )

orders = view("orders", Field(name="amount", dtype=Float64), Field(name="visits", dtype=Int64))
stock = view("stock", Field(name="items", dtype=Int64))

@on_demand_feature_view(sources=[orders], schema=[Field(name="twice", dtype=Float64)])
def doubled(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"twice": inputs["amount"] * 2.0})
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Ten shops. `orders` was materialized up to 06:00, after which two shops had events; `stock` up to noon."""
    project = Project(folder=tmp_path_factory.mktemp("shop"))
    keys, at = list(range(10)), [NOON - hours(10)] * 10
    project.source("orders", {"shop": keys, "at": at, "amount": [each / 8 for each in keys], "visits": keys})
    project.source("stock", {"shop": keys, "at": [NOON - hours(1)] * 10, "items": keys})
    project.define(DEFINITIONS)
    project.feast("apply")
    for view, end in (("orders", NOON - hours(6)), ("stock", NOON)):
        project.materialize(NOON - hours(24), end, "-v", view)
    newer = {"shop": [*keys, 3, 4], "at": [*at, NOON - hours(4), NOON - hours(1)]}
    amounts = [*(each / 8 for each in keys), 300.0, 400.0]
    project.source("orders", {**newer, "amount": amounts, "visits": [*keys, 300, 400]})
    return project


def check(shop: Project, db: Path, *words: str, features: Sequence[str] = ("orders",)) -> Checked:
    """A live check, two hours after noon unless `words` say otherwise, with a ledger of the test's own."""
    chosen = [word for name in features for word in ("--feature", name)]
    instant = () if "--as-of" in words else ("--as-of", LATER)
    return shop.check("--live", "--db", str(db), *chosen, *instant, *words)


def found(checked: Checked, ref: str) -> tuple[str, int, dict[str, int], int, dict[str, int]]:
    """Verdict, skewed cells, their causes, fresh enough ones, and what the verdict looks past."""
    each = checked.feature(ref)
    return each["verdict"], each["skewed"], each["causes"], each["within_freshness"], each["waived"]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "ledger.duckdb"


STALE = {"not_yet_materialized": 2}


def test_the_clock_runs_on_and_materialized_values_are_still_proven(shop: Project, db: Path) -> None:
    everything = ("orders", "stock", "doubled")
    checked = check(shop, db, "--as-of", "materialized", features=everything)
    assert checked.exit_code == 0, checked.stdout
    assert {each["matched"] for each in checked.result["features"]} == {10}
    instants = ledger.query(db, "select distinct as_of from entity_rows order by as_of")["as_of"].to_pylist()
    assert instants == [NOON - hours(6), NOON]
    later = check(shop, db, features=everything)
    assert later.exit_code == 1, later.stdout
    assert later.feature("doubled:twice")["skewed"] == 2
    assert later.feature("stock:items")["skewed"] == 0


def test_a_live_check_refuses_an_instant_that_the_store_has_moved_past(shop: Project, db: Path) -> None:
    refused = check(shop, db, "--as-of", (NOON - hours(7)).isoformat())
    assert refused.exit_code == 2
    assert "orders" in refused.stderr + str(refused.result["errors"])


def test_a_sandbox_says_that_it_knows_no_windows(shop: Project, db: Path) -> None:
    checked = shop.check("--db", str(db), "--feature", "orders:amount", "--as-of", "materialized")
    assert checked.exit_code == 0, checked.stdout
    assert any("no materialized windows" in note for note in checked.result["notes"])


@pytest.mark.parametrize(("budget", "fresh", "code"), [(None, 0, 1), ("5h59m", 0, 1), ("6h", 1, 1), ("PT9H", 2, 0)])
def test_rows_that_lag_by_no_more_are_not_skewed(
    shop: Project, db: Path, budget: str | None, fresh: int, code: int
) -> None:
    checked = check(shop, db, *(() if budget is None else ("--max-freshness", budget)))
    assert checked.exit_code == code, checked.stdout
    skewed = 2 - fresh
    causes = {"not_yet_materialized": skewed} if skewed else {}
    for ref in ("orders:amount", "orders:visits"):
        assert found(checked, ref) == ("fail" if skewed else "pass", skewed, causes, fresh, {})
        assert checked.feature(ref)["mismatched"] == 2
        assert checked.feature(ref)["max_freshness_lag"] == 9 * 3600
    kept = ledger.query(db, "select count(*) as cells, count_if(skewed) as skewed from latest_diffs").to_pylist()
    assert kept == [{"cells": 4, "skewed": 2 * skewed}]


def test_the_contract_of_a_feature_goes_before_the_option(shop: Project, db: Path) -> None:
    settings = shop.folder / "pyproject.toml"
    settings.write_text('[tool.skewguard.contracts."orders:amount"]\nfreshness = "9h"\n')
    try:
        checked = check(shop, db, "--max-freshness", "6h")
    finally:
        settings.unlink()
    assert checked.exit_code == 1
    assert found(checked, "orders:amount") == ("pass", 0, {}, 2, {})
    assert found(checked, "orders:visits") == ("fail", 1, {"not_yet_materialized": 1}, 1, {})


def test_a_baseline_is_looked_past_and_new_skew_is_not(shop: Project, db: Path) -> None:
    first = check(shop, db, features=["orders:amount"])
    assert found(first, "orders:amount") == ("fail", 2, STALE, 0, {})
    again = check(shop, db, "--baseline", "latest")
    assert again.exit_code == 1
    assert found(again, "orders:amount") == ("pass", 2, STALE, 0, {"baseline": 2})
    assert found(again, "orders:visits") == ("fail", 2, STALE, 0, {})
    told = f"2 of 2 skewed cells: 2 that run {first.result['run_id']} had already (--baseline)"
    assert told in " ".join(again.feature("orders:amount")["notes"])
    third = check(shop, db, "--baseline", "latest")
    assert third.exit_code == 0, third.stdout
    assert "looks past 4 skewed cells" in " ".join(third.stdout.split())
    config = ledger.query(db, "select config->>'baseline' as run from runs order by started_at desc limit 1")
    assert config["run"].to_pylist() == [again.result["run_id"]], "the run that `latest` was, not the word"


def test_a_baseline_is_a_check(shop: Project, db: Path) -> None:
    """By the run of another command all skew would be new."""
    first = check(shop, db)
    (shop.folder / "a.csv").write_text("k,x\n1,2\n")
    assert run("diff", "a.csv", "a.csv", "--key", "k", "--db", str(db), cwd=shop.folder).exit_code == 0
    refused = check(shop, db, "--baseline", "latest")
    assert refused.exit_code == 2
    assert "is of `skewguard diff`" in refused.stderr and first.result["run_id"] in refused.stderr
    assert check(shop, db, "--baseline", "latest~1").exit_code == 0


def test_a_baseline_of_another_question_says_so(shop: Project, db: Path) -> None:
    check(shop, db, "--sample", "4", "--seed", "3")
    checked = check(shop, db, "--baseline", "latest")
    notes = " ".join(checked.result["notes"])
    assert "another seed: 3, then 0" in notes
    assert "another sample: 4 rows, then 1,000 rows" in notes
    assert "another as-of" not in notes


def test_an_allowed_cause_is_looked_past_up_to_its_rate(shop: Project, db: Path) -> None:
    only = ["orders:amount"]
    waived = {"not_yet_materialized": 2}
    free = check(shop, db, "--allow", "not_yet_materialized", features=only)
    assert (free.exit_code, found(free, only[0])) == (0, ("pass", 2, STALE, 0, waived))
    enough = check(shop, db, "--allow", "not_yet_materialized=20%", features=only)
    assert (enough.exit_code, found(enough, only[0])) == (0, ("pass", 2, STALE, 0, waived))
    over = check(shop, db, "--allow", "not_yet_materialized=0.19", features=only)
    assert (over.exit_code, found(over, only[0])) == (1, ("fail", 2, STALE, 0, {}))
    assert "2 of 10 compared cells, more than the 19 % allowed" in " ".join(over.feature(only[0])["notes"])
    other = check(shop, db, "--allow", "late_arrival", features=only)
    assert (other.exit_code, found(other, only[0])) == (1, ("fail", 2, STALE, 0, {}))


def test_a_baseline_or_a_cause_that_is_not_known(shop: Project, db: Path) -> None:
    missing = check(shop, db, "--baseline", "latest")
    assert (missing.exit_code, "There is no ledger" in missing.stderr) == (2, True)
    one = check(shop, db)
    unknown = check(shop, db, "--baseline", "latest~1")
    assert (unknown.exit_code, one.result["run_id"] in unknown.stderr) == (2, True)
    assert ledger.query(db, "select count(*) as n from runs").to_pylist() == [{"n": 1}]
    cause = check(shop, db, "--allow", "not_materialised")
    assert (cause.exit_code, "not_yet_materialized" in cause.stderr) == (2, True)


def test_two_runs_compared_on_the_command_line(shop: Project, db: Path) -> None:
    check(shop, db, "--as-of", "materialized")
    check(shop, db, "--max-freshness", "6h")
    check(shop, db)

    def compare(*words: str) -> Checked:
        return run("compare", *words, "--db", str(db), cwd=db.parent)

    first = compare("latest~2", "latest~1")
    assert (first.exit_code, first.stderr) == (1, "")
    assert "2 cells newly skewed, 0 fixed, 0 as before. (exit code 1)" in first.stdout
    assert "not the same question: another as-of" in first.stdout
    second = compare("latest~1", "latest", "--json", "-", "--by", "feature", "--format", "csv", "-o", "features.csv")
    result = json.loads(second.stdout)
    assert (second.exit_code, result["new"], result["persisting"], result["differences"]) == (1, 2, 2, [])
    assert {each["entity"]["shop"] for each in result["cells"] if each["change"] == "new"} == {3, 4} - {
        each["entity"]["shop"] for each in result["cells"] if each["change"] == "persisting"
    }
    assert (db.parent / "features.csv").read_text().startswith("feature,verdict_before,verdict_after,")
    fixed = compare("latest", "latest~2", "--format", "json")
    assert fixed.exit_code == 0
    assert [each["change"] for each in json.loads(fixed.stdout)] == ["fixed"] * 4
    assert compare("latest", "latest").exit_code == 0
    wrong = compare("latest~7", "latest")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "names no run" in wrong.stderr


def test_a_feature_explained_and_its_proof_run_as_printed(shop: Project, db: Path) -> None:
    check(shop, db)

    def explain(*words: str) -> Checked:
        return run("explain", *words, "--db", str(db), cwd=db.parent)

    told = explain("orders:amount")
    assert (told.exit_code, told.stderr) == (0, "")
    assert "not_yet_materialized: 2 cells (100 %)" in told.stdout
    assert "source   400.0  of the event at 2026-03-01T11:00:00Z" in told.stdout
    assert "online   0.5  of the event at 2026-03-01T02:00:00Z" in told.stdout
    assert "source rows:\n      event 2026-03-01T02:00:00Z, value 0.5\n" in told.stdout
    assert "      event 2026-03-01T11:00:00Z, value 400.0\n    ttl: 2 days, 0:00:00\n    windows:\n" in told.stdout
    assert "      2026-02-28T12:00:00Z to 2026-03-01T06:00:00Z\n" in told.stdout
    assert "What to do: Materialize more often" in told.stdout
    (line,) = re.findall(r"^ *(skewguard sql .*)$", told.stdout, flags=re.MULTILINE)
    proof = run(*shlex.split(line)[1:], "--format", "json", cwd=db.parent)
    assert proof.exit_code == 0, proof.stderr
    assert sorted(each["entity"]["shop"] for each in json.loads(proof.stdout)) == [3, 4]
    assert {each["freshness_lag"] for each in json.loads(proof.stdout)} == {
        timedelta(hours=6).total_seconds(), timedelta(hours=9).total_seconds(),
    }  # fmt: skip
    result = json.loads(explain("orders:visits", "--run", "latest", "--json", "-").stdout)
    assert (result["skewed"], [each["cause"] for each in result["causes"]]) == (2, ["not_yet_materialized"])
    wrong = explain("orders:amont")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "near it: orders:amount" in wrong.stderr


def test_the_views_for_people_tell_causes_and_the_trend(shop: Project, db: Path) -> None:
    check(shop, db, "--as-of", "materialized")
    check(shop, db)
    causes = ledger.query(db, "select feature, cause, cells, share from causes order by feature").to_pylist()
    assert causes == [
        {"feature": ref, "cause": "not_yet_materialized", "cells": 2, "share": 1.0}
        for ref in ("orders:amount", "orders:visits")
    ]
    joined = (
        "select entity_rows.entity->>'shop' as shop from causes join entity_rows on entity_rows.run_id = causes.run_id "
        "and entity_rows.row_id = causes.example_row_id"
    )
    assert set(ledger.query(db, joined)["shop"].to_pylist()) <= {"3", "4"}
    trend = ledger.query(
        db, "select skew_rate, skew_rate_change from trend where feature = 'orders:amount' order by started_at"
    )
    assert trend.to_pylist() == [
        {"skew_rate": 0.0, "skew_rate_change": None}, {"skew_rate": 0.2, "skew_rate_change": 0.2},
    ]  # fmt: skip
