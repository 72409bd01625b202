"""The ledger's schema: exactly what is promised, recognised, and brought up to date without losing runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import ledger_runs as given
import pytest

from skewguard import ledger, sql
from skewguard.errors.ledger import (
    ForeignLedger,
    LedgerEmpty,
    LedgerMissing,
    LedgerNewer,
    LedgerTooOld,
    LedgerUnwritable,
    NotALedger,
    StrayLog,
)
from skewguard.ledger.file import ALIAS, Opening, attached, log_of
from skewguard.ledger.schema import SCHEMA_VERSION, UPGRADES, bring_up_to_date

TIME = "TIMESTAMP WITH TIME ZONE"
PROMISED = {
    "runs": "run_id, command, mode, started_at, finished_at, verdict, repo, project, as_of, seed, rows_requested, "
    "cells_requested, cells_compared, git_commit, skewguard_version, feast_version, duckdb_version, pandas_version, "
    "python_version, config",
    "features": "run_id, feature, feature_view, name, view_kind, dtype, owner, fingerprint, requested, compared, "
    "matched, mismatched, missing_online, missing_offline, serving_errors, wrong_on_both, within_freshness, "
    "not_compared, skewed, skew_rate, skew_rate_upper, max_skew_rate, max_abs_error, mean_abs_error, "
    "max_freshness_lag, verdict, top_cause, notes",
    "entity_rows": "run_id, row_id, entity, as_of",
    "diffs": "run_id, row_id, feature, entity, as_of, kind, skewed, cause, blame, source_value, offline_value, "
    "online_value, source_number, offline_number, online_number, abs_error, rel_error, source_event_timestamp, "
    "online_event_timestamp, freshness_lag, evidence",
    "laws": "run_id, transform, law, verdict, examples, counterexample, message",
    "causes": "run_id, feature, cause, cells, share, example_row_id",
    "remarks": "run_id, kind, feature, message",
    "waived": "run_id, feature, cause, cells",
    "contract": "run_id, feature, side, rule, expected, checked, broken, example_row_id, example_value",
    "examples": "run_id, feature, row_id",
    "places": "run_id, feature_view, file, line",
    "leakage": "run_id, feature, lag, cells, leaked, rate",
    "waivers": "run_id, feature, pattern, cause, reason, owner, expires, max_rate, standing, cells",
    "event_times": "run_id, feature, moment, step, compared, skewed",
    "latency": "run_id, feature_view, service, requests, p50, p95, p99",
}
TYPES = {
    ("runs", "run_id"): "VARCHAR",
    ("runs", "started_at"): TIME,
    ("runs", "finished_at"): TIME,
    ("runs", "as_of"): TIME,
    ("runs", "config"): "JSON",
    ("features", "compared"): "BIGINT",
    ("features", "skew_rate"): "DOUBLE",
    ("features", "skew_rate_upper"): "DOUBLE",
    ("features", "max_freshness_lag"): "INTERVAL",
    ("features", "notes"): "VARCHAR[]",
    ("entity_rows", "row_id"): "BIGINT",
    ("entity_rows", "entity"): "JSON",
    ("entity_rows", "as_of"): TIME,
    ("diffs", "row_id"): "BIGINT",
    ("diffs", "entity"): "JSON",
    ("diffs", "skewed"): "BOOLEAN",
    ("diffs", "source_value"): "VARCHAR",
    ("diffs", "online_number"): "DOUBLE",
    ("diffs", "rel_error"): "DOUBLE",
    ("diffs", "source_event_timestamp"): TIME,
    ("diffs", "freshness_lag"): "INTERVAL",
    ("diffs", "evidence"): "JSON",
    ("laws", "counterexample"): "JSON",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "skewguard.duckdb"


def test_tables_have_the_promised_columns_in_order(path: Path) -> None:
    given.write(path, 1)
    with duckdb.connect(str(path), read_only=True) as any_client:
        for table, columns in PROMISED.items():
            assert any_client.table(table).columns == columns.split(", "), table
        for view, table in (("latest_features", "features"), ("latest_diffs", "diffs")):
            assert any_client.table(view).columns == any_client.table(table).columns
        for (table, column), kind in TYPES.items():
            described = dict(zip(any_client.table(table).columns, any_client.table(table).types, strict=True))
            assert str(described[column]) == kind, (table, column)


def test_any_duckdb_from_1_0_on_can_read_the_file(path: Path) -> None:
    given.write(path, 1)
    storage_version = int.from_bytes(path.read_bytes()[12:20], "little")
    assert storage_version == 64  # that of DuckDB 0.10 to 1.1; later ones have greater numbers


def test_views_follow_the_newest_run_by_start_and_count_causes(path: Path) -> None:
    given.write(path, 5, cells=3)
    given.write(path, 2, cells=1)  # written later, started earlier
    assert {row["run_id"] for row in ledger.query(path, "from latest_diffs").to_pylist()} == {given.run_id(5)}
    assert {row["run_id"] for row in ledger.query(path, "from latest_features").to_pylist()} == {given.run_id(5)}
    causes = ledger.query(path, "from causes order by run_id").to_pylist()
    assert [(row["cause"], row["cells"], row["share"], row["example_row_id"]) for row in causes] == [
        ("unexplained", 1, 1.0, 0),
        ("unexplained", 3, 1.0, 0),
    ]
    trend = ledger.query(path, "from trend where feature = 'v:n' order by started_at").to_pylist()
    assert [(row["run_id"], row["skew_rate_change"]) for row in trend] == [
        (given.run_id(2), None),
        (given.run_id(5), 0.0),
    ]


def test_causes_leave_out_cells_that_are_not_skewed(path: Path) -> None:
    rows = given.diffs(4).set_column(5, "skewed", [[True, True, False, True]])
    rows = rows.set_column(6, "cause", [["b", "a", None, "b"]])
    ledger.write_run(path, run=given.record(1), features=given.features(), entity_rows=given.entity_rows(), diffs=rows)
    found = ledger.query(path, "select cause, cells, share, example_row_id from causes order by cause").to_pylist()
    assert found == [
        {"cause": "a", "cells": 1, "share": 1 / 3, "example_row_id": 1},
        {"cause": "b", "cells": 2, "share": 2 / 3, "example_row_id": 0},
    ]


def old_ledger(path: Path) -> None:
    """A ledger as a version 0 might have been: no views, features without owner, and one run in it."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table meta (application varchar, schema_version integer, written_by varchar)")
        connection.execute("insert into meta values ('skewguard', 0, '0.0.1')")
        connection.execute(sql.text("skewguard.ledger", "schema").replace("create table meta", "create table unused"))
        connection.execute("drop table unused; drop table laws; alter table features drop column notes")
        connection.execute(
            "insert into runs (run_id, command, mode, started_at, finished_at, verdict)"
            " values ('old', 'check', 'sandbox', '2026-01-01 00:00:00Z', '2026-01-01 00:00:00Z', 'pass')"
        )


