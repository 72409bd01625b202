"""Built tables: the same in steps as at once, current or not and why, typed, refused where they cannot be served."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skewguard import Feature, batch_features, sql
from skewguard.build import Action, BuiltTable, build_table, compute_rows, outdated
from skewguard.build.arrivals import newest_rows
from skewguard.definition import BatchTransform, transform_of
from skewguard.errors.definition import BuildError, OutputError, PushError
from skewguard.errors.source import SourceMissing
from skewguard.model import SourceSpec
from skewguard.reading import open_source

if TYPE_CHECKING:
    import duckdb

START = datetime(2013, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


@batch_features(
    entity=["carrier"],
    timestamp="observed_at",
    created="known_at",
    lookback=WEEK,
    features=[
        Feature("flights", "int64"),
        Feature("late", "int32"),
        Feature("mean", "float64"),
        Feature("last", "string"),
    ],
)
def in_pandas(departures: pd.DataFrame) -> pd.DataFrame:
    """Per departure, the week up to it; and a row that says so when a week has passed without any."""
    rows = []
    ordered = departures.sort_values(["happened_at", "number"])
    for carrier, group in ordered.groupby("carrier"):
        times = sorted({*group["happened_at"], *(group["happened_at"] + WEEK)})
        for at in times:
            window = group[(group["happened_at"] > at - WEEK) & (group["happened_at"] <= at)]
            delays = window["delay"].dropna()
            rows.append(
                {
                    "carrier": carrier,
                    "observed_at": at,
                    "known_at": max([at, *window["known_at"]]),
                    "flights": len(window),
                    "late": int((delays > 15).sum()),
                    "mean": delays.sum() / len(delays) if len(delays) else None,
                    "last": window["number"].astype(str).iloc[-1] if len(window) else None,
                }
            )
    columns = ["carrier", "observed_at", "known_at", "flights", "late", "mean", "last"]
    return pd.DataFrame(rows, columns=columns).astype({"observed_at": "datetime64[us, UTC]"})


@batch_features(
    entity={"carrier": "string"},
    timestamp="observed_at",
    lookback=WEEK,
    features=[Feature("flights", "int64"), Feature("delay", "float64")],
)
def in_duckdb(departures: duckdb.DuckDBPyRelation, runs: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    return departures.query(
        "departures",
        """
        select carrier, run_at as observed_at, count(*) as flights, sum(delay) as delay
        from departures join runs on happened_at > run_at - interval 7 days and happened_at <= run_at
        group by all
        """,
    )


@batch_features(entity=["carrier"], timestamp="at", features=[Feature("total", "int64")])
def of_all_history(departures: pd.DataFrame) -> pd.DataFrame:
    ordered = departures.sort_values("happened_at")
    total = ordered.groupby("carrier")["number"].cumsum()
    return pd.DataFrame({"carrier": ordered["carrier"], "at": ordered["happened_at"], "total": total})


ANSWER: dict[str, Any] = {}


@batch_features(entity=["k"], timestamp="at", created="made", lookback=WEEK, features=[Feature("x", "int64")])
def answering(departures: pd.DataFrame) -> Any:
    if "raises" in ANSWER:
        raise ANSWER["raises"]
    return ANSWER.get("frame", pd.DataFrame(ANSWER.get("columns")))


def departures(count: int, *, late: bool = False, seed: int = 0) -> pd.DataFrame:
    """`count` flights, one about every five hours; with `late`, some become known days after."""
    rows = []
    for number in range(count):
        at = START + timedelta(hours=5 * number + (number * 7 + seed) % 3)
        wait = timedelta(days=3) if late and number % 5 == 0 else timedelta(minutes=30)
        delay = None if number % 11 == 3 else float((number * 37 + seed) % 60 - 10)
        carrier = ["AA", "B6", "UA"][(number * number + seed) % 3]
        rows.append({"carrier": carrier, "happened_at": at, "known_at": at + wait, "delay": delay, "number": number})
    frame = pd.DataFrame(rows, columns=["carrier", "happened_at", "known_at", "delay", "number"])
    return frame.astype({"happened_at": "datetime64[us, UTC]", "known_at": "datetime64[us, UTC]"})


def source(folder: Path, frame: pd.DataFrame, name: str = "departures", **changes: Any) -> dict[str, SourceSpec]:
    frame.to_parquet(folder / f"{name}.parquet", index=False)
    spec = {"timestamp_column": "happened_at", "created_column": "known_at"} | changes
    return {name: SourceSpec(name=name, path=f"{name}.parquet", file_format="parquet", **spec)}


def build(
    function: Any, sources: Mapping[str, SourceSpec], folder: Path, name: str = "out", **options: Any
) -> BuiltTable:
    return build_table(_batch(function), sources, folder / f"{name}.parquet", folder=folder, **options)


def _batch(function: Any) -> BatchTransform:
    transform = transform_of(function)
    assert isinstance(transform, BatchTransform)
    return transform


def rows(folder: Path, name: str = "out") -> pa.Table:
    return pq.read_table(folder / f"{name}.parquet").replace_schema_metadata(None)


@pytest.mark.parametrize("late", [False, True])
def test_in_steps_as_at_once(tmp_path: Path, late: bool) -> None:
    events = departures(60, late=late).sort_values("known_at", kind="stable")
    actions = []
    for upto in (20, 21, 40, 60):
        actions.append(build(in_pandas, source(tmp_path, events.head(upto)), tmp_path).action)
    assert actions == [Action.BUILT, Action.APPENDED, Action.APPENDED, Action.APPENDED]
    whole = build(in_pandas, source(tmp_path, events), tmp_path, "whole")
    assert whole.action is Action.BUILT
    assert rows(tmp_path).num_rows > 60
    assert rows(tmp_path).equals(rows(tmp_path, "whole"))


def test_a_step_computes_only_what_is_new(tmp_path: Path) -> None:
    build(in_pandas, source(tmp_path, departures(90)), tmp_path)
    step = build(in_pandas, source(tmp_path, departures(92)), tmp_path)
    assert (step.action, step.reason) == (Action.APPENDED, "2 new in departures")
    assert 0 < step.computed < step.rows / 2


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(1, 29), min_size=1, max_size=2, unique=True).map(sorted),
    seed=st.integers(0, 5),
    late=st.booleans(),
)
def test_any_steps_give_what_at_once_gives(tmp_path: Path, cuts: list[int], seed: int, late: bool) -> None:
    events = departures(30, late=late, seed=seed).sort_values("known_at", kind="stable")
    (tmp_path / "out.parquet").unlink(missing_ok=True)
    for upto in [*cuts, 30]:
        build(in_pandas, source(tmp_path, events.head(upto)), tmp_path)
    build(in_pandas, source(tmp_path, events), tmp_path, "whole", whole=True)
    assert rows(tmp_path).equals(rows(tmp_path, "whole"))


def test_the_order_of_rows_in_the_source_does_not_matter(tmp_path: Path) -> None:
    build(in_pandas, source(tmp_path, departures(30)), tmp_path)
    shuffled = departures(30).sample(frac=1, random_state=1)
    again = build(in_pandas, source(tmp_path, shuffled), tmp_path)
    assert again.action is Action.UP_TO_DATE


def test_relations_and_several_tables(tmp_path: Path) -> None:
    runs = pd.DataFrame({"run_at": pd.date_range(START, periods=400, freq="h", tz="UTC").as_unit("us")})
    events = departures(70)

    def sources(upto: int) -> dict[str, SourceSpec]:
        until = START + timedelta(hours=upto)
        known = {"timestamp_column": "run_at", "created_column": None}
        return source(tmp_path, events[events["happened_at"] <= until]) | source(
            tmp_path, runs[runs["run_at"] <= until], "runs", **known
        )

    steps = [build(in_duckdb, sources(upto), tmp_path).action for upto in (100, 101, 350)]
    assert steps == [Action.BUILT, Action.APPENDED, Action.APPENDED]
    build(in_duckdb, sources(350), tmp_path, "whole")
    table = rows(tmp_path)
    assert table.equals(rows(tmp_path, "whole"))
    assert [str(each) for each in table.schema.types] == [
        "string", "timestamp[us, tz=UTC]", "timestamp[us, tz=UTC]", "int64", "double",
    ]  # fmt: skip
    assert table["created_timestamp"].equals(table["observed_at"])
    at = table.filter(pa.compute.equal(table["carrier"], "AA")).to_pylist()[-1]
    window = events[
        (events["carrier"] == "AA")
        & (events["happened_at"] > at["observed_at"] - WEEK)
        & (events["happened_at"] <= at["observed_at"])
    ]
    assert at["flights"] == len(window)


def changed_value(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(delay=frame["delay"].where(frame.index != 3, 59.0))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed_value, "rows that were there have changed"),
        (lambda frame: frame.drop(index=4), "rows that were there have changed"),
        (lambda frame: pd.concat([frame, frame.head(1)]), "rows that were there have changed"),
        (lambda frame: frame.assign(gate="A1"), "the columns have changed"),
    ],
    ids=["changed", "deleted", "late without created time", "new column"],
)
def test_history_that_changed_is_computed_anew(tmp_path: Path, change: Any, reason: str) -> None:
    build(in_pandas, source(tmp_path, departures(30)), tmp_path)
    sources = source(tmp_path, change(departures(30)))
    said = outdated(_batch(in_pandas), sources, tmp_path / "out.parquet", folder=tmp_path)
    assert said is not None
    assert reason in said
    again = build(in_pandas, sources, tmp_path)
    assert again.action is Action.BUILT
    assert reason in again.reason
    build(in_pandas, sources, tmp_path, "whole")
    assert rows(tmp_path).equals(rows(tmp_path, "whole"))


def test_without_a_lookback_every_row_may_change(tmp_path: Path) -> None:
    build(of_all_history, source(tmp_path, departures(30)), tmp_path)
    again = build(of_all_history, source(tmp_path, departures(31)), tmp_path)
    assert (again.action, again.computed) == (Action.BUILT, 31)
    assert "without a lookback" in again.reason


def test_whether_a_table_is_current(tmp_path: Path) -> None:
    table, folder = tmp_path / "out.parquet", tmp_path
    sources = source(folder, departures(30))
    assert outdated(_batch(in_pandas), sources, table, folder=folder) == "there is no table yet"
    build(in_pandas, sources, folder)
    assert outdated(_batch(in_pandas), sources, table, folder=folder) is None
    assert build(in_pandas, sources, folder).action is Action.UP_TO_DATE
    assert outdated(_batch(of_all_history), sources, table, folder=folder) == "the code has changed"
    sources = source(folder, departures(33))
    assert outdated(_batch(in_pandas), sources, table, folder=folder) == "3 new in departures"
    table.write_bytes(b"PAR1 nonsense")
    assert outdated(_batch(in_pandas), sources, table, folder=folder) == "there is no table yet"
    assert build(in_pandas, sources, folder).action is Action.BUILT


def test_other_code_is_built_anew(tmp_path: Path) -> None:
    sources = source(tmp_path, departures(30))
    build(of_all_history, sources, tmp_path)
    again = build(in_pandas, sources, tmp_path)
    assert (again.action, again.reason) == (Action.BUILT, "the code has changed")


def test_new_files_of_a_folder_are_appended(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    spec = {
        "departures": SourceSpec(
            name="d", path="events", file_format="parquet", timestamp_column="happened_at", created_column="known_at"
        )
    }
    events = departures(40)
    for name, part in [("a", events[:25]), ("b", events[25:])]:
        part.to_parquet(folder / f"{name}.parquet", index=False)
        last = build(in_pandas, spec, tmp_path)
    assert (last.action, last.reason) == (Action.APPENDED, "15 new in departures")
    build(in_pandas, source(tmp_path, events), tmp_path, "whole")
    assert rows(tmp_path).equals(rows(tmp_path, "whole"))


def test_events_are_typed_as_pandas_types_the_whole_source(tmp_path: Path) -> None:
    """In a step without a null, an integer column is float all the same if the source has a null in it."""
    seen: list[str] = []
    ANSWER.clear()
    events = departures(20).assign(number=lambda frame: frame["number"].astype("Int64").where(frame.index != 2))

    def watching(frame: pd.DataFrame) -> pd.DataFrame:
        seen.append(str(frame["number"].dtype))
        return in_pandas(frame)

    watched = replace(_batch(in_pandas), function=watching)
    for upto in (15, 20):
        sources = source(tmp_path, events.head(upto))
        with closing(sql.connect()) as connection:
            opened = {"departures": open_source(connection, sources["departures"], folder=tmp_path)}
            compute_rows(watched, opened, since=None if upto == 15 else START + timedelta(days=20))
    assert seen == ["float64", "float64"]


NINE = datetime(2013, 1, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"k": [1], "at": [NINE], "x": [1]}, "without made"),
        ({"k": [1], "at": [NINE], "made": [NINE], "x": [1], "y": [1]}, "with y"),
        ({"k": [1], "at": [NINE], "made": [NINE], "x": [1.5]}, "x as double"),
        ({"k": [1], "at": [NINE], "made": [NINE], "x": ["1"]}, "x as string where int64"),
        ({"k": [1], "at": ["now"], "made": [NINE], "x": [1]}, "not a time"),
        ({"k": [None], "at": [NINE], "made": [NINE], "x": [1]}, "1 rows without k"),
        ({"k": [1], "at": [None], "made": [NINE], "x": [1]}, "at"),
        ({"k": [1, 1], "at": [NINE] * 2, "made": [NINE] * 2, "x": [1, 2]}, "one time"),
    ],
)
def test_rows_that_cannot_be_served_are_refused(tmp_path: Path, columns: dict[str, Any], said: str) -> None:
    ANSWER.clear()
    ANSWER["columns"] = columns
    with pytest.raises(OutputError, match=said):
        build(answering, source(tmp_path, departures(3)), tmp_path)
    assert not list(tmp_path.glob("*out*"))


def test_rows_are_typed_and_sorted_and_times_are_utc(tmp_path: Path) -> None:
    ANSWER.clear()
    times = pd.to_datetime(["2013-01-02T00:00:00.123456789", "2013-01-01T00:00:00.000000000"])
    ANSWER["columns"] = {"x": [2.0, None], "made": times, "at": times, "k": ["b", "a"]}
    build(answering, source(tmp_path, departures(3)), tmp_path)
    table = rows(tmp_path)
    assert table.column_names == ["k", "at", "made", "x"]
    assert table["x"].to_pylist() == [None, 2]
    assert table["at"].to_pylist()[1] == datetime(2013, 1, 2, 0, 0, 0, 123456, UTC)


def test_corrections_may_share_a_time_when_created_times_tell_them_apart(tmp_path: Path) -> None:
    ANSWER.clear()
    ANSWER["columns"] = {"k": [1, 1], "at": [NINE] * 2, "made": [NINE, NINE + WEEK], "x": [1, 2]}
    assert build(answering, source(tmp_path, departures(3)), tmp_path).rows == 2


def test_what_the_function_raises_names_its_line(tmp_path: Path) -> None:
    ANSWER.clear()
    ANSWER["raises"] = ZeroDivisionError("by nothing")
    with pytest.raises(BuildError, match=r"ZeroDivisionError: by nothing \(line \d+ of .*test_build_tables"):
        build(answering, source(tmp_path, departures(3)), tmp_path)
    with pytest.raises(BuildError, match=r"KeyError: 'delay' \(line \d+ of .*test_build_tables"):  # not that of pandas
        build(in_pandas, source(tmp_path, departures(3).drop(columns="delay")), tmp_path)
    ANSWER.clear()
    ANSWER["frame"] = [1]
    with pytest.raises(OutputError, match="a list where a pandas frame"):
        build(answering, source(tmp_path, departures(3)), tmp_path)


def test_a_build_that_fails_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    ANSWER.clear()
    ANSWER["columns"] = {"k": [1], "at": [NINE], "made": [NINE], "x": [1]}
    build(answering, source(tmp_path, departures(3)), tmp_path)
    before = (tmp_path / "out.parquet").read_bytes()
    ANSWER["raises"] = ValueError("x")
    with pytest.raises(BuildError):
        build(answering, source(tmp_path, departures(4)), tmp_path)
    assert (tmp_path / "out.parquet").read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["departures.parquet", "out.parquet"]


def test_a_missing_source_and_a_folder_in_the_way_are_said(tmp_path: Path) -> None:
    sources = source(tmp_path, departures(3))
    (tmp_path / "departures.parquet").unlink()
    with pytest.raises(SourceMissing):
        build(in_pandas, sources, tmp_path)
    sources = source(tmp_path, departures(3))
    (tmp_path / "out.parquet").mkdir()
    with pytest.raises(BuildError, match="cannot be written"):
        build(in_pandas, sources, tmp_path)
    (tmp_path / "built").write_text("a file")
    with pytest.raises(BuildError, match=r"built/out.parquet cannot be written: "):
        build(in_pandas, sources, tmp_path, "built/out")


def test_events_without_a_time_are_left_out(tmp_path: Path) -> None:
    events = departures(10)
    events.loc[4, "happened_at"] = pd.NaT
    build(in_pandas, source(tmp_path, events), tmp_path)
    build(in_pandas, source(tmp_path, events.drop(index=4)), tmp_path, "without")
    assert rows(tmp_path).equals(rows(tmp_path, "without"))


def test_renamed_columns_reach_the_function_under_feasts_names(tmp_path: Path) -> None:
    events = departures(20)
    renamed = source(tmp_path, events.rename(columns={"delay": "DEP-DELAY"}), field_mapping={"DEP-DELAY": "delay"})
    build(in_pandas, renamed, tmp_path)
    build(in_pandas, source(tmp_path, events), tmp_path, "plain")
    assert rows(tmp_path).equals(rows(tmp_path, "plain"))


def pushed(folder: Path, sources: Mapping[str, SourceSpec], events: pd.DataFrame, as_of: datetime) -> pa.Table:
    with closing(sql.connect()) as connection:
        opened = {name: open_source(connection, spec, folder=folder) for name, spec in sources.items()}
        given_events = {"departures": pa.Table.from_pandas(events, preserve_index=False)}
        return newest_rows(connection, _batch(in_pandas), opened, given_events, as_of=as_of)


@pytest.mark.parametrize("overlap", [0, 3])
def test_a_push_gives_the_rows_that_a_build_will_give(tmp_path: Path, overlap: int) -> None:
    events = departures(40)
    as_of = events["happened_at"].max().to_pydatetime()
    got = pushed(tmp_path, source(tmp_path, events.head(35 + overlap)), events.tail(5), as_of)
    build(in_pandas, source(tmp_path, events), tmp_path)
    built = rows(tmp_path).to_pandas()
    touched = set(events.tail(5)["carrier"])
    wanted = built[(built["observed_at"] <= as_of) & built["carrier"].isin(touched)]
    newest = wanted.sort_values(["observed_at", "known_at"]).groupby("carrier").tail(1).sort_values("carrier")
    pd.testing.assert_frame_equal(got.to_pandas(), newest.reset_index(drop=True))


def test_a_push_says_what_it_cannot_take(tmp_path: Path) -> None:
    sources, events = source(tmp_path, departures(10)), departures(12).tail(2)
    with pytest.raises(PushError, match="gate"):
        pushed(tmp_path, sources, events.assign(gate="A1"), NINE)
    with pytest.raises(PushError, match="event time"):
        pushed(tmp_path, sources, events.assign(happened_at=pd.NaT), NINE)
    with pytest.raises(PushError, match="types of their source"):
        pushed(tmp_path, sources, events.assign(number="many"), NINE)
