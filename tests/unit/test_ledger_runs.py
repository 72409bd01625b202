"""Naming runs, listing them, and dropping old ones."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ledger_runs as given
import pytest

from skewguard import ledger, sql
from skewguard.errors.ledger import ForeignLedger, LedgerLocked, NoRuns, RunAmbiguous, RunUnknown
from skewguard.ledger.schema import create
from skewguard.model import Verdict


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "skewguard.duckdb"


def resolve(path: Path, reference: str) -> str:
    with ledger.open_ledger(path) as connection:
        return ledger.resolve_run(connection, reference)


def test_a_run_is_named_by_id_prefix_or_age(path: Path) -> None:
    for number in (1, 3, 2):  # age is by start, not by the order of writing
        given.write(path, number)
    assert resolve(path, "latest") == given.run_id(3)
    assert resolve(path, "latest~0") == given.run_id(3)
    assert resolve(path, "latest~2") == given.run_id(1)
    assert resolve(path, given.run_id(2)) == given.run_id(2)
    assert resolve(path, given.run_id(2)[:12]) == given.run_id(2)


def test_what_names_no_run_is_answered_with_near_ones(path: Path) -> None:
    given.write(path, 1)
    given.write(path, 2)
    with pytest.raises(RunUnknown, match=f"holds 2. Known names near it: {given.run_id(2)}"):
        resolve(path, given.run_id(2)[:-1] + "f")
    for reference in ("latest~2", "latest~", "latest~-1", "latest~x", "nothing like it", "", "LATEST", "'; drop"):
        with pytest.raises(RunUnknown):
            resolve(path, reference)
    with pytest.raises(RunAmbiguous, match=f"beginning of 2 runs. They are: {given.run_id(1)}, {given.run_id(2)}"):
        resolve(path, "2026")


def test_an_id_that_begins_another_is_still_that_id(path: Path) -> None:
    given.write(path, 1, run_id="a")
    given.write(path, 2, run_id="ab")
    assert resolve(path, "a") == "a"


def test_a_ledger_without_runs_says_so(path: Path) -> None:
    with sql.connect() as connection:
        create(connection, path)
    with pytest.raises(NoRuns):
        resolve(path, "latest")
    with ledger.open_ledger(path) as connection:
        assert ledger.list_runs(connection).num_rows == 0


def test_runs_are_listed_newest_first_with_what_they_found(path: Path) -> None:
    given.write(path, 1)
    given.write(path, 2, verdict=Verdict.PASS)
    ledger.write_run(path, run=given.record(3), features=(), entity_rows=given.entity_rows(0), diffs=given.diffs(0))
    with ledger.open_ledger(path) as connection:
        rows = ledger.list_runs(connection).to_pylist()
    assert [row["run_id"] for row in rows] == [given.run_id(number) for number in (3, 2, 1)]
    assert [(row["features"], row["failed"], row["skewed"]) for row in rows] == [(0, 0, 0), (2, 1, 1), (2, 1, 1)]
    assert rows[1]["verdict"] == "pass"
    assert rows[0]["seconds"] == 3


def test_keeping_drops_the_older_runs_from_all_tables(path: Path) -> None:
    for number in (4, 1, 3, 2):
        given.write(path, number)
    assert ledger.keep_runs(path, 2) == 2
    assert given.whole_runs(path) == {given.run_id(3), given.run_id(4)}
    assert ledger.query(path, "select distinct run_id from causes").num_rows == 2
    assert ledger.keep_runs(path, 2) == 0
    assert ledger.keep_runs(path, 10**6) == 0
    assert ledger.keep_runs(path, 0) == 2
    assert given.whole_runs(path) == set()
    given.write(path, 5)
    assert given.whole_runs(path) == {given.run_id(5)}


def test_keeping_gives_the_room_back(path: Path) -> None:
    for number in range(4):
        given.write(path, number, cells=60_000)
    large = path.stat().st_size
    with duckdb.connect(str(path), read_only=True) as connection:
        types = connection.table("features").types
    assert ledger.keep_runs(path, 1) == 3
    assert path.stat().st_size < large / 2
    assert given.whole_runs(path, cells=60_000) == {given.run_id(3)}
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.table("features").types == types
    given.write(path, 9, cells=60_000)  # the tables that were written anew are as they were
    assert given.whole_runs(path, cells=60_000) == {given.run_id(3), given.run_id(9)}
    given.write(path, 10, cells=60_000)
    assert path.stat().st_size < large


def test_keeping_leaves_what_it_may_not_touch(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table runs (run_id varchar)")
        connection.execute("insert into runs values ('mine')")
    before = path.read_bytes()
    with pytest.raises(ForeignLedger):
        ledger.keep_runs(path, 0)
    assert path.read_bytes() == before


def test_keeping_waits_for_the_lock_and_then_says_so(path: Path) -> None:
    given.write(path, 1)
    with given.held(path, writing=False), pytest.raises(LedgerLocked):
        ledger.keep_runs(path, 0, patience=0.1)
    assert given.whole_runs(path) == {given.run_id(1)}
