"""`skewguard diff` on any two tables: files, keys, columns, tolerances, and what bad input is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard.cli.edge import outcome
from skewguard.ledger import query

Ran = tuple[int, dict[str, Any]]
Diff = Callable[..., Ran]


@pytest.fixture
def diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Diff:
    """Runs the command in an empty folder: the exit code, and the JSON."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ran:
        code = outcome(["diff", *arguments, "--json", "found.json"])
        return code, json.loads(Path("found.json").read_text())

    return run


def tables(offline: dict[str, Any], online: dict[str, Any]) -> tuple[str, str]:
    """Two Parquet files in the current folder."""
    pq.write_table(pa.table(offline), "offline.parquet")
    pq.write_table(pa.table(online), "online.parquet")
    return "offline.parquet", "online.parquet"


def by_name(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["feature"]: each for each in found["features"]}


def test_alike_passes_and_a_difference_fails(diff: Diff) -> None:
    code, found = diff(*tables({"id": [1, 2], "a": [1, 2]}, {"id": [2, 1], "a": [2, 1]}), "--key", "id")
    assert (code, found["verdict"], found["mode"]) == (0, "pass", "tables")
    code, found = diff(*tables({"id": [1, 2], "a": [1, 2]}, {"id": [2, 1], "a": [2, 0]}), "--key", "id")
    assert (code, found["verdict"], found["command"]) == (1, "fail", "diff")
    assert by_name(found)["a"]["skew_rate"] == 0.5


def test_a_column_called_by_the_sign_for_all_columns(diff: Diff) -> None:
    offline, online = ({"id": [1, 2], "a": [1, 2], "*": [1, last], "*b": [1, 2]} for last in (2, 3))
    code, found = diff(*tables(offline, online), "--key", "id")
    assert code == 1
    assert {name: each["mismatched"] for name, each in by_name(found).items()} == {"a": 0, "*": 1, "*b": 0}
    assert diff(*tables({"*": [1], "a": [1]}, {"*": [1], "a": [2]}), "--key", "*")[0] == 1


def test_nan_in_a_key_is_no_key(diff: Diff, capsys: pytest.CaptureFixture[str]) -> None:
    keys: list[float | None] = [1.0, float("nan")]
    code, _ = diff(*tables({"id": keys, "a": [1, 2]}, {"id": keys, "a": [1, 2]}), "--key", "id")
    assert code == 2 and "1 row of the offline table has a null in the key (id)" in capsys.readouterr().err
    code, found = diff(
        *tables({"id": keys, "a": [1, 2]}, {"id": [1.0, None], "a": [1, 2]}), "--key", "id", "--duplicates", "match"
    )
    assert code == 0 and by_name(found)["a"]["matched"] == 2


def test_more_columns_than_a_mask_has_bits(diff: Diff) -> None:
    names = [f'c {i}", "id' for i in range(140)]
    offline: dict[str, Any] = {"id": [1, 2, 3], **{name: [i, i, i] for i, name in enumerate(names)}}
    skewed = {0: 1, 59: 2, 60: 3, 119: 1, 120: 2, 139: 3}  # position -> in how many rows
    online = {**offline, **{names[i]: [i + 1] * rows + [i] * (3 - rows) for i, rows in skewed.items()}}
    code, found = diff(*tables(offline, online), "--key", "id")
    counted = by_name(found)
    assert (code, len(counted)) == (1, 140)
    assert {i: counted[name]["mismatched"] for i, name in enumerate(names) if counted[name]["skewed"]} == skewed
    cells = query("skewguard.duckdb", "select feature, offline_value, online_value, abs_error from latest_diffs")
    expected = [(names[i], str(i), str(i + 1), 1.0) for i, rows in skewed.items() for _ in range(rows)]
    assert sorted(tuple(row.values()) for row in cells.to_pylist()) == sorted(expected)


def test_budget_and_exit_zero(diff: Diff) -> None:
    files = tables({"id": [1, 2], "a": [1, 2]}, {"id": [1, 2], "a": [1, 0]})
    assert diff(*files, "--key", "id", "--max-skew-rate", "50%")[0] == 0
    assert diff(*files, "--key", "id", "--max-skew-rate", "0.49")[0] == 1
    code, found = diff(*files, "--key", "id", "--exit-zero")
    assert (code, found["verdict"]) == (0, "fail")


