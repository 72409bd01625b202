"""What SQL can do to a ledger and to anything else: ask the ledger, and nothing more."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import ledger_runs as given
import pandas
import pyarrow
import pytest

from skewguard import ledger
from skewguard.errors import SkewguardError
from skewguard.errors.ledger import QueryFailed, QueryRefused, TableUnknown

QUESTIONS = [
    "select 1",
    "  -- why\nselect /* not */ 1; ",
    "from diffs",
    "with a as (select 1 as x) from a",
    "values (1), (2)",
    "table runs",
    "(select 1) union all (select 2)",
    "describe diffs",
    "desc runs",
    "show tables",
    "summarize features",
    "explain select * from diffs",
    "explain analyze select * from diffs",
    "EXPLAIN (FORMAT json) select 1",
    "pivot diffs on kind using count(*) group by feature",
    "with p as (pivot diffs on kind using count(*)) from p",
    "unpivot (select 1 as a, 2 as b) on a, b",
    "select * from features where run_id = (select max(run_id) from runs)",
    "select * from skewguard.main.runs",
    "select entity->>'k', evidence from diffs",
    "select 'drop table runs; --', 'é表', $$x$$",
    "select * from query('select 1')",
]

CHANGES = [
    "",
    ";",
    "-- only a comment",
    "select 1; select 2",
    "select 1; drop table runs",
    "drop table runs",
    "delete from runs",
    "truncate runs",
    "update runs set verdict = 'pass'",
    "insert into laws (run_id) values ('x')",
    "merge into runs using features on false when not matched then insert values ('x')",
    "with gone as (delete from runs returning *) from gone",
    "with put as (insert into laws (run_id) values ('x') returning *) from put",
    "create table t (a integer)",
    "create temp table t (a integer)",
    "create or replace view causes as select 1",
    "create macro f(a) as a",
    "create type t as enum ('a')",
    "create sequence s",
    "create secret (type s3)",
    "alter table runs add column x integer",
    "comment on table runs is 'x'",
    "explain analyze insert into laws (run_id) values ('x')",
    "explain analyze create temp table t (a integer)",
    "explain create table t (a integer)",
    "/* a */ explain /* b */ analyze delete from runs",
    "create table t as pivot diffs on kind using count(*)",
    "insert into laws (run_id) pivot diffs on kind using count(*)",
    "begin",
    "commit",
    "checkpoint",
    "force checkpoint",
    "vacuum",
    "analyze",
    "attach ':memory:' as other",
    "attach 'other.duckdb'",
    "detach skewguard",
    "use memory",
    "copy runs to 'out.csv'",
    "copy (select 1) to 'out.parquet'",
    "copy (pivot diffs on kind using count(*)) to 'out.csv'",
    "copy runs from 'secret.csv'",
    "copy from database skewguard to memory",
    "export database 'out'",
    "import database 'out'",
    "install httpfs",
    "load parquet",
    "set threads = 1",
    "set global memory_limit = '1GB'",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set variable x = 1",
    "reset threads",
    "pragma threads = 1",
    "pragma enable_profiling",
    "pragma database_size",
    "call pragma_version()",
    "call enable_logging()",
    "prepare p as select 1",
    "execute p",
    "deallocate p",
    "connect 'other.duckdb'",
]

READS_ELSEWHERE = [
    "from 'secret.csv'",
    "from 'secret.parquet'",
    "from './secret.csv'",
    "from read_csv('secret.csv')",
    "from read_csv_auto(['secret.csv'])",
    "from read_parquet('*.parquet')",
    "from read_json('secret.json')",
    "select * from read_text('secret.csv')",
    "select * from read_blob('/etc/hostname')",
    "from read_text('/dev/stdin')",
    "from read_text('/proc/self/environ')",
    "from glob('*')",
    "from sniff_csv('secret.csv')",
    "from parquet_metadata('secret.parquet')",
    "from parquet_schema('secret.parquet')",
    "from read_duckdb('other.duckdb')",
    "from query_table('secret.csv')",
    "from query('from read_text(''secret.csv'')')",
    "from json_execute_serialized_sql(json_serialize_sql('from read_text(''secret.csv'')'))",
    "describe from 'secret.csv'",
    "summarize 'secret.csv'",
    "explain analyze from 'secret.csv'",
    "select (select content from read_text('secret.csv'))",
    "with a as (from 'secret.csv') from a",
    "pivot 'secret.csv' on word using count(*)",
    "from 'http://127.0.0.1:9/x.csv'",
    "from 's3://bucket/x.parquet'",
    "from sqlite_scan('secret.csv', 't')",
    "from delta_scan('folder')",
    "select getenv('HOME')",
    "from secret_frame",
    "from secret_table",
    "from pandas_scan(1)",
    "from arrow_scan(1, 2, 3)",
    "from enable_logging()",
    "from enable_profiling()",
    "from duckdb_extensions()",
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("written") / "skewguard.duckdb"
    given.write(path, 1, cells=2)
    return path


@pytest.fixture
def path(tmp_path: Path, written: Path) -> Path:
    return Path(shutil.copy(written, tmp_path))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("secrets")
    (place / "secret.csv").write_text("word\nhush\n")
    (place / "secret.json").write_text('{"word": "hush"}')
    with duckdb.connect(str(place / "other.duckdb")) as other:
        other.execute("create table t as select 'hush' as word")
        other.table("t").write_parquet(str(place / "secret.parquet"))
    return place


@pytest.fixture
def surroundings(tmp_path: Path, secrets: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder with secrets in it, which must be all that is there afterwards."""
    place = Path(shutil.copytree(secrets, tmp_path / "here"))
    monkeypatch.chdir(place)
    before = {each.name: each.read_bytes() for each in place.iterdir()}
    yield place
    assert {each.name: each.read_bytes() for each in place.iterdir()} == before


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_are_answered(path: Path, question: str) -> None:
    assert ledger.query(path, question).num_rows > 0


