"""Causes of features of views on synthetic cases: what is rare, what is missing, and what there is much of."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from skewguard import sql
from skewguard.causes.case import NAMED, StoredCase, StoreFacts
from skewguard.causes.views import CAUSES, name_view_causes, name_weak_causes
from skewguard.comparison.sides import compare_sides
from skewguard.equality.rules import rule_of
from skewguard.model import FeatureSpec, JoinKey, Side, SourceSpec, ViewKind, ViewSpec
from skewguard.source import compute_source

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")
WINDOW = (NOON - timedelta(hours=48), NOON - timedelta(hours=2))


def ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)


@dataclass(kw_only=True)
class Row:
    """One entity row: its events as (age, value[, age of creation]), and what each path answers for it."""

    events: Sequence[tuple[Any, ...]]
    online: tuple[float | None, Any] | None  # age of the online row (None: the store does not tell), value
    offline: Any = "source"
    dropped: bool = False


@dataclass(kw_only=True)
class World:
    """What surrounds the rows of one view with one feature."""

    dtype: str = "Int64"
    value_type: pa.DataType = field(default_factory=pa.int64)
    online_type: pa.DataType | None = None
    created: bool = True
    ttl: timedelta | None = None
    windows: tuple[tuple[datetime, datetime], ...] = (WINDOW,)
    live: bool = True
    has_source: bool = True
    facts: StoreFacts = field(default_factory=lambda: StoreFacts(holds_rows=True))
    fingerprint: str | None = None


@pytest.fixture
def connection() -> sql.Connection:
    return sql.connect()


def build(connection: sql.Connection, folder: Path, rows: Sequence[Row], world: World) -> StoredCase:
    events = [(driver, *event) for driver, row in enumerate(rows) for event in row.events]
    columns = {
        "driver": pa.array([each[0] for each in events], pa.int64()),
        "at": pa.array([None if each[1] is None else ago(each[1]) for each in events], INSTANT),
        "value": pa.array([each[2] for each in events], world.value_type),
    }
    if world.created:
        made = [each[3] if len(each) > 3 else each[1] for each in events]
        columns["known"] = pa.array([None if age is None else ago(age) for age in made], INSTANT)
    path = folder / "slice.parquet"
    pq.write_table(pa.table(columns), path)
    spec = SourceSpec(
        name="s", path=str(path), file_format="parquet", timestamp_column="at",
        created_column="known" if world.created else None,
    )  # fmt: skip
    view = ViewSpec(
        name="v", base_name="v", kind=ViewKind.FEATURE_VIEW, ttl=world.ttl, source=spec, windows=world.windows,
        join_keys=(JoinKey(name="driver", column="driver", dtype="Int64"),),
        features=(FeatureSpec(view="v", name="value", dtype=world.dtype),), fingerprint=world.fingerprint,
    )  # fmt: skip
    asked = pa.table({
        "row_id": pa.array(range(len(rows)), pa.int64()),
        "driver": pa.array(range(len(rows)), pa.int64()),
        "as_of": pa.array([NOON] * len(rows), INSTANT),
    })  # fmt: skip
    return _compared(connection, view, asked, rows, world)


def _compared(
    connection: sql.Connection, view: ViewSpec, asked: pa.Table, rows: Sequence[Row], world: World
) -> StoredCase:
    assert view.source is not None
    truth = compute_source(connection, view, Path(view.source.path), asked)
    seen = truth.table["v0"].to_pylist()
    trained = [seen[at] if row.offline == "source" else row.offline for at, row in enumerate(rows)]
    trained = [None if row.dropped else each for row, each in zip(rows, trained, strict=True)]
    offline = side(asked, pa.array(trained, world.value_type), returned=[not row.dropped for row in rows])
    online = side(
        asked,
        pa.array(
            [None if row.online is None else row.online[1] for row in rows], world.online_type or world.value_type
        ),
        moments=[None if row.online is None or row.online[0] is None else ago(row.online[0]) for row in rows],
        returned=[row.online is not None for row in rows],
    )
    source = truth if world.has_source else None
    rules = (rule_of(world.dtype),)
    compared = compare_sides(
        connection, view=view, rules=rules, rows=asked, source=source, offline=offline, online=online
    )
    return StoredCase(
        view=view, rules=rules, rows=asked, source=source, offline=offline, online=online, cells=compared.cells,
        live=world.live, now=NOON, slice_path=Path(view.source.path), raw=view.source, truth=view.source,
        windows=world.windows, facts=world.facts,
    )  # fmt: skip


def side(asked: pa.Table, values: pa.Array, *, returned: list[bool], moments: list[Any] | None = None) -> Side:
    size = len(asked)
    return Side(
        table=pa.table({
            "row_id": asked["row_id"],
            "v0": values,
            "event_timestamp": pa.array(moments or [None] * size, INSTANT),
            "error": pa.nulls(size, pa.string()),
            "returned": pa.array(returned),
        })
    )  # fmt: skip


def causes(connection: sql.Connection, folder: Path, rows: Sequence[Row], world: World | None = None) -> dict[int, str]:
    """The cause by row; a skewed row without one has `unexplained`."""
    case = build(connection, folder, rows, world or World())
    found = name_view_causes(connection, case)
    assert found.schema == NAMED
    skewed = case.cells.filter(case.cells["skewed"])["row_id"].to_pylist()
    named = dict(zip(found["row_id"].to_pylist(), found["cause"].to_pylist(), strict=True))
    assert set(named) <= set(skewed)
    assert len(named) == len(found)
    return {row: named.get(row, "unexplained") for row in skewed}


def test_every_cause_of_the_group_is_asked_in_the_order_of_the_interface() -> None:
    order = [
        "offline_dropped", "transform_version", "offline_engine", "batch_transform_bypassed", "never_materialized",
        "key_encoding", "feature_added_later", "not_yet_materialized", "before_first_window", "materialization_gap",
        "late_arrival", "older_write_won", "ttl_not_enforced", "future_online", "online_only_push",
        "deleted_upstream", "stale_online", "tie_break", "precision", "rewritten_history",
    ]  # fmt: skip
    assert [str(each) for each in CAUSES] == order


def test_offline_dropped(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [Row(events=[(10, 5)], online=(10, 5), dropped=True), Row(events=[(10, 5)], online=(10, 5))]
    assert causes(connection, tmp_path, rows) == {0: "offline_dropped"}
    assert causes(connection, tmp_path, rows, World(live=False)) == {0: "offline_dropped"}


def test_a_row_dropped_with_no_source_value_is_not_offline_dropped(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [Row(events=[(30, 5)], online=(30, 5), dropped=True)]
    assert causes(connection, tmp_path, rows, World(ttl=timedelta(hours=24))) == {0: "ttl_not_enforced"}


def test_a_wrong_offline_value_is_no_fault_of_the_online_store(connection: sql.Connection, tmp_path: Path) -> None:
    """Everything about the online row looks late, but its value is the source's."""
    rows = [Row(events=[(10, 5), (4, 5, 1)], online=(10, 5), offline=6)]
    assert causes(connection, tmp_path, rows) == {0: "unexplained"}


