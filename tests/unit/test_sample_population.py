"""The population of a view and the seeded draw of it."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.errors.selection import AsOfBeforeData, SampleNotPositive
from skewguard.errors.source import SourceEmpty, SourceTimeTooOld, SourceWithoutKeys
from skewguard.model import JoinKey, SourceSpec, ViewKind, ViewSpec
from skewguard.reading import Opened, open_source
from skewguard.sample import Draw, Span, draw_population, key_types, newest_event, read_span

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")
HOUR = timedelta(hours=1)


class Source:
    """A source file and a view over it, ready to be sampled."""

    def __init__(self, folder: Path, columns: dict[str, Any], *keys: str, alias: str = "") -> None:
        columns = dict(columns)
        if "at" not in columns:
            columns["at"] = pa.array([NOON] * len(next(iter(columns.values()))), TIME)
        pq.write_table(pa.table(columns), folder / "source.parquet")
        spec = SourceSpec(name="s", path="source.parquet", file_format="", timestamp_column="at")
        join_keys = tuple(JoinKey(name=alias + key, column=key, dtype="String") for key in keys)
        self.view = ViewSpec(
            name="v", base_name="v", kind=ViewKind.FEATURE_VIEW, join_keys=join_keys, features=(), source=spec
        )
        self.connection = sql.connect()
        self.opened: Opened = open_source(self.connection, spec, folder=folder)

    def span(self) -> Span:
        return read_span(self.connection, self.opened, self.view)

    def draw(self, rows: int | None = None, *, as_of: datetime = NOON, seed: int = 0) -> Draw:
        return draw_population(self.connection, self.opened, self.view, self.span(), as_of=as_of, rows=rows, seed=seed)


def at(*hours: float | None) -> pa.Array:
    return pa.array([None if each is None else NOON + each * HOUR for each in hours], TIME)


def test_entities_are_distinct_present_and_have_an_event_by_then(tmp_path: Path) -> None:
    columns = {
        "user": ["a", "a", "A", None, "b", "c", "d"],
        "shop": pa.array([1, 1, 1, 1, None, 1, 1], pa.int32()),
        "at": at(-1, 0, -2, 0, 0, 0.5, None),
    }
    source = Source(tmp_path, columns, "user", "shop", alias="my ")
    drawn = source.draw()
    assert sorted(drawn.rows.to_pylist(), key=str) == [{"my user": "A", "my shop": 1}, {"my user": "a", "my shop": 1}]
    assert drawn.population == 2
    assert key_types(source.opened, source.view) == {"my user": pa.string(), "my shop": pa.int32()}
    span = source.span()
    assert (span.rows, span.unkeyed, span.untimed) == (7, 2, 1)
    assert (span.oldest, span.newest) == (NOON - 2 * HOUR, NOON + 0.5 * HOUR)
    assert len(span.notes) == 2
    assert source.draw(as_of=NOON - HOUR).population == 2
    assert source.draw(as_of=NOON - 2 * HOUR).rows.to_pylist() == [{"my user": "A", "my shop": 1}]


@pytest.mark.parametrize(
    ("keys", "present", "unkeyed"),
    [
        ([1.0, float("nan"), None], [1.0], 2),
        ([1.0, float("nan")], [1.0], 1),  # of which the file's bounds say that all are 1
        ([1.0, 2.0, float("nan")], [1.0, 2.0], 1),
    ],
)
def test_nan_is_no_key(tmp_path: Path, keys: list[float | None], present: list[float], unkeyed: int) -> None:
    source = Source(tmp_path, {"id": pa.array(keys)}, "id")
    assert source.span().unkeyed == unkeyed
    assert sorted(row["id"] for row in source.draw().rows.to_pylist()) == present


def test_the_newest_event_not_later_than_now(tmp_path: Path) -> None:
    source = Source(tmp_path, {"id": [1, 2, 3], "at": at(-1, 1, 2)}, "id")
    asked = (source.connection, source.opened, source.view, source.span())
    assert newest_event(*asked, not_after=NOON) == NOON - HOUR
    assert newest_event(*asked, not_after=NOON + HOUR) == NOON + HOUR
    assert newest_event(*asked, not_after=NOON + 9 * HOUR) == NOON + 2 * HOUR
    assert newest_event(*asked, not_after=NOON - 9 * HOUR) is None


@pytest.mark.parametrize(
    ("zone", "nanoseconds"), [(None, 1), (None, 999), (None, 1000), (None, -999), ("UTC", 1), ("UTC", 999)]
)
def test_the_newest_event_is_at_or_before_the_newest_instant(
    tmp_path: Path, zone: str | None, nanoseconds: int
) -> None:
    """As-of has microseconds: rounded down, `latest` was before the newest event, whose entity was then left out."""
    for moment in (NOON, datetime(1960, 1, 1, tzinfo=UTC)):
        event = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000 + nanoseconds
        times = pa.array([event - 10**9, event], pa.timestamp("ns", zone))
        source = Source(tmp_path, {"id": [1, 2], "at": times}, "id")
        newest = source.span().newest
        assert source.draw(as_of=newest).population == 2
        late = (source.connection, source.opened, source.view, source.span())
        assert newest_event(*late, not_after=newest) == newest
        assert source.draw(as_of=newest - timedelta(microseconds=2)).population == 1


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_kind_of_time(tmp_path: Path, unit: str, zone: str | None) -> None:
    naive = pa.array([(NOON + hours * HOUR).replace(tzinfo=None) for hours in (-1, 0, 1)], pa.timestamp(unit))
    source = Source(
        tmp_path,
        {
            "id": [1, 2, 3],
            "at": naive.cast(pa.timestamp(unit, zone or "UTC")).cast(pa.timestamp(unit, zone)) if zone else naive,
        },
        "id",
    )
    assert source.span().oldest == NOON - HOUR
    assert newest_event(source.connection, source.opened, source.view, source.span(), not_after=NOON) == NOON
    assert sorted(source.draw().rows["id"].to_pylist()) == [1, 2]


def test_dates(tmp_path: Path) -> None:
    dates = pa.array([NOON.date() + timedelta(days=days) for days in (-1, 0, 1)], pa.date32())
    source = Source(tmp_path, {"id": [1, 2, 3], "at": dates}, "id")
    assert sorted(source.draw().rows["id"].to_pylist()) == [1, 2]
    assert source.span().newest == datetime(2024, 6, 2, tzinfo=UTC)


def test_a_seed_draws_the_same_rows_whatever_their_order(tmp_path: Path) -> None:
    ids = list(range(500))
    first = Source(tmp_path, {"id": ids}, "id").draw(50).rows
    random.Random(1).shuffle(ids)
    again = Source(tmp_path, {"id": pa.array(ids, pa.int32())}, "id", alias="other_").draw(50).rows
    assert first["id"].to_pylist() == again["other_id"].to_pylist()
    assert Source(tmp_path, {"id": ids}, "id").draw(50, seed=1).rows["id"].to_pylist() != first["id"].to_pylist()


@pytest.mark.parametrize("seed", [0, -7])
def test_the_draw_is_by_md5_of_seed_and_keys_sorted_by_name(tmp_path: Path, seed: int) -> None:
    """Written out in Python: a new DuckDB, or other code, must not draw other rows."""
    keys = [(text, number) for text in ("x", "ü", "") for number in range(5)]
    source = Source(tmp_path, {"b": [text for text, _ in keys], "a": [number for _, number in keys]}, "b", "a")
    keys.sort(key=lambda key: hashlib.md5(f"{seed}\x1f{key[1]}\x1f{key[0]}".encode()).hexdigest())
    drawn = source.draw(seed=seed).rows
    assert list(zip(*(drawn[name].to_pylist() for name in ("b", "a")), strict=True)) == keys


def test_a_larger_sample_keeps_the_smaller_ones_rows(tmp_path: Path) -> None:
    source = Source(tmp_path, {"id": [f"{number:03}" for number in range(300)]}, "id")
    sizes = [source.draw(rows).rows["id"].to_pylist() for rows in (1, 10, 100, None)]
    assert [len(each) for each in sizes] == [1, 10, 100, 300]
    for smaller, larger in pairwise(sizes):
        assert larger[: len(smaller)] == smaller


@pytest.mark.parametrize(
    "keys",
    [
        pa.array(["'; drop table x; --", "</script>", "a\x1fb", "sel ect", ""]),
        pa.array([b"", b"\x00", b"\xff\xfe"]),
        pa.array([2**53, 2**53 + 1, -(2**63)]),
        pa.array([2**64 - 1], pa.uint64()),
        pa.array([0.1, -0.0, 1e300, float("inf")]),
        pa.array([Decimal("1.10"), Decimal("-2.00")]),
        pa.array([True, False]),
        pa.array([1, 2], pa.timestamp("ns", "UTC")),
        pa.array([1, 2], pa.timestamp("ms")),
        pa.array([1, 2], pa.date32()),
        pa.array(["a", "b"]).dictionary_encode(),
    ],
    ids=lambda keys: str(keys.type),
)
def test_keys_of_every_type_come_back_as_they_are(tmp_path: Path, keys: pa.Array) -> None:
    drawn = Source(tmp_path, {"the 'key\"": keys}, "the 'key\"").draw().rows
    assert sorted(map(repr, drawn["the 'key\""].to_pylist())) == sorted(map(repr, keys.to_pylist()))


def test_a_view_without_keys_has_one_row(tmp_path: Path) -> None:
    drawn = Source(tmp_path, {"x": [1, 2]}).draw()
    assert (drawn.rows.num_rows, drawn.rows.num_columns, drawn.population) == (1, 0, 1)


def test_no_sample_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SampleNotPositive, match="A sample of 0"):
        Source(tmp_path, {"id": [1]}, "id").draw(0)


def test_an_as_of_before_all_data_says_when_data_begins(tmp_path: Path) -> None:
    with pytest.raises(AsOfBeforeData, match="'v' has no event yet. Its oldest event is at 2024-06-01T12:00:00"):
        Source(tmp_path, {"id": [1]}, "id").draw(as_of=NOON - timedelta(microseconds=1))


def test_no_rows_no_times_no_keys(tmp_path: Path) -> None:
    with pytest.raises(SourceEmpty, match="has no rows"):
        Source(tmp_path, {"id": pa.array([], pa.int64()), "at": at()}, "id").span()
    with pytest.raises(SourceEmpty, match="has 1 rows, none with a time"):
        Source(tmp_path, {"id": [1], "at": at(None)}, "id").span()
    with pytest.raises(SourceWithoutKeys, match=r"all join keys of view 'v' \(id\)"):
        Source(tmp_path, {"id": pa.array([None], pa.int64())}, "id").draw()


def test_events_beyond_the_times_of_python(tmp_path: Path) -> None:
    """Far in the future they are later than any as-of; before the year 1 there is no window to begin with them."""
    microseconds = [2**62, int(NOON.timestamp()) * 1_000_000]
    source = Source(tmp_path, {"user": ["a", "b"], "at": pa.array(microseconds, TIME)}, "user")
    span = source.span()
    assert (span.oldest, span.newest.year) == (NOON, 9999)
    assert newest_event(source.connection, source.opened, source.view, span, not_after=NOON + HOUR) == NOON
    assert source.draw(as_of=NOON + HOUR).rows.to_pylist() == [{"user": "b"}]
    with pytest.raises(SourceTimeTooOld, match="before the year 1 in 'at'"):
        Source(tmp_path, {"user": ["a"], "at": pa.array([-(2**62)], TIME)}, "user").span()