@pytest.mark.parametrize("change", CHANGES)
def test_changes_are_refused_and_change_nothing(path: Path, surroundings: Path, change: str) -> None:
    before = path.read_bytes()
    with pytest.raises((QueryRefused, QueryFailed)):
        ledger.query(path, change)
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == ["here", path.name]


@pytest.mark.parametrize("question", READS_ELSEWHERE)
def test_nothing_but_the_ledger_can_be_read(path: Path, surroundings: Path, question: str) -> None:
    secret_frame = pandas.DataFrame({"word": ["hush"]})
    secret_table = pyarrow.table({"word": ["hush"]})
    assert len(secret_frame) == secret_table.num_rows == 1
    with pytest.raises(SkewguardError) as raised:
        ledger.query(path, question)
    assert "hush" not in str(raised.value)


def test_the_second_lock_holds_without_the_first(path: Path, surroundings: Path) -> None:
    """Even a statement that the list let through could not write, read files, or change settings."""
    before = path.read_bytes()
    with ledger.open_ledger(path) as connection:
        for change in (
            "delete from runs",
            "create table t (a integer)",
            "copy runs to 'out.csv'",
            "attach 'out.duckdb'",
            "set enable_external_access = true",
            "set lock_configuration = false",
            "set allowed_directories = ['/']",
            "install httpfs",
            "from 'secret.csv'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(change)
        connection.execute("create temp table t as select 1")  # in memory, and gone with the connection
    assert path.read_bytes() == before


def test_times_are_utc_whatever_the_process_says(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        (row,) = ledger.query(path, "select started_at, started_at::varchar as said from runs").to_pylist()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert row["started_at"].utcoffset().total_seconds() == 0
    assert row["said"] == "2026-11-21 01:00:00+00"


def test_answers_carry_duckdbs_types_and_distinct_names(path: Path) -> None:
    answer = ledger.query(path, "select entity, 1 as a, 2 as a, 3 as a_1 from diffs limit 1")
    assert answer.schema.field("entity").metadata == {b"duckdb_type": b"JSON"}
    assert answer.column_names == ["entity", "a", "a_2", "a_1"]
    assert answer.to_pylist() == [{"entity": '{"k": 0}', "a": 1, "a_2": 2, "a_1": 3}]


def test_an_unknown_column_is_answered_with_those_there_are(path: Path) -> None:
    with pytest.raises(QueryFailed, match='"nope" not found.*Columns of laws: run_id, transform, law') as raised:
        ledger.query(path, "select nope\nfrom laws")
    assert "\n" not in str(raised.value)


def test_an_unknown_table_is_answered_with_those_there_are(path: Path) -> None:
    with pytest.raises(TableUnknown, match="no table 'dif'. It has: causes, contract, diffs, entity_rows") as raised:
        ledger.query(path, "from dif")
    assert "meta" not in str(raised.value)


@pytest.mark.parametrize("broken", ["selec 1", "select", "from runs where", "select 1 +", "select $1", "select 'x"])
def test_what_does_not_parse_is_one_paragraph(path: Path, broken: str) -> None:
    with pytest.raises(QueryFailed) as raised:
        ledger.query(path, broken)
    assert str(raised.value).startswith("The query failed: ")
    assert "\n" not in str(raised.value)


def test_reading_does_not_touch_the_file_or_its_folder(path: Path) -> None:
    path.chmod(0o444)
    path.parent.chmod(0o555)
    before = path.stat()
    try:
        assert ledger.query(path, "select * from diffs order by random()").num_rows == 2
    finally:
        path.parent.chmod(0o755)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_size, before.st_ino) == (after.st_mtime_ns, after.st_size, after.st_ino)
