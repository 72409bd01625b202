"""What INTERFACE.md says of equal values and of the source value, on both of Feast's file offline stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from building import NOON, Checked, Project, hours

UUID = "abcdef01-2345-6789-abcd-ef0123456789"
TICK = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEYOND = 2**53 + 1

# name: dtype, six source values, and the keys whose online value differs from the offline one (from 0)
VALUES: dict[str, tuple[str, list[Any], set[int]]] = {
    "i64": ("Int64", [1, BEYOND, -(2**62), 0, 5, 6], set()),
    "cut_off": ("Int64", [1.0, 7.9, -7.9, None, 5.0, 6.0], {1, 2}),
    "f32": ("Float32", [0.1, 1e40, -1e40, None, float("nan"), 16777217.0], {1, 2}),
    "f64": ("Float64", [0.1, float("inf"), float("-inf"), None, float("nan"), 5e-324], set()),
    "f64_of_ints": ("Float64", [1, BEYOND, 3, 4, 5, 6], set()),
    "text": ("String", ["a", "é", "", "<b>", "x'; drop table t", None], set()),
    "flag": ("Bool", [True, False, None, True, False, True], set()),
    "raw": ("Bytes", [b"\x00\xff", b"", None, b"a", b"b", b"c"], set()),
    "moment": ("UnixTimestamp", [NOON + 987654 * TICK, NOON, None, NOON, EPOCH - 500000 * TICK, EPOCH], set()),
    "list_int": ("Array(Int64)", [[1, 2], [], None, [BEYOND], [1], [3]], set()),
    "list_text": ("Array(String)", [["a", None], ["b"], None, [], [""], ["x"]], {0}),
    "list_f64": ("Array(Float64)", [[1.5, None], [float("nan")], None, [], [float("inf")], [0.1]], set()),
    "list_f32": ("Array(Float32)", [[1.5, 0.1], [1e40], None, [], [3.0], [0.1]], {1}),
    "set_int": ("Set(Int64)", [[2, 1, 1], [3], None, [], [4, 4], [5]], set()),
    "json": ("Json", ['{"a": 1, "b":[1,2]}', "null", None, "[1.0]", '"x"', "{}"], set()),
    "uuid": ("Uuid", [UUID.upper(), UUID, None, UUID, UUID, UUID], set()),
    "money": ("Decimal", [Decimal("1.10"), Decimal("2.00"), None, Decimal(3), Decimal("4.5"), Decimal(-1)], set()),
}  # fmt: skip

REPO = f"""
e = Entity(name="e", join_keys=["k"], value_type=ValueType.INT64)
dtypes = {{ {", ".join(f'"{name}": {dtype}' for name, (dtype, _, _) in VALUES.items())} }}
of = FeatureView(name="of", entities=[e], ttl=timedelta(0), schema=[Field(name=n, dtype=d) for n, d in dtypes.items()],
                 source=FileSource(path=f"{{HERE}}/values.parquet", timestamp_field="event_timestamp"))
events = FileSource(name="events", path=f"{{HERE}}/events.parquet", timestamp_field="event_timestamp",
                    created_timestamp_column="created")