def test_two_events_of_equal_value_explain_nothing(connection: sql.Connection, tmp_path: Path) -> None:
    """Online is behind, but what it should hold by then is the same value: another fault made it differ."""
    rows = [Row(events=[(10, 5), (4, 5, 1)], online=(10, 500)), Row(events=[(10, 5), (1, 5)], online=(10, 500))]
    assert causes(connection, tmp_path, rows) == {0: "unexplained", 1: "unexplained"}


def test_the_superseded_value_of_an_older_event_proves_nothing(connection: sql.Connection, tmp_path: Path) -> None:
    """Of the older event's two rows the one that lost has today's value; online holds the one that won."""
    rows = [
        Row(events=[(10, 5, 9), (10, 6, 8), (1, 5)], online=(10, 6)),
        Row(events=[(10, 5, 9), (10, 6, 8), (4, 5, 1)], online=(10, 6)),
    ]
    assert causes(connection, tmp_path, rows) == {0: "not_yet_materialized", 1: "late_arrival"}


def test_nothing_operational_happens_in_a_sandbox(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [
        Row(events=[(10, 5), (4, 6, 1)], online=(10, 5)),
        Row(events=[(10, 5)], online=None),
        Row(events=[(10, 5)], online=(9, 7)),
        Row(events=[(10, 5)], online=(-1, 7)),
    ]
    found = causes(connection, tmp_path, rows, World(live=False))
    assert found == dict.fromkeys(range(4), "unexplained")


def test_a_missing_row_that_should_be_there_stays_unexplained(connection: sql.Connection, tmp_path: Path) -> None:
    assert causes(connection, tmp_path, [Row(events=[(10, 5)], online=None)]) == {0: "unexplained"}


@pytest.mark.parametrize(
    "windows",
    [((NOON, ago(5)),), ((ago(5), ago(10)), (NOON, ago(1)))],
    ids=["inverted", "all inverted"],
)
def test_inverted_windows_cover_nothing(
    connection: sql.Connection, tmp_path: Path, windows: tuple[tuple[datetime, datetime], ...]
) -> None:
    rows = [Row(events=[(10, 5), (7, 6)], online=(10, 5)), Row(events=[(7, 6)], online=None)]
    found = causes(connection, tmp_path, rows, World(windows=windows))
    assert found == {0: "stale_online", 1: "unexplained"}


def test_inverted_windows_beside_a_true_one(connection: sql.Connection, tmp_path: Path) -> None:
    """What Feast appends when an incremental run starts after its end must not hide the gap that it leaves."""
    windows = (WINDOW, (NOON + timedelta(days=9), NOON))
    rows = [Row(events=[(10, 5), (1, 6)], online=(10, 5))]
    assert causes(connection, tmp_path, rows, World(windows=windows)) == {0: "not_yet_materialized"}


def test_a_window_that_ends_in_the_future(connection: sql.Connection, tmp_path: Path) -> None:
    """It covers every event until then, so nothing is unmaterialized; only the registry's time can prove lateness."""
    windows = ((ago(48), NOON + timedelta(days=9)),)
    rows = [Row(events=[(10, 5), (1, 6)], online=(10, 5))]
    assert causes(connection, tmp_path, rows, World(windows=windows)) == {0: "stale_online"}
    proven = World(windows=windows, facts=StoreFacts(holds_rows=True, applied_at=ago(5)))
    assert causes(connection, tmp_path, rows, proven) == {0: "late_arrival"}


def test_a_store_that_does_not_tell_the_time(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [
        Row(events=[(10, 5), (1, 6)], online=(None, 5)),  # behind, as its value says
        Row(events=[(10, 5), (4, 6, 1)], online=(None, 5)),
        Row(events=[(10, 5), (4, 6)], online=(None, 5)),
        Row(events=[(10, 5)], online=(None, 77)),  # anything may have written that
        Row(events=[(10, 5), (1, 6)], online=(None, 77)),
    ]
    assert causes(connection, tmp_path, rows) == {
        0: "not_yet_materialized", 1: "late_arrival", 2: "stale_online", 3: "unexplained", 4: "unexplained",
    }  # fmt: skip


def test_ttl_of_a_store_that_does_not_tell_the_time(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [Row(events=[(30, 5)], online=(None, 5)), Row(events=[(30, 5)], online=(None, 6))]
    found = causes(connection, tmp_path, rows, World(ttl=timedelta(hours=24)))
    assert found == {0: "ttl_not_enforced", 1: "unexplained"}


def test_a_fresh_push_over_an_expired_row_is_no_matter_of_ttl(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [Row(events=[(30, 5)], online=(1, 6))]
    assert causes(connection, tmp_path, rows, World(ttl=timedelta(hours=24))) == {0: "online_only_push"}


def test_a_push_beside_an_event_that_is_not_materialized(connection: sql.Connection, tmp_path: Path) -> None:
    """The online row is the newer one: materializing the source's event would not be to blame."""
    rows = [Row(events=[(10, 5), (1.5, 6)], online=(1, 7))]
    assert causes(connection, tmp_path, rows) == {0: "online_only_push"}


def test_no_source_value_at_all(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [Row(events=[(10, 5)], online=None, offline=5), Row(events=[(10, 5)], online=(10, 6), offline=5)]
    found = causes(connection, tmp_path, rows, World(has_source=False, windows=()))
    assert found == {0: "never_materialized", 1: "unexplained"}


def test_a_source_without_the_column(connection: sql.Connection, tmp_path: Path) -> None:
    """A view's transform makes the column, and raises: events are known, values are not."""
    rows = [Row(events=[(10, 5)], online=None, offline=5), Row(events=[(10, 5)], online=(10, 6), offline=5)]
    case = build(connection, tmp_path, rows, World(has_source=False, windows=()))
    pq.write_table(pq.read_table(case.truth.path).drop_columns("value"), case.truth.path)
    assert name_view_causes(connection, case)["cause"].to_pylist() == ["never_materialized"]


def test_ties(connection: sql.Connection, tmp_path: Path) -> None:
    tied = [(10, 5), (10, 6)]
    rows = [
        Row(events=tied, online=(10, 6), offline=5),
        Row(events=tied, online=(10, 7), offline=5),  # of no row
        Row(events=tied, online=None, offline=5),
        Row(events=[(12, 4), *tied], online=(12, 4), offline=5),
    ]
    found = causes(connection, tmp_path, rows, World(windows=((ago(48), ago(11)),), created=False))
    assert found == {
        0: "tie_break",
        1: "unexplained",
        2: "not_yet_materialized",
        3: "not_yet_materialized",
    }
    assert causes(connection, tmp_path, rows[:1], World(live=False)) == {0: "tie_break"}


def test_offline_engine(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [
        Row(events=[(10, 5, 10), (10, 6, 9)], online=(10, 6), offline=5),  # superseded
        Row(events=[(10, 5), (None, 6)], online=(10, 5), offline=6),  # no time
        Row(events=[(10, 5), (12, 6)], online=(10, 5), offline=6),  # an older event is no slip of this kind
    ]
    found = causes(connection, tmp_path, rows, World(live=False))
    assert found == {0: "offline_engine", 1: "offline_engine", 2: "unexplained"}


def test_events_are_compared_at_one_second(connection: sql.Connection, tmp_path: Path) -> None:
    """SQLite keeps 12:00:00 of an event at 12:00:00.9."""
    second = 1 / 3600
    rows = [Row(events=[(10 - 0.9 * second, 5)], online=(10, 77))]
    assert causes(connection, tmp_path, rows) == {0: "unexplained"}, "the same event, so neither push nor deletion"


def test_windows_are_inclusive(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [Row(events=[(48, 5)], online=None), Row(events=[(2, 5)], online=None)]
    assert causes(connection, tmp_path, rows) == {0: "unexplained", 1: "unexplained"}


def test_older_window_on_a_store_that_keeps_the_newest(connection: sql.Connection, tmp_path: Path) -> None:
    windows = (WINDOW, (ago(48), ago(5)))
    rows = [Row(events=[(10, 5), (3, 6)], online=(10, 5))]
    assert causes(connection, tmp_path, rows, World(windows=windows)) == {0: "older_write_won"}
    newest = World(windows=windows, facts=StoreFacts(holds_rows=True, keeps_newest=True))
    assert causes(connection, tmp_path, rows, newest) == {0: "stale_online"}


def test_transform_version(connection: sql.Connection, tmp_path: Path) -> None:
    rows = [
        Row(events=[(10, 5)], online=(10, 4)),
        Row(events=[(10, 5), (1, 6)], online=(10, 5)),  # its value is the code's: it is only behind
    ]
    facts = StoreFacts(holds_rows=True, code_fingerprint="new")
    found = causes(connection, tmp_path, rows, World(fingerprint="old", facts=facts))
    assert found == {0: "transform_version", 1: "not_yet_materialized"}
    assert causes(connection, tmp_path, rows[:1], World(fingerprint="new", facts=facts)) == {0: "unexplained"}


def test_the_time_of_a_file_is_weak_evidence(connection: sql.Connection, tmp_path: Path) -> None:
    facts = StoreFacts(holds_rows=True, applied_at=ago(5), source_modified_at=ago(1))
    case = build(connection, tmp_path, [Row(events=[(10, 5)], online=(10, 4))], World(facts=facts))
    assert len(name_view_causes(connection, case)) == 0
    assert name_weak_causes(connection, case)["cause"].to_pylist() == ["rewritten_history"]
    unchanged = replace(case, facts=replace(facts, source_modified_at=ago(6)))
    assert len(name_weak_causes(connection, unchanged)) == 0


def test_precision_is_what_was_converted_and_nothing_else(connection: sql.Connection, tmp_path: Path) -> None:
    converted = pa.table({"row_id": [0, 1], "c0": [7, 7], "w0": pa.nulls(2)})
    world = World(
        value_type=pa.float64(), online_type=pa.int64(), live=False,
        facts=StoreFacts(holds_rows=True, converted=converted),
    )  # fmt: skip
    rows = [Row(events=[(10, 7.9)], online=(10, 7)), Row(events=[(10, 7.9)], online=(10, 8))]
    assert causes(connection, tmp_path, rows, world) == {0: "precision", 1: "unexplained"}


@pytest.mark.parametrize(
    ("dtype", "value_type", "older", "newer"),
    [
        ("Array(Int64)", pa.list_(pa.int64()), [1, 2], [3]),
        ("String", pa.string(), "o'ne", "<two>"),
        ("Array(String)", pa.list_(pa.string()), ["a", None], ["b"]),
        ("Map", pa.map_(pa.string(), pa.int64()), [("a", 1)], [("a", 2)]),
        ("Struct({a: Int64})", pa.struct({"a": pa.int64()}), {"a": 1}, {"a": 2}),
        ("Float64", pa.float64(), float("nan"), 2.0),
        ("Float32", pa.float16(), 1.0, 2.0),
        ("String", pa.dictionary(pa.int32(), pa.string()), "a", "b"),
        ("UnixTimestamp", INSTANT, ago(99), ago(98)),
        ("Bool", pa.bool_(), False, True),
        ("Bytes", pa.binary(), b"a", b"b"),
    ],
)
def test_values_of_any_type(
    connection: sql.Connection, tmp_path: Path, dtype: str, value_type: pa.DataType, older: Any, newer: Any
) -> None:
    rows = [Row(events=[(10, older), (4, newer, 1)], online=(10, older), offline=newer)]
    world = World(dtype=dtype, value_type=value_type)
    assert causes(connection, tmp_path, rows, world) == {0: "late_arrival"}


def test_no_skew_asks_nothing(connection: sql.Connection, tmp_path: Path) -> None:
    assert causes(connection, tmp_path, [Row(events=[(10, 5)], online=(10, 5))]) == {}


@pytest.mark.slow
def test_a_hundred_thousand_skewed_cells(connection: sql.Connection, tmp_path: Path) -> None:
    """Set-wise: many cells and many windows cost seconds."""
    hour = timedelta(hours=1)
    windows = tuple((ago(200) + at * hour, ago(199) + at * hour) for at in range(190))
    kinds = [
        Row(events=[(30, 1), (20, 2), (1, 3)], online=(20, 2)),
        Row(events=[(30, 1), (20, 2, 5)], online=(30, 1)),
        Row(events=[(30, 1), (20, 2)], online=(30, 1)),
        Row(events=[(30, 1)], online=(20.5, 9)),
    ]
    case = build(connection, tmp_path, kinds * 25_000, World(windows=windows))
    began = time.perf_counter()
    found = name_view_causes(connection, case)
    seconds = time.perf_counter() - began
    assert Counter(found["cause"].to_pylist()) == dict.fromkeys(
        ("not_yet_materialized", "late_arrival", "stale_online", "deleted_upstream"), 25_000
    )
    assert pc.all(found["evidence"].is_valid()).as_py()
    assert seconds < 10, f"{seconds:.1f} s"
