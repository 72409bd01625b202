"""A ledger of schema version 1 is read as it is, and becomes one of this version when a run is written to it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ledger_runs as given
import pytest

from skewguard import ledger, sql
from skewguard.ledger.figures import read_figures
from skewguard.ledger.schema import SCHEMA_VERSION, VIEWS
from skewguard.model import Outcome

VERSION_1 = (given.ROOT / "tests" / "data" / "ledger_v1.sql").read_text(encoding="utf-8")
FACTS = """
insert into meta values ('skewguard', 1, '0.1.0');
insert into runs (run_id, command, mode, started_at, finished_at, verdict, seed, rows_requested, cells_requested,
    cells_compared, skewguard_version, duckdb_version, python_version, config)
values ('old', 'check', 'live', '2026-01-01 00:00:00Z', '2026-01-01 00:00:09Z', 'fail', 0, 9, 9, 9, '0.1.0', '2.0.0',
    '3.11.7', '{"sample": 50, "exit_zero": true}');
insert into features (run_id, feature, feature_view, name, view_kind, dtype, requested, compared, matched, mismatched,
    missing_online, missing_offline, serving_errors, wrong_on_both, within_freshness, not_compared, skewed,
    max_skew_rate, verdict, top_cause, notes)
select 'old', 'v:' || name, 'v', name, 'batch', 'Int64', 9, 9, 9 - bad, bad, 0, 0, 0, 0, 0, 0, bad, 0.0,
    case when bad > 0 then 'fail' else 'pass' end, case when bad > 0 then 'tie_break' end, ['noted']
from (values ('z', 5), ('a', 0), ('b', 2)) as found (name, bad);
insert into diffs (run_id, row_id, feature, entity, kind, skewed, cause, blame, offline_value, online_value, evidence)
select 'old', row_id, feature, '{"k": 1}', kind, kind <> 'not_compared', cause, 'online', 'x', null, evidence
from (
    values ('v:z', 0, 'not_compared', null, '{"reason": "it raised"}'), ('v:z', 3, 'mismatch', 'tie_break', null),
        ('v:z', 1, 'mismatch', 'tie_break', null), ('v:b', 1, 'mismatch', 'tie_break', null)
) as cells (feature, row_id, kind, cause, evidence);
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file as version 1 left it, with one run."""
    path = tmp_path / "skewguard.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(VERSION_1 + FACTS)
        for view in VIEWS:
            connection.execute(sql.text("skewguard.ledger", view))
    return path


def version(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        (found,) = connection.execute("select schema_version from meta").fetchall()
    return int(found[0])


def columns(path: Path) -> dict[str, list[tuple[str, str]]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() where not internal order by column_index"
        ).fetchall()
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in found:
        tables.setdefault(table, []).append((column, kind))
    return tables


def read(path: Path, reference: str) -> Outcome:
    with ledger.open_ledger(path) as connection:
        return ledger.read_outcome(connection, reference, ledger=path)


def told(path: Path) -> None:
    """The old run says what it had kept, and nothing that it had not."""
    outcome = read(path, "old")
    assert (outcome.exit_code, outcome.sample_rows, outcome.run.config["exit_zero"]) == (0, 50, True)
    assert [each.feature for each in outcome.features] == ["v:z", "v:a", "v:b"]
    assert outcome.features[0].causes == {"tie_break": 2}
    assert outcome.features[0].notes == ("noted",)
    assert [(each.feature, each.row_id, each.online_value) for each in outcome.examples] == [
        ("v:z", 1, None),
        ("v:z", 3, None),
        ("v:z", 0, "it raised"),
        ("v:b", 1, None),
    ]
    assert (outcome.skipped, outcome.errors, outcome.notes, outcome.places, outcome.latency) == ((), (), (), (), ())


def test_version_1_is_read_as_it_is(old: Path) -> None:
    before = old.read_bytes()
    told(old)
    assert ledger.query(old, "select run_id from latest_features").num_rows == 3
    with ledger.open_ledger(old) as connection:
        assert {"rows", "times", "events"} - read_figures(connection, "old").keys() == {"events"}
    ledger.check_writable(old)
    assert old.read_bytes() == before
    assert version(old) == 1


def test_version_1_becomes_this_version_when_a_run_is_written(old: Path, tmp_path: Path) -> None:
    given.write(old, 1)
    assert version(old) == SCHEMA_VERSION == 3
    told(old)
    assert read(old, "latest").run.run_id == given.run_id(1)
    made = tmp_path / "made.duckdb"
    given.write(made, 1)
    assert columns(old) == columns(made), "a ledger that was upgraded is like one that was made now"


def test_old_runs_are_dropped_from_an_old_ledger(old: Path) -> None:
    given.write(old, 1)
    assert ledger.keep_runs(old, 1) == 1
    with duckdb.connect(str(old), read_only=True) as connection:
        for table in columns(old).keys() - {"meta", *VIEWS}:
            assert not connection.execute(f"select * from {table} where run_id = 'old'").fetchall(), table


def test_an_old_ledger_is_trimmed_without_a_run_being_written(old: Path) -> None:
    assert ledger.keep_runs(old, 0) == 1
    assert version(old) == 3