def test_a_column_null_everywhere_is_a_warning(diff: Diff) -> None:
    nulls = pa.nulls(2, pa.float64())
    files = tables({"id": [1, 2], "a": nulls, "b": [1, 1]}, {"id": [1, 2], "a": nulls, "b": [1, 1]})
    code, found = diff(*files, "--key", "id")
    assert (code, found["verdict"]) == (0, "warn")
    assert by_name(found)["a"]["notes"] == ["null in every cell on both sides: nothing but absence was compared"]
    assert diff(*files, "--key", "id", "--strict")[0] == 1


def test_rows_of_one_table_only_count_and_are_noted(diff: Diff, capsys: pytest.CaptureFixture[str]) -> None:
    offline = {"id": [1, 2, 3], "a": [1, None, 3], "b": ["x", "x", "x"]}
    online = {"id": [3, 4], "a": [3, 4], "b": ["x", None]}
    code, found = diff(*tables(offline, online), "--key", "id")
    a, b = by_name(found)["a"], by_name(found)["b"]
    assert code == 1
    assert (a["requested"], a["matched"], a["missing_online"], a["missing_offline"]) == (4, 2, 1, 1)
    assert (b["requested"], b["matched"], b["missing_online"], b["missing_offline"]) == (4, 2, 2, 0)
    said = " ".join(capsys.readouterr().out.split())
    assert "2 rows are in the offline table only" in said
    assert "1 row is in the online table only" in said
    rows = query("skewguard.duckdb", "select entity::varchar as entity from entity_rows order by row_id").to_pylist()
    assert [json.loads(row["entity"])["id"] for row in rows] == [1, 2, 4]


def test_columns_of_one_table_only_are_listed(diff: Diff) -> None:
    files = tables({"id": [1], "a": [1], "old": [1]}, {"id": [1], "a": [1], "new": [1]})
    code, found = diff(*files, "--key", "id")
    assert code == 0
    assert found["skipped"] == [
        {"feature": "old", "reason": "only in the offline table"},
        {"feature": "new", "reason": "only in the online table"},
    ]


def test_columns_ignore_and_map(diff: Diff) -> None:
    files = tables({"id": [1], "a": [1], "b": [1], "c": [1]}, {"key": [1], "a": [2], "b": [1], "see": [1]})
    code, found = diff(*files, "--key", "id", "--map", "key=id", "--map", "see=c", "--ignore", "a")
    assert code == 0
    assert list(by_name(found)) == ["b", "c"]
    code, found = diff(*files, "--key", "id", "--map", "key=id", "--columns", "a,b")
    assert (code, list(by_name(found)), found["skipped"]) == (1, ["a", "b"], [])


def test_tolerances(diff: Diff) -> None:
    files = tables(
        {"id": [1], "a": [100.0], "b": [100.0], "n": [10]}, {"id": [1], "a": [101.0], "b": [101.0], "n": [11]}
    )
    assert diff(*files, "--key", "id", "--abs-tol", "1")[0] == 0
    assert diff(*files, "--key", "id", "--rel-tol", "0.1")[0] == 0
    assert diff(*files, "--key", "id", "--rel-tol", "0.01")[0] == 1
    found = by_name(diff(*files, "--key", "id", "--tolerance", "a=1", "--tolerance", "n=0,0.1")[1])
    assert [found[name]["matched"] for name in ("a", "b", "n")] == [1, 0, 1]


def test_a_key_must_be_unique_and_there(diff: Diff, capsys: pytest.CaptureFixture[str]) -> None:
    twice = {"id": [1, 1, 2, 2, 2], "k": [7] * 5, "a": [1, 2, 3, 4, 5]}
    code, _ = diff(*tables(twice, {"id": [1], "k": [7], "a": [1]}), "--key", "id,k")
    assert code == 2
    said = capsys.readouterr().err
    assert "2 keys (id, k) stand in more than one row of the offline table" in said
    assert 'for example {"id":1,"k":7} in 2 rows' in said
    code, _ = diff(*tables({"id": [1], "a": [1]}, {"id": [1, None, None], "a": [1, 2, 3]}), "--key", "id")
    assert code == 2
    assert '2 rows of the online table have a null in the key (id), for example {"id":null}' in capsys.readouterr().err
    assert not Path("skewguard.duckdb").exists()