LATER = {version: sql.text("skewguard.ledger", name) for version, name in UPGRADES.items()}
STEP = """
create table laws (run_id varchar, transform varchar, law varchar, verdict varchar, examples bigint,
    counterexample json, message varchar);
alter table features add column notes varchar[];
"""


def test_an_older_ledger_is_upgraded_and_keeps_its_runs(path: Path) -> None:
    old_ledger(path)
    assert ledger.query(path, "select run_id from runs").num_rows == 1  # readable as it is
    with sql.connect() as connection, attached(connection, path, Opening.WRITE, patience=0):
        bring_up_to_date(connection, path, upgrades={1: STEP, **LATER})
    given.write(path, 1)
    assert {row["run_id"] for row in ledger.query(path, "from runs").to_pylist()} == {"old", given.run_id(1)}
    assert ledger.query(path, "from latest_features").num_rows == 2
    assert ledger.query(path, "select schema_version as v from meta").to_pylist() == [{"v": SCHEMA_VERSION}]


def test_an_upgrade_that_fails_changes_nothing(path: Path) -> None:
    old_ledger(path)
    broken = {1: STEP, **LATER, 2: "select no_such_column;"}
    with (
        sql.connect() as connection,
        attached(connection, path, Opening.WRITE, patience=0),
        pytest.raises(duckdb.Error, match="no_such_column"),
    ):
        bring_up_to_date(connection, path, upgrades=broken)
    assert ledger.query(path, "select schema_version as v from meta").to_pylist() == [{"v": 0}]
    assert "laws" not in {row["name"] for row in ledger.query(path, "show tables").to_pylist()}


def test_a_ledger_without_a_way_up_is_refused_and_kept(path: Path) -> None:
    old_ledger(path)
    with pytest.raises(LedgerTooOld, match="schema version 0"):
        given.write(path, 1)
    assert ledger.query(path, "select run_id from runs").to_pylist() == [{"run_id": "old"}]


def refused_everywhere(path: Path, error: type[Exception], match: str) -> None:
    """Neither read, nor written, nor checked; and the file is as it was, with nothing beside it."""
    before, beside = path.read_bytes(), sorted(path.parent.iterdir())
    with pytest.raises(error, match=match):
        ledger.query(path, "select 1")
    with pytest.raises(error, match=match):
        ledger.check_writable(path)
    with pytest.raises(error, match=match):
        given.write(path, 1)
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == beside


def test_a_newer_ledger_is_refused(path: Path) -> None:
    given.write(path, 1)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update meta set schema_version = 99, written_by = '9.9.9'")
    refused_everywhere(path, LedgerNewer, r"newer skewguard \(9\.9\.9\): its schema is version 99")


