"""Rows as people and programs read them: nothing lost, nothing that moves the cursor, and text that parses again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import ledger_runs as given
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import ledger
from skewguard.errors.ledger import FormatUnfit, QueryRefused
from skewguard.report import rows

MANY_KINDS = """
select 1 as whole, 1.5::double as number, 'nan'::double as nan, '-inf'::double as low, true as yes, null as nothing,
    '' as empty, 'a,"b"' || chr(10) || 'c' as awkward, timestamptz '2026-11-21 02:00:00+02' as instant,
    timestamp '2026-11-21 00:00:00' as naive, date '2026-11-21' as day, time '10:30:00' as clock,
    interval '1 month 1 day 1.5 second' as lag, [1, 2] as list, {'a': null, 'b': [1.5]} as struct, map {'k': 1} as map,
    '{"k": [1, "x"], "n": null}'::json as document, 12345678901234567890::hugeint as huge, 1.50::decimal(9, 2) as price,
    'a\\xFF'::blob as bytes, '7b0c3c4e-1111-4222-8333-444455556666'::uuid as id
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], pa.Table]:
    path = tmp_path_factory.mktemp("ledger") / "skewguard.duckdb"
    given.write(path, 1, cells=2)
    return lambda query: ledger.query(path, query)


def test_json_has_each_kind_of_value(ask: Callable[[str], pa.Table]) -> None:
    (row,) = json.loads("".join(rows.as_json(ask(MANY_KINDS))))
    assert row == {
        "whole": 1,
        "number": 1.5,
        "nan": "NaN",
        "low": "-Infinity",
        "yes": True,
        "nothing": None,
        "empty": "",
        "awkward": 'a,"b"\nc',
        "instant": "2026-11-21T00:00:00+00:00",
        "naive": "2026-11-21T00:00:00+00:00",
        "day": "2026-11-21",
        "clock": "10:30:00",
        "lag": 31 * 86_400 + 1.5,
        "list": [1, 2],
        "struct": {"a": None, "b": [1.5]},
        "map": {"k": 1},
        "document": {"k": [1, "x"], "n": None},
        "huge": 12345678901234567890,
        "price": 1.5,
        "bytes": "a\\xFF",
        "id": "7b0c3c4e-1111-4222-8333-444455556666",
    }


def test_json_of_no_rows_is_an_empty_array(ask: Callable[[str], pa.Table]) -> None:
    assert json.loads("".join(rows.as_json(ask("from laws")))) == []
    assert len(json.loads("".join(rows.as_json(ask("from diffs"))))) == 2


def test_csv_parses_again(ask: Callable[[str], pa.Table]) -> None:
    text = "".join(rows.as_csv(ask(MANY_KINDS)))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["awkward"] == 'a,"b"\nc'
    assert row["instant"] == "2026-11-21T00:00:00+00:00"
    assert (row["nan"], row["low"], row["yes"], row["lag"]) == ("NaN", "-Infinity", "true", "2678401.5")
    assert json.loads(row["document"]) == {"k": [1, "x"], "n": None}
    assert json.loads(row["struct"]) == {"a": None, "b": [1.5]}
    assert text.endswith("\n") and "\r" not in text


def test_csv_tells_null_from_empty_text() -> None:
    table = pa.table({"a": [None, "", " x"], 'odd "name", here': ["1", "2", "3"]})
    assert list(rows.as_csv(table)) == ['a,"odd ""name"", here"\n', ",1\n", '"",2\n', '" x",3\n']