def test_duplicates_match_pairs_rows_up(diff: Diff) -> None:
    offline = {"id": [1, 1, 1, None, None], "a": [3, 1, 2, 7, 8]}
    online = {"id": [1, 1, None, 1, None], "a": [2, 3, 8, 1, 9]}
    found = by_name(diff(*tables(offline, online), "--key", "id", "--duplicates", "match")[1])["a"]
    assert (found["requested"], found["matched"], found["mismatched"]) == (5, 3, 2)
    offline = {"id": [1, 1], "a": [1, 2]}
    found = by_name(diff(*tables(offline, {"id": [1], "a": [1]}), "--key", "id", "--duplicates", "match")[1])["a"]
    assert (found["requested"], found["matched"], found["missing_online"]) == (2, 1, 1)


def test_csv_and_databases(diff: Diff) -> None:
    Path("offline.csv").write_text("id,a,t\n1,1.5,x\n2,2.5,y\n")
    Path("online.tsv").write_text("id\ta\tt\n1\t1.5\tx\n2\t2.5\tz\n")
    with duckdb.connect("both.duckdb") as database:
        database.execute("create table offline as select * from read_csv('offline.csv')")
        database.execute("create schema s; create table s.\"on line\" as select * from read_csv('online.tsv')")
    for offline in ("offline.csv", "both.duckdb::offline"):
        for online in ("online.tsv", "both.duckdb::s.on line"):
            code, found = diff(offline, online, "--key", "id")
            assert (code, [each["matched"] for each in found["features"]]) == (1, [2, 1])


def test_names_that_a_query_would_choke_on(diff: Diff) -> None:
    names = [
        'say "hi"',
        "select",
        "größe ☃",
        "a; drop table faced; --",
        "s__driver_stats__rate",
        "x" * 80,
        "row_id",
        "o0",
    ]
    offline: dict[str, Any] = {'the "key"': ["' or 1=1", "<b>x</b>"], **{name: [1, 2] for name in names}}
    online: dict[str, Any] = {'the "key"': ["' or 1=1", "<b>x</b>"], **{name: [1, 3] for name in names}}
    code, found = diff(*tables(offline, online), "--key", '"the ""key"""')
    assert code == 1
    assert list(by_name(found)) == names
    assert all(each["mismatched"] == 1 for each in found["features"])
    entities = {
        row["entity"] for row in query("skewguard.duckdb", "select entity::varchar as entity from diffs").to_pylist()
    }
    assert [json.loads(each) for each in entities] == [{'the "key"': "<b>x</b>"}]


def test_keys_of_other_widths_and_times(diff: Diff) -> None:
    instants = pa.array([0, 3_600_000_000], pa.timestamp("us", tz="UTC"))
    offline = {"id": pa.array([1, 2], pa.int64()), "at": instants, "a": [1, 2]}
    online = {"id": pa.array([1, 2], pa.int32()), "at": instants.cast(pa.timestamp("ms")), "a": [1, 3]}
    code, found = diff(*tables(offline, online), "--key", "id", "--key", "at")
    assert (code, found["features"][0]["mismatched"]) == (1, 1)
    entity = query("skewguard.duckdb", "select entity::varchar as entity from diffs").to_pylist()[0]["entity"]
    assert json.loads(entity) == {"id": 2, "at": "1970-01-01T01:00:00+00:00"}


def test_nested_columns(diff: Diff) -> None:
    maps = pa.array([[("a", 1.0), ("b", None)], [("a", 1.0)]], pa.map_(pa.string(), pa.float64()))
    others = pa.array([[("a", 1.0 + 1e-12)], [("a", 2.0)]], pa.map_(pa.string(), pa.float64()))
    offline = {
        "id": [1, 2],
        "m": maps,
        "s": pa.array([{"x": 1, "y": [1.0]}, {"x": 1, "y": [1.0]}]),
        "e": [[0.1, 0.2], [0.3]],
    }
    online = {
        "id": [1, 2],
        "m": others,
        "s": pa.array([{"y": [1.0], "x": 1}, {"y": [2.0], "x": 1}]),
        "e": pa.array([[0.1, 0.2], [0.30001]], pa.list_(pa.float32())),
    }
    code, found = diff(*tables(offline, online), "--key", "id")
    assert code == 1
    assert [(each["matched"], each["mismatched"]) for each in found["features"]] == [(1, 1)] * 3
    shown = query("skewguard.duckdb", "select feature, offline_value, online_value from diffs").to_pylist()
    assert {row["feature"]: row["offline_value"] for row in shown} == {
        "m": '{"a": 1.0}',
        "s": '{"x": 1, "y": [1.0]}',
        "e": "[0.3]",
    }


