"""Every law of batch transforms both ways: sound transforms keep all, broken ones break just those that they break."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import batch_law_cases as cases
import pyarrow as pa
import pytest

from skewguard import sql
from skewguard.build.guess import guessed_tables
from skewguard.build.trial import batch_code
from skewguard.definition import BatchTransform, transform_of
from skewguard.model import Law, LawResult, LawVerdict, SourceSpec
from skewguard.proofs.batch_code import BatchCode
from skewguard.proofs.batch_sources import event_tables, real_events
from skewguard.proofs.calls import Answer, Raised
from skewguard.proofs.laws import history
from skewguard.reading import Opened

SEEDS = (0, 1)
HERE = tuple(law for law in history.TESTS if law is not Law.REHYDRATES)  # what needs no other process
DAY = timedelta(days=1)

SOUND = [
    cases.plain_column,
    cases.rolling_mean,
    cases.rolling_sum,
    cases.rolling_std,
    cases.running_total,
    cases.seconds_since_last,
    cases.daily_labelled_at_the_end,
    cases.counted_in_sql,
    cases.averaged_in_sql,
]
AHEAD, LOOKBACK, STEPS = Law.NO_LOOKAHEAD, Law.LOOKBACK_SUFFICIENT, Law.INCREMENTAL
BROKEN = [
    (cases.centred_window, {AHEAD, STEPS}),
    (cases.next_fare, {AHEAD}),
    (cases.filled_backwards, {AHEAD}),
    (cases.over_the_mean_of_all_history, {AHEAD}),
    (cases.daily_labelled_at_the_start, {AHEAD, STEPS}),
    (cases.window_longer_than_its_lookback, {LOOKBACK, STEPS}),
    (cases.cumulated_under_a_lookback, {LOOKBACK, STEPS}),
    (cases.ranked_among_all, {Law.ENTITY_ISOLATED}),
    (cases.shifted_across_drivers, {Law.ENTITY_ISOLATED}),
    (cases.noisy, {Law.DETERMINISTIC}),
    (cases.edits_its_input, {Law.INPUT_UNTOUCHED}),
    (cases.prints_an_integer, {Law.NULL_PARITY}),
    (cases.cannot_have_a_null, {Law.SCHEMA_KEPT}),
    (cases.any_of_a_tie_in_sql, {Law.ORDER_INVARIANT}),
    (cases.future_in_sql, {AHEAD, LOOKBACK, STEPS}),
]


@cache
def rides() -> Opened:
    """Sixty days of made-up rides: fares to the cent, so that sums are noisy; some unknown; some known late."""
    drawn, rows = random.Random(1), []
    for _ in range(600):
        at = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=drawn.randrange(60 * 24 * 60))
        late = timedelta(minutes=drawn.choice((0, 0, 5, 90)))
        fare = None if drawn.random() < 0.05 else round(drawn.uniform(3, 90), 2)
        ride = {"driver_id": drawn.randrange(1, 7), "happened_at": at, "known_at": at + late, "fare": fare}
        rows.append({**ride, "km": round(drawn.uniform(0.5, 40), 1), "seats": drawn.randrange(1, 5)})
    times, number = pa.timestamp("us", "UTC"), pa.float64()
    fields = {"driver_id": pa.int64(), "happened_at": times, "known_at": times, "fare": number, "km": number}
    schema = pa.schema([*fields.items(), ("seats", pa.int64())])
    spec = SourceSpec(
        name="rides", path="rides", file_format="parquet", timestamp_column="happened_at", created_column="known_at"
    )
    relation = connection().from_arrow(pa.Table.from_pylist(rows, schema=schema))
    return Opened(spec=spec, relation=relation, schema=schema, names={name: name for name in schema.names})


@cache
def connection() -> sql.Connection:
    """One for all: relations need it, and opening one takes time."""
    return sql.connect()


def marked(function: object) -> BatchTransform:
    transform = transform_of(function)
    assert isinstance(transform, BatchTransform)
    return transform


@cache
def code_of(function: object, seed: int) -> BatchCode:
    """The transform over the rides."""
    transform, opened = marked(function), {"rides": rides()}
    tables = event_tables(transform, opened)
    real = real_events(transform.entity, tables, opened, lookback=transform.lookback, seed=seed)
    return batch_code(transform, tables, connection(), real=real)


def result(function: object, law: Law, seed: int, *, examples: int = 40) -> LawResult:
    return history.tested(code_of(function, seed), law, examples=examples, seed=seed, patience=60, target="cases")


def names(functions: list) -> list[str]:  # type: ignore[type-arg]
    return [getattr(each, "__name__", None) or each[0].__name__ for each in functions]


@pytest.mark.parametrize("function", SOUND, ids=names(SOUND))
def test_a_sound_transform_keeps_every_law(function: object) -> None:
    for seed in SEEDS:
        found = {law: result(function, law, seed, examples=6) for law in HERE}
        assert not {law: each.message for law, each in found.items() if each.verdict is LawVerdict.BROKEN}
        held = [law for law, each in found.items() if each.verdict is LawVerdict.HELD]
        assert {Law.DETERMINISTIC, Law.SCHEMA_KEPT, Law.TIMEZONE_FREE, AHEAD, Law.ENTITY_ISOLATED} <= set(held)
        assert all(found[law].examples >= 1 for law in held)


@pytest.mark.parametrize(("function", "laws"), BROKEN, ids=names(BROKEN))
def test_a_broken_transform_breaks_just_these_laws(function: object, laws: set[Law]) -> None:
    for seed in SEEDS:
        tried = HERE if seed == SEEDS[0] else laws
        found = {law: result(function, law, seed, examples=40 if law in laws else 6) for law in tried}
        assert {law for law, each in found.items() if each.verdict is LawVerdict.BROKEN} == laws
        for law in laws:
            check_counterexample(found[law])


@pytest.mark.parametrize("lookback", [DAY, 7 * DAY, 14 * DAY, None, timedelta.max], ids=str)
def test_real_events_span_several_lookbacks_whatever_the_seed(lookback: timedelta | None) -> None:
    transform, opened = marked(cases.rolling_mean), {"rides": rides()}
    tables = event_tables(transform, opened)
    spans = set()
    for seed in range(20):
        found = real_events(transform.entity, tables, opened, lookback=lookback, seed=seed)["rides"]
        times = [row["happened_at"] for row in found]
        assert max(times) - min(times) >= 3 * min(lookback or 10 * DAY, 13 * DAY)
        spans.add(min(times))
    assert len(spans) > 5 or lookback in (14 * DAY, timedelta.max), "the seed moves the span, where there is room"


def check_counterexample(broken: LawResult) -> None:
    """Few events, as data and in a sentence, and a test that Python can read."""
    assert broken.counterexample is not None and broken.message
    assert len(broken.counterexample["events"]["rides"]) <= 3
    (test,) = [each for each in ast.parse(broken.counterexample["test"]).body if isinstance(each, ast.FunctionDef)]
    assert test.name.startswith("test_") and test.name.endswith(broken.law)


def test_the_given_events_alone_are_tried() -> None:
    code = code_of(cases.next_fare, 0)
    at = datetime(2024, 3, 4, tzinfo=UTC)
    ride = {"driver_id": 1, "happened_at": at, "known_at": at, "fare": 1.0, "km": 1.0, "seats": 1}
    later = {**ride, "happened_at": at + DAY, "known_at": at + DAY, "fare": 2.0}
    two = history.tested(code, AHEAD, examples=40, seed=0, given={"rides": [ride, later]})
    assert (two.verdict, two.examples) == (LawVerdict.BROKEN, 1)
    assert two.message.startswith("for driver_id 1 at 2024-03-04 00:00:00Z fare_next is 2.0 with all events, and null")
    one = history.tested(code, AHEAD, examples=40, seed=0, given={"rides": [ride]})
    assert (one.verdict, one.message) == (LawVerdict.NOT_APPLICABLE, "all events are of one time")


def test_what_does_not_apply_says_why() -> None:
    assert "declares no lookback" in result(cases.running_total, LOOKBACK, 0).message
    assert "computes all its rows anew" in result(cases.running_total, STEPS, 0).message
    assert "one form of null" in result(cases.counted_in_sql, Law.NULL_PARITY, 0).message
    assert "see deterministic" in result(cases.noisy, AHEAD, 0).message
    assert result(cases.running_total, Law.BATCH_INVARIANT, 0).verdict is LawVerdict.NOT_APPLICABLE


def test_another_process_that_answers_otherwise_breaks_what_needs_one() -> None:
    code = code_of(cases.plain_column, 0)
    elsewhere = replace(code, fresh=lambda calls: [code.call(replace(each, tables={"rides": ()})) for each in calls])
    raised = Answer(raised=Raised(kind="NameError", message="no such helper"))
    without = replace(code, fresh=lambda calls: [raised for _ in calls])
    for law, other in ((Law.DETERMINISTIC, elsewhere), (Law.REHYDRATES, without)):
        same = history.tested(replace(code, fresh=code.ask), law, examples=20, seed=0)
        assert same.verdict is LawVerdict.HELD and same.examples >= 1
        broken = history.tested(other, law, examples=20, seed=0)
        assert broken.verdict is LawVerdict.BROKEN and "process" in broken.message
    # Other values there are a matter of one law alone.
    assert history.tested(elsewhere, Law.REHYDRATES, examples=20, seed=0).verdict is LawVerdict.HELD


DATED = [each for each, _ in BROKEN if each is not cases.cannot_have_a_null]


@pytest.mark.parametrize("function", DATED, ids=names(DATED))
def test_without_a_source_the_columns_are_found_by_trial(function: object) -> None:
    transform = marked(function)
    tables, unknown = guessed_tables(transform, connection())
    assert unknown is None
    assert tables[0].timestamp == "happened_at"
    assert {"driver_id", "happened_at"} <= {column.name for column in tables[0].columns}


def test_by_trial_too_the_sound_are_held_and_the_broken_found() -> None:
    for function, laws in [(cases.rolling_mean, set()), *BROKEN[1:8:3]]:
        transform = marked(function)
        tables, _ = guessed_tables(transform, connection())
        code = batch_code(transform, tables, connection(), guessed=True)
        found = {
            law: history.tested(code, law, examples=20, seed=0, patience=60)
            for law in (AHEAD, LOOKBACK, STEPS, Law.ENTITY_ISOLATED)
        }
        assert {law for law, each in found.items() if each.verdict is LawVerdict.BROKEN} == laws, function


def test_an_error_on_guessed_columns_is_no_fault() -> None:
    transform = marked(cases.cannot_have_a_null)
    tables, _ = guessed_tables(transform, connection())
    code = batch_code(transform, tables, connection(), guessed=True)
    assert history.tested(code, Law.SCHEMA_KEPT, examples=40, seed=0).verdict is LawVerdict.HELD