@pytest.mark.parametrize("table", ["orders", "meta", "runs"])
def test_another_programs_database_is_refused(path: Path, table: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create table {table} (id integer)")
        connection.execute("checkpoint")
    refused_everywhere(path, ForeignLedger, f"another program, not a skewguard ledger. It holds: {table}")


def test_a_table_meta_that_looks_like_ours_is_not_enough(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table meta as select 'other' as application, 1 as schema_version, 'x' as written_by")
    refused_everywhere(path, ForeignLedger, "another program")


def test_files_that_are_not_duckdb_are_refused(path: Path) -> None:
    path.write_text("some notes of mine\n" * 1000)
    refused_everywhere(path, NotALedger, "it is not a DuckDB file")
    path.write_bytes(b"")
    refused_everywhere(path, NotALedger, "the file is empty")


def test_an_sqlite_file_is_refused_without_loading_an_extension(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table runs (id integer)")
    refused_everywhere(path, NotALedger, "it is not a DuckDB file")


def test_a_damaged_ledger_is_refused(path: Path) -> None:
    given.write(path, 1)
    whole = path.read_bytes()
    path.write_bytes(whole[:20] + bytes([whole[20] ^ 255]) + whole[21:])
    refused_everywhere(path, NotALedger, "Corrupt")
    path.write_bytes(whole[:5000])
    refused_everywhere(path, NotALedger, "DuckDB says")


def test_a_file_of_a_newer_duckdb_is_refused(path: Path) -> None:
    given.write(path, 1)
    header = bytearray(path.read_bytes())
    header[12:20] = (9999).to_bytes(8, "little")
    header[:8] = checksum(header[8:4096]).to_bytes(8, "little")
    path.write_bytes(bytes(header))
    refused_everywhere(path, NotALedger, "version number 9999")


def checksum(block: bytes) -> int:
    """DuckDB's, of a block whose size is a multiple of 8."""
    total = 5381
    for start in range(0, len(block), 8):
        value = int.from_bytes(block[start : start + 8], "little")
        total ^= value * 0xBF58476D1CE4E5B9 % 2**64
    return total


def test_an_empty_database_holds_no_run_and_becomes_a_ledger(path: Path) -> None:
    duckdb.connect(str(path)).close()
    with pytest.raises(LedgerEmpty, match="no run was ever written"):
        ledger.query(path, "select 1")
    ledger.check_writable(path)
    given.write(path, 1)
    assert given.whole_runs(path) == {given.run_id(1)}


def test_reading_makes_no_file(path: Path) -> None:
    for ask in (lambda: ledger.query(path, "select 1"), lambda: ledger.keep_runs(path, 1)):
        with pytest.raises(LedgerMissing, match="Run `skewguard check`"):
            ask()
    assert list(path.parent.iterdir()) == []


def test_checking_makes_no_file(path: Path) -> None:
    ledger.check_writable(path)
    assert list(path.parent.iterdir()) == []


def test_checking_through_a_connection_leaves_it_as_it_was(path: Path) -> None:
    given.write(path, 1)
    with sql.connect() as connection:
        before = connection.execute("from duckdb_databases()").fetchall()
        ledger.check_writable(path, connection=connection)
        assert connection.execute("from duckdb_databases()").fetchall() == before
        path.write_bytes(b"of another program")
        with pytest.raises(NotALedger):
            ledger.check_writable(path, connection=connection)
        assert connection.execute("from duckdb_databases()").fetchall() == before


def test_commits_go_into_the_file_at_once_while_it_is_written_and_no_longer(path: Path) -> None:
    given.write(path, 1)
    with sql.connect() as connection:

        def threshold() -> str:
            return str(connection.execute("select current_setting('checkpoint_threshold')").fetchone())

        usual = threshold()
        with attached(connection, path, Opening.WRITE, patience=0):
            assert threshold() != usual
            connection.execute(f"create table {ALIAS}.more as select 1 as a")
            assert not log_of(path).exists() or log_of(path).stat().st_size == 0
        assert threshold() == usual


def test_folders_and_missing_folders_cannot_be_ledgers(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnwritable, match="it is a folder"):
        ledger.check_writable(tmp_path)
    with pytest.raises(NotALedger, match="it is a folder"):
        ledger.query(tmp_path, "select 1")
    for attempt in (ledger.check_writable, lambda path: given.write(path, 1)):
        with pytest.raises(LedgerUnwritable, match="there is no folder"):
            attempt(tmp_path / "no" / "such" / "ledger.duckdb")
        with pytest.raises(LedgerUnwritable, match="name too long"):
            attempt(tmp_path / ("x" * 300))


def test_a_log_of_a_ledger_that_was_removed_is_not_replayed_into_a_new_one(path: Path) -> None:
    log_of(path).write_bytes(b"whatever it was")
    with pytest.raises(StrayLog, match="write-ahead log"):
        ledger.check_writable(path)
    assert log_of(path).read_bytes() == b"whatever it was"


def test_paths_with_quotes_spaces_and_links_work(tmp_path: Path) -> None:
    path = tmp_path / 'it\'s a "led ger" 表.duckdb'
    given.write(path, 1)
    link = tmp_path / "link"
    link.symlink_to(path)
    given.write(link, 2)
    assert given.whole_runs(path) == {given.run_id(1), given.run_id(2)}
    assert link.is_symlink()