def test_the_ledger_holds_what_the_json_says(diff: Diff) -> None:
    found = diff(*tables({"id": [1, 2, 3], "a": [1, 2, 3]}, {"id": [1, 2, 4], "a": [1, 9, 4]}), "--key", "id")[1]
    kinds = query(
        "skewguard.duckdb", "select kind, count(*)::int as cells from latest_diffs group by kind order by kind"
    )
    assert kinds.to_pylist() == [
        {"kind": "mismatch", "cells": 1},
        {"kind": "missing_offline", "cells": 1},
        {"kind": "missing_online", "cells": 1},
    ]
    (stored,) = query("skewguard.duckdb", "select * from latest_features").to_pylist()
    for name in ("feature", "requested", "compared", "matched", "mismatched", "skewed", "verdict", "max_abs_error"):
        assert stored[name] == found["features"][0][name], name
    (run,) = query("skewguard.duckdb", "select command, mode, config::varchar as config from runs").to_pylist()
    assert (run["command"], run["mode"], json.loads(run["config"])["key"]) == ("diff", "tables", ["id"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "a diff needs the columns that identify a row"),
        (("--key", "ID"), "--key names the column 'ID', which the offline table does not have. Known names near it: "),
        (("--key", "old"), "--key names the column 'old', which the online table does not have"),
        (("--key", "id", "--columns", "aa"), "--columns names the column 'aa'"),
        (("--key", "id", "--ignore", "aa"), "--ignore names the column 'aa'"),
        (("--key", "id", "--tolerance", "aa=1"), "--tolerance names the column 'aa'"),
        (("--key", "id", "--tolerance", "a"), "COLUMN=ABSOLUTE or COLUMN=ABSOLUTE,RELATIVE is needed"),
        (("--key", "id", "--tolerance", "a=x"), "a finite number of at least 0 is needed"),
        (("--key", "id", "--tolerance", "a=1,2,3"), "one number (absolute) or two"),
        (("--key", "id", "--abs-tol", "-1"), "a finite number of at least 0 is needed"),
        (("--key", "id", "--rel-tol", "nan"), "a finite number of at least 0 is needed"),
        (("--key", "id", "--map", "a"), "ONLINE_COLUMN=OFFLINE_COLUMN is needed"),
        (("--key", "id", "--map", "zz=a"), "--map names the column 'zz', which the online table does not have"),
        (("--key", "id", "--map", "new=a"), "the columns 'a' and 'new' of the online table both stand for 'a'"),
        (("--key", "id", "--duplicates", "drop"), "one of error, match is needed"),
        (
            ("--key", "id", "--columns", "old"),
            "Nothing can be compared: --columns leaves no column that is in both tables",
        ),
        (("--key", "l"), "The column 'l' cannot be a key: its type is BIGINT[]"),
        (("--key", "t"), "The key column 't' is VARCHAR in the offline table and BIGINT in the online table"),
    ],
)
def test_bad_options_are_told(
    diff: Diff, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    files = tables(
        {"id": [1], "a": [1], "old": [1], "l": [[1]], "t": ["x"]},
        {"id": [1], "a": [1], "new": [1], "l": [[1]], "t": [1]},
    )
    code, found = diff(*files, *options)
    assert code == found["exit_code"] == 2
    assert said in capsys.readouterr().err
    assert not Path("skewguard.duckdb").exists()


def test_a_delta_table_is_read_as_it_is_now(diff: Diff) -> None:
    """Its folder still has the files of earlier versions."""
    deltalake = pytest.importorskip("deltalake")
    offline, _ = tables({"id": [1, 2], "a": [1, 2]}, {"id": [1], "a": [1]})
    for rows in ({"id": [7, 8], "a": [0, 0]}, {"id": [1, 2], "a": [1, 3]}):
        deltalake.write_deltalake("delta", pa.table(rows), mode="overwrite")
    code, found = diff(offline, "delta", "--key", "id")
    assert code == 1 and by_name(found)["a"]["matched"] == by_name(found)["a"]["mismatched"] == 1


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("offlin.parquet", "where there is nothing. Known names near it: offline.parquet"),
        ("empty.parquet", "it is empty"),
        ("text.parquet", "by its name it is a Parquet file, by its content it is not"),
        ("cut.parquet", "cannot be read"),
        ("notes.md", "its name is not that of a CSV file"),
        ("folder", "the folder has neither Parquet nor CSV files"),
        ("base.duckdb", "is a database, and no table of it was named. It has: rates."),
        ("base.duckdb::rate", "has no table 'rate'. Known names near it: rates."),
        ("gone.duckdb::rate", "where there is nothing"),
        ("notes.md::rate", "it is not a Parquet or DuckDB file"),
        ("offline.parquet::rate", "it is not a DuckDB file"),
        ("loop.csv", "The online table loop.csv cannot be read: Too many levels of symbolic links."),
        ("long" * 2000, "File name too long"),
        ("pipe.csv", "it is neither a file nor a folder"),
        ("mixed", "it has both Parquet and other files, such as b.parquet and a.csv"),
        ("mixed/*", "it has both Parquet and other files"),
        ("headless.csv", "names the column 'id', which the online table does not have. Known names near it: column0"),
    ],
)
def test_files_that_are_no_tables_are_told(
    diff: Diff, capsys: pytest.CaptureFixture[str], place: str, said: str
) -> None:
    offline, _ = tables({"id": [1], "a": [1]}, {"id": [1], "a": [1]})
    Path("empty.parquet").touch()
    Path("text.parquet").write_text("id,a\n1,2\n")
    Path("cut.parquet").write_bytes(Path(offline).read_bytes()[:-20])
    Path("notes.md").write_text("# notes\n")
    Path("folder").mkdir()
    with duckdb.connect("base.duckdb") as database:
        database.execute("create table rates as select 1 as id, 1 as a")
    Path("loop.csv").symlink_to("loop.csv")
    os.mkfifo("pipe.csv")
    Path("mixed").mkdir()
    Path("mixed/a.csv").write_text("id,a\n1,1\n")
    Path("mixed/b.parquet").write_bytes(Path(offline).read_bytes())
    Path("headless.csv").write_text("1,1\n2,1\n")
    code, _ = diff(offline, place, "--key", "id")
    assert code == 2
    assert said in capsys.readouterr().err
    assert diff(place, offline, "--key", "id")[0] == 2
    assert not Path("skewguard.duckdb").exists()