x = [Field(name="x", dtype=Float64)]
day = FeatureView(name="day", entities=[e], ttl=timedelta(days=1), schema=x, source=events)
ever = FeatureView(name="ever", entities=[e], ttl=timedelta(0), schema=x, source=events)
"""

# key, event time, created time, value
EVENTS: list[tuple[int | None, datetime | None, datetime | None, float | None]] = [
    (1, NOON - hours(24), NOON, 1.0),  # exactly as old as the TTL
    (2, NOON - hours(24) - TICK, NOON, 2.0),  # a microsecond older
    (3, NOON, NOON, 3.0), (3, NOON + TICK, NOON, 99.0),  # at as-of, and after it
    (4, NOON - hours(1), NOON - hours(1), 4.0), (4, NOON - hours(1), NOON, 4.5),  # created times decide
    (5, NOON - hours(1), NOON, 5.0), (5, NOON - hours(1), NOON, 5.5),  # they do not
    (6, NOON - hours(1), NOON, 6.0), (6, NOON - hours(1), NOON, 6.0),  # nor need they
    (7, None, NOON, 7.0),  # no event, so no entity row
    (8, None, NOON, 8.5), (8, NOON - hours(3), NOON, 8.0),
    (9, NOON - hours(30), NOON, 9.0), (9, NOON - hours(2), NOON, None),  # a stored null is a value
    (10, NOON - hours(2), NOON, 10.0), (10, NOON - hours(1), NOON - hours(5), 10.5),  # newer, though created earlier
    (None, NOON, NOON, 11.0),
]  # fmt: skip


@pytest.fixture(scope="module", params=["duckdb", "dask"])
def repo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(folder=tmp_path_factory.mktemp("values"), offline=request.param)
    columns = {name: values for name, (_, values, _) in VALUES.items()}
    made.source("values", {"k": list(range(6)), "event_timestamp": [NOON] * 6, **columns})
    keys, times, created, values = zip(*EVENTS, strict=True)
    at = pa.timestamp("us", tz="UTC")
    made.source("events", {"k": keys, "event_timestamp": times, "created": created, "x": values}, event_timestamp=at)
    made.define(REPO)
    return made


@pytest.fixture(scope="module")
def checked(repo: Project) -> Checked:
    return repo.check("--as-of", NOON.isoformat())


def cells(repo: Project, found: Checked, feature: str, columns: str) -> set[tuple[Any, ...]]:
    query = f"select entity->>'k', {columns} from diffs where run_id = ? and feature = ?"
    with duckdb.connect(str(repo.folder / "skewguard.duckdb"), read_only=True) as ledger:
        return set(ledger.execute(query, [found.result["run_id"], feature]).fetchall())


@pytest.mark.parametrize("name", VALUES)
def test_values_are_compared_as_returned(repo: Project, checked: Checked, name: str) -> None:
    feature, differing = f"of:{name}", VALUES[name][2]
    assert checked.feature(feature)["dtype"] == VALUES[name][0]
    assert cells(repo, checked, feature, "kind, blame") == {(str(key), "mismatch", "online") for key in differing}
    assert checked.feature(feature)["matched"] == 6 - len(differing)


def test_the_source_value_by_ttl_ties_and_nulls(repo: Project, checked: Checked) -> None:
    for feature, expired in (("day:x", {("2", "missing_offline", "online", None, None, "2.0")}), ("ever:x", set())):
        assert checked.feature(feature)["requested"] == 9
        found = cells(repo, checked, feature, "kind, blame, source_value, offline_value, online_value")
        undecided = {cell for cell in found if cell[0] == "5"}
        assert found - undecided == expired
        assert {(kind, blame, source) for _, kind, blame, source, *_ in undecided} <= {("mismatch", "unknown", None)}
        noted = " ".join(checked.feature(feature)["notes"])
        assert "source rows with a null join key: 1;" in noted and "without an event timestamp: 2;" in noted


def test_an_event_without_a_time_is_a_value_to_the_default_store_alone(repo: Project) -> None:
    (repo.folder / "asked.csv").write_text("k\n7\n")
    found = repo.check("--as-of", NOON.isoformat(), "--feature", "ever", "--entities", "asked.csv")
    alone = {("7", "missing_online", "offline", None, "7.0", None)} if repo.offline == "dask" else set()
    assert cells(repo, found, "ever:x", "kind, blame, source_value, offline_value, online_value") == alone


def test_each_row_has_its_own_instant(repo: Project) -> None:
    times = {1: NOON, 4: NOON - hours(1) - TICK, 9: NOON - hours(5), 10: NOON - hours(1)}
    lines = [f"{key},{time.isoformat()}" for key, time in times.items()]
    (repo.folder / "asked.csv").write_text("\n".join(["k,event_timestamp", *lines]))
    found = repo.check("--feature", "day", "--entities", "asked.csv")
    assert found.counts("day:x") == {"requested": 4, "compared": 4, "matched": 3, "missing_offline": 1, "skewed": 1}
    # Key 4 had no event yet, 9 only one that the TTL hides, which is served all the same.
    assert cells(repo, found, "day:x", "as_of, kind, blame, online_value") == {
        ("9", NOON - hours(5), "missing_offline", "online", "9.0")
    }