def test_parquet_holds_the_same_and_intervals_as_seconds(ask: Callable[[str], pa.Table], tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(rows.as_parquet(ask("select * from diffs order by row_id")))
    back = pq.read_table(path)
    assert back.column("freshness_lag").to_pylist() == [90.0, 90.0]
    assert back.column("as_of").to_pylist() == [given.AS_OF] * 2
    assert back.num_rows == 2


def test_what_parquet_cannot_hold_is_said(ask: Callable[[str], pa.Table]) -> None:
    with pytest.raises(FormatUnfit, match="cannot be written as parquet"):
        rows.as_parquet(ask("select union_value(a := 1) as u"))


def test_a_table_is_aligned_and_whole_where_no_width_is_given() -> None:
    table = pa.table({"name": ["表", "x" * 300, None], "n": [1, 22, 3]})
    lines = "".join(rows.as_text(table)).splitlines()
    assert lines[0] == "name" + " " * 296 + "   n"
    assert lines[2] == "表" + " " * 298 + "   1"
    assert lines[3] == "x" * 300 + "  22"
    assert lines[4].startswith("NULL ")


def test_a_table_fits_the_terminal() -> None:
    table = pa.table({"name": ["x" * 300], "n": [1], "other": ["y" * 300]})
    lines = "".join(rows.as_text(table, columns=80)).splitlines()
    assert max(map(len, lines)) == 80
    assert "…" in lines[2]


def test_rows_that_do_not_fit_are_written_one_below_the_other(ask: Callable[[str], pa.Table]) -> None:
    lines = "".join(rows.as_text(ask("from diffs order by row_id"), columns=80)).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("── row 1 ──")
    assert len(lines) == 2 * (1 + 21)
    assert any(line.split() == ["freshness_lag", "0:01:30"] for line in lines)


def test_values_cannot_move_the_cursor_or_break_a_line() -> None:
    table = pa.table({"a\x1b[2J": ["one\ntwo\x1b[31m\u202e", "<script>"]})
    lines = "".join(rows.as_text(table)).splitlines()
    assert len(lines) == 4
    assert "\x1b" not in "".join(lines)
    assert lines[2] == r"one\ntwo\x1b[31m\u202e"


def test_the_first_columns_that_fit_are_kept() -> None:
    table = pa.table({"first": ["x" * 20], "second": ["y" * 20], "third": ["z" * 40]})
    assert rows.leading(table, 80).column_names == ["first", "second"]
    assert rows.leading(table, 84).column_names == ["first", "second", "third"]
    assert rows.leading(table, 5).column_names == ["first"]


def test_many_rows_are_all_there() -> None:
    count = rows.BATCH * 2 + 5
    table = pa.table({"n": pa.array(range(count)), "at": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * count)})
    assert len(json.loads("".join(rows.as_json(table)))) == count
    assert sum(1 for _ in rows.as_csv(table)) == count + 1
    assert sum(1 for _ in rows.as_text(table)) == count + 2


def test_durations_and_decimals_of_arrow_tables_from_elsewhere() -> None:
    table = pa.table({"d": [timedelta(seconds=90)], "m": [Decimal("2")]})
    assert list(rows.as_csv(table))[1] == "90.0,2\n"


def test_what_neither_arrow_nor_a_double_holds_is_written_whole(ask: Callable[[str], pa.Table]) -> None:
    table = ask(
        "select 340282366920938463463374607431768211455::uhugeint as a, '101'::bit as b, '10:00:00+02'::timetz as a, "
        "999999999999.999999::decimal(18, 6) as c, interval 90000000 months as d"
    )
    assert table.column_names == ["a", "b", "a_1", "c", "d"]
    seconds = 90_000_000 * 30 * 86_400
    whole = ["340282366920938463463374607431768211455", "101", "10:00:00+02", "999999999999.999999"]
    assert list(rows.as_csv(table))[1] == ",".join([*whole, f"{float(seconds)}\n"])
    assert list(rows.as_text(table))[2].split() == [*whole, "2700000000", "days"]
    (row,) = json.loads("".join(rows.as_json(table)))
    assert row == dict(zip(table.column_names, [*whole[:3], 1e12, seconds], strict=True))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("'infinity'::timestamp", "infinity"),
        ("'-infinity'::timestamptz", "-infinity"),
        ("'infinity'::date", "infinity"),
        ("'99999-01-02'::date", "99999-01-02"),
        ("'99999-01-02 03:04:05'::timestamp", "99999-01-02T03:04:05.000000+00:00"),
        ("['infinity'::date, '2025-01-01'::date]", ["infinity", "2025-01-01"]),
        ("{'a': 'infinity'::date, 'b': 1}", {"a": "infinity", "b": 1}),
        ("map{[1]: {'a': 2}}", [{"key": [1], "value": {"a": 2}}]),
    ],
)
def test_what_python_has_no_value_for_is_said(ask: Callable[[str], pa.Table], written: str, said: object) -> None:
    table = ask(f"select {written} as x union all select null order by x nulls last")
    assert json.loads("".join(rows.as_json(table))) == [{"x": said}, {"x": None}]
    assert next(csv.reader(list(rows.as_csv(table))[1:]))[0] == (said if isinstance(said, str) else json.dumps(said))
    assert list(rows.as_text(table))[3].strip() == "NULL"


def test_a_query_that_is_no_text_is_refused(ask: Callable[[str], pa.Table]) -> None:
    """A shell passes on whatever bytes it is given; Python makes such characters of them."""
    with pytest.raises(QueryRefused, match="no UTF-8"):
        ask("select '\udcff'")
