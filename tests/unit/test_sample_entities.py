"""Entity rows from a user's file: read, converted exactly, de-duplicated, drawn; and what is wrong with it, said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.errors import SkewguardError
from skewguard.errors.selection import (
    EntityColumnsMissing,
    EntityFileEmpty,
    EntityFileUnreadable,
    EntityNulls,
    EntityTypeWrong,
    SampleNotPositive,
)
from skewguard.model import RequestField
from skewguard.sample import Draw, Entities, draw_entities, read_entities

INT, TEXT = pa.int64(), pa.string()


def csv(folder: Path, text: str) -> Entities:
    (folder / "rows.csv").write_text(text)
    return read_entities(sql.connect(), folder / "rows.csv")


def parquet(folder: Path, **columns: Any) -> Entities:
    pq.write_table(pa.table(columns), folder / "rows[1].parquet")
    return read_entities(sql.connect(), folder / "rows[1].parquet")


def drawn(entities: Entities, *request: RequestField, rows: int | None = None, **keys: pa.DataType) -> Draw:
    return draw_entities(sql.connect(), entities, view="v", keys=keys, request=request, rows=rows, seed=0)


def values(draw: Draw) -> list[dict[str, Any]]:
    return sorted(draw.rows.to_pylist(), key=repr)


def test_a_csv_is_text_until_the_source_says_what_it_is(tmp_path: Path) -> None:
    file = csv(tmp_path, "id,other\n007,x\n0010,y\n")
    assert values(drawn(file, id=TEXT)) == [{"id": "0010"}, {"id": "007"}]
    assert values(drawn(file, id=INT)) == [{"id": 10}, {"id": 7}]


@pytest.mark.parametrize(
    ("column", "wanted", "expected"),
    [
        (pa.array([2**53 + 1], pa.uint64()), INT, 2**53 + 1),
        (pa.array([7.0]), INT, 7),
        (pa.array(["7"]), INT, 7),
        (pa.array([7]), TEXT, "7"),
        (pa.array(["a"]).dictionary_encode(), TEXT, "a"),
        (pa.array(["a"], pa.large_string()), TEXT, "a"),
        (pa.array([7]), pa.float64(), 7.0),
        (pa.array(["2024-01-01"]), pa.timestamp("us"), datetime(2024, 1, 1)),
        (pa.array(["2024-01-01T02:00:00+02:00"]), pa.timestamp("us", "UTC"), datetime(2024, 1, 1, tzinfo=UTC)),
        (pa.array([b"a"]), pa.binary(), b"a"),
    ],
    ids=str,
)
def test_keys_become_what_the_source_holds(
    tmp_path: Path, column: pa.Array, wanted: pa.DataType, expected: Any
) -> None:
    draw = drawn(parquet(tmp_path, id=column), id=wanted)
    assert draw.rows.to_pylist() == [{"id": expected}]
    assert draw.rows.schema.field("id").type == wanted


@pytest.mark.parametrize(
    ("column", "wanted", "example"),
    [
        (pa.array([1.0, 2.0, 7.9]), INT, "'7.9'"),
        (pa.array(["1", "seven", "x"]), INT, "'seven'"),
        (pa.array(["1", "1.5"]), INT, "'1.5'"),
        (pa.array([1, 300]), pa.int8(), "'300'"),
        (pa.array([2**53 + 1]), pa.float64(), f"'{2**53 + 1}'"),
        (pa.array(["noon"]), pa.timestamp("us"), "'noon'"),
        (pa.array([1]), pa.timestamp("us"), "'1'"),
        (pa.array([True]), INT, "'True'"),
        (pa.array([7]), pa.bool_(), "'7'"),
    ],
    ids=str,
)
def test_a_key_is_never_rounded_or_guessed(tmp_path: Path, column: pa.Array, wanted: pa.DataType, example: str) -> None:
    with pytest.raises(EntityTypeWrong) as caught:
        drawn(parquet(tmp_path, id=column), id=wanted)
    assert f"holds {example} in column 'id', which cannot become {wanted} as view 'v' needs it" in str(caught.value)


def test_repeated_rows_are_asked_once_and_counted(tmp_path: Path) -> None:
    draw = drawn(parquet(tmp_path, id=[1, 2, 1, 1], unused=[1, 2, 3, 4]), id=INT)
    assert values(draw) == [{"id": 1}, {"id": 2}]
    assert draw.population == 2
    assert draw.notes == ("2 of 4 rows of rows[1].parquet are duplicates; each was asked once",)
    assert drawn(parquet(tmp_path, id=[1, 2]), id=INT).notes == ()


def test_a_sample_of_the_file_is_the_same_for_any_order(tmp_path: Path) -> None:
    some = drawn(parquet(tmp_path, id=list(range(100))), rows=5, id=INT)
    more = drawn(parquet(tmp_path, id=list(range(99, -1, -1))), rows=8, id=INT)
    assert some.population == 100
    assert more.rows["id"].to_pylist()[:5] == some.rows["id"].to_pylist()
    with pytest.raises(SampleNotPositive):
        drawn(parquet(tmp_path, id=[1]), rows=0, id=INT)


def test_times_of_rows(tmp_path: Path) -> None:
    file = csv(tmp_path, "id,event_timestamp\n1,2024-01-02\n1,2024-01-01T01:00:00+01:00\n1,2024-01-01\n")
    first, second = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
    assert file.instants() == [first, second]
    assert values(drawn(file, id=INT)) == [{"id": 1, "as_of": first}, {"id": 1, "as_of": second}]
    naive = parquet(tmp_path, id=[1], event_timestamp=pa.array([datetime(2024, 1, 1)], pa.timestamp("ns")))
    assert naive.instants() == [first]
    assert parquet(tmp_path, id=[1]).instants() == []
    with pytest.raises(EntityNulls, match="'event_timestamp' in 1 of 2 rows"):
        parquet(tmp_path, id=[1, 2], event_timestamp=pa.array([first, None])).instants()


def test_request_data_is_taken_as_declared(tmp_path: Path) -> None:
    fields = [RequestField(name="amount", dtype="Float32"), RequestField(name="tags", dtype="Array(Int64)")]
    file = csv(tmp_path, 'id,amount,tags,extra\n1,0.5,"[1, 2]",x\n1,,"[]",x\n')
    draw = drawn(file, *fields, RequestField(name="absent", dtype="Bool"), id=INT)
    assert values(draw) == [{"id": 1, "amount": 0.5, "tags": [1, 2]}, {"id": 1, "amount": None, "tags": []}]
    assert draw.rows.schema.field("amount").type == pa.float32()
    with pytest.raises(EntityTypeWrong, match="'x' in column 'extra'"):
        drawn(file, RequestField(name="extra", dtype="Map"), id=INT)


def test_a_map_in_a_csv_is_json(tmp_path: Path) -> None:
    draw = drawn(csv(tmp_path, 'm\n"{""a"": ""b""}"\n'), RequestField(name="m", dtype="Map"))
    assert draw.rows.to_pylist() == [{"m": [("a", "b")]}]


def test_missing_columns_are_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(EntityColumnsMissing) as caught:
        drawn(parquet(tmp_path, user_id=[1], shop=[1]), user=INT, shop=INT)
    assert "no column 'user', which view 'v' is asked by" in str(caught.value)
    assert "near it: user_id" in str(caught.value)
    assert "All its columns: user_id, shop." in str(caught.value)


@pytest.mark.parametrize("column", [pa.array([1, None]), pa.array([1.0, float("nan")])])
def test_a_missing_key_is_an_error(tmp_path: Path, column: pa.Array) -> None:
    with pytest.raises(EntityNulls, match="no value in column 'id' in 1 of 2 rows"):
        drawn(parquet(tmp_path, id=column), id=column.type)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EntityFileUnreadable),
        (b"PAR1", EntityFileUnreadable),
        (b"id\n", EntityFileEmpty),
        (b"\x00\xff\xfe\x00", SkewguardError),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes, error: type[SkewguardError]) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    with pytest.raises(error) as caught:
        drawn(read_entities(sql.connect(), tmp_path / "rows.csv"), id=INT)
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(EntityFileUnreadable, match="No such file or directory"):
        read_entities(sql.connect(), tmp_path / "none.csv")
    with pytest.raises(EntityFileUnreadable, match="Is a directory"):
        read_entities(sql.connect(), tmp_path)