def test_interrupting_leaves_nothing_behind(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        for name in ("offline", "online"):
            features = ", ".join(f"(i * {k}) % 1000 / 7.0 as f{k}" for k in range(1, 16))
            query = f"select i, {features} from range(3_000_000) t(i)"
            connection.execute(f"copy ({query}) to '{tmp_path / name}.parquet'")
    (tmp_path / "tmp").mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "skewguard", "diff", "offline.parquet", "online.parquet", "--key", "i"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    said = ""
    while "diff: rows" not in said:
        said += running.stderr.readline()
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    said += running.stderr.read()
    assert running.wait() == 130, said
    assert said.endswith("Interrupted.\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["offline.parquet", "online.parquet", "tmp"]
    assert not list((tmp_path / "tmp").iterdir())


def test_duplicates_on_both_sides_are_told_before_they_multiply(diff: Diff, capsys: pytest.CaptureFixture[str]) -> None:
    size = 40_000
    hot = {"id": [0] * size + list(range(1, size)), "a": list(range(2 * size - 1))}
    code, _ = diff(*tables(hot, hot), "--key", "id")
    assert code == 2
    assert (
        '1 key (id) stands in more than one row of the offline table, for example {"id":0}' in capsys.readouterr().err
    )


def test_duplicates_of_either_table_and_of_one_table_only_are_told(
    diff: Diff, capsys: pytest.CaptureFixture[str]
) -> None:
    once, twice = {"id": [1, 2, 3], "a": [1, 2, 3]}, {"id": [1, 2, 2], "a": [1, 2, 2]}
    alone = {"id": [1, 7, 7], "a": [1, 2, 2]}
    for offline, online, role in ((once, twice, "online"), (twice, once, "offline"), (once, alone, "online")):
        assert diff(*tables(offline, online), "--key", "id")[0] == 2
        assert f"of the {role} table" in capsys.readouterr().err
    assert diff(*tables(twice, twice), "--key", "id")[0] == 2


def test_nothing_is_written_to_what_is_compared(diff: Diff) -> None:
    with duckdb.connect("base.duckdb") as database:
        database.execute("create table rates as select 1 as id, 1 as a")
    before = Path("base.duckdb").read_bytes()
    assert diff("base.duckdb::rates", "base.duckdb::rates", "--key", "id")[0] == 0
    assert Path("base.duckdb").read_bytes() == before
    assert sorted(each.name for each in Path().iterdir()) == ["base.duckdb", "found.json", "skewguard.duckdb"]
