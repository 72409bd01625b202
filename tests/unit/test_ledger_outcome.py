"""A run read back from the ledger equals the result that was written, whatever it holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import ledger_runs as given
import pyarrow as pa
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from skewguard import ledger
from skewguard.model import (
    Blame,
    ContractFinding,
    EventTime,
    Example,
    Kind,
    Latency,
    Law,
    LawResult,
    LawVerdict,
    Leaked,
    Origin,
    Outcome,
    Place,
    Promise,
    Skipped,
    Standing,
    Verdict,
    ViewError,
    Waived,
)

HOSTILE = ["", "a'b\"c", "]]><script>", "naïve 表\n\tand \x01", "'; drop table runs; --", "view:f__1"]
# NUL ends a text in DuckDB's JSON, and a lone surrogate is no text; neither comes from Feast.
words = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
counts = st.integers(0, 2**40)
seconds = st.floats(0, 1e6)


@st.composite
def findings(draw: st.DrawFn) -> ContractFinding:
    return ContractFinding(
        side=draw(st.sampled_from(Origin)),
        rule=draw(st.sampled_from(Promise)),
        expected=draw(words),
        checked=draw(counts),
        broken=draw(counts),
        example_row_id=draw(st.none() | counts),
        example_value=draw(st.none() | words),
    )


@st.composite
def laws(draw: st.DrawFn) -> LawResult:
    return LawResult(
        transform=draw(words),
        law=draw(st.sampled_from(Law)),
        verdict=draw(st.sampled_from(LawVerdict)),
        examples=draw(counts),
        counterexample=draw(st.none() | st.dictionaries(words, words | counts | st.none(), max_size=2)),
        message=draw(words),
    )


@st.composite
def waivers(draw: st.DrawFn) -> Waived:
    return Waived(
        feature=draw(st.none() | words),
        pattern=draw(words),
        cause=draw(words),
        reason=draw(words),
        owner=draw(words),
        expires=draw(st.dates(date(1, 1, 1), date(9999, 12, 31))),
        max_rate=draw(seconds),
        standing=draw(st.sampled_from(Standing)),
        cells=draw(counts),
    )


def shown(row: int, online: str | None) -> Example:
    return Example(
        feature="v:n",
        row_id=row,
        entity={"k": row},
        kind=Kind.MISMATCH,
        cause="unexplained",
        blame=Blame.ONLINE,
        source_value=None,
        offline_value=str(row / 7),
        online_value=online,
    )


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    skewed, fine = given.features()
    skewed = replace(
        skewed,
        contract=tuple(draw(st.lists(findings(), max_size=3))),
        waived=draw(st.dictionaries(words, counts, max_size=2)),
        leakage=tuple(
            Leaked(lag=timedelta(microseconds=lag), cells=draw(counts), leaked=draw(counts), rate=draw(seconds))
            for lag in draw(st.lists(st.integers(0, 10**13), max_size=2))
        ),
    )
    skewed = replace(skewed, causes={"unexplained": 4})
    strict, exit_zero = draw(st.booleans()), draw(st.booleans())
    run = given.record(1, config={"sample": 9, "strict": strict, "exit_zero": exit_zero})
    run = replace(run, verdict=draw(st.sampled_from(Verdict)))
    rows = draw(st.permutations(range(4)))[:3]
    return Outcome(
        run=run,
        exit_code=run.verdict.exit_code(strict=strict, exit_zero=exit_zero),
        features=(skewed, fine),
        skipped=tuple(Skipped(feature=each, reason=draw(words)) for each in draw(st.lists(words, max_size=2))),
        errors=tuple(ViewError(feature=each, message=draw(words)) for each in draw(st.lists(words, max_size=2))),
        examples=tuple(shown(row, str(row / 9)) for row in rows),
        notes=tuple(draw(st.lists(words, max_size=3))),
        sample_rows=9,
        laws=tuple(draw(st.lists(laws(), max_size=2))),
        event_times=tuple(
            EventTime(
                feature=draw(words),
                moment=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=draw(counts) % 10**9),
                step=timedelta(seconds=draw(st.integers(1, 10**9))),
                compared=draw(counts),
                skewed=draw(counts),
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
        waivers=tuple(draw(st.lists(waivers(), max_size=2))),
        places=tuple(Place(feature_view=each, file=draw(words), line=draw(counts)) for each in draw(st.sets(words))),
        latency=tuple(
            Latency(
                feature_view=each,
                service=draw(st.none() | words),
                requests=draw(counts),
                p50=draw(seconds),
                p95=draw(seconds),
                p99=draw(seconds),
            )
            for each in draw(st.sets(words, max_size=2))
        ),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledgers")


@settings(max_examples=15, deadline=None, derandomize=True)
@drawn(outcomes())
def test_what_is_read_is_what_was_written(folder: Path, outcome: Outcome) -> None:
    path = folder / "skewguard.duckdb"
    outcome = replace(outcome, run=replace(outcome.run, run_id=uuid4().hex), ledger=path)
    ledger.write_outcome(path, outcome, entity_rows=given.entity_rows(4), diffs=given.diffs(4))
    with ledger.open_ledger(path) as connection:
        assert ledger.read_outcome(connection, outcome.run.run_id, ledger=path) == outcome


def test_what_a_read_raised_stands_in_the_place_of_the_online_value(tmp_path: Path) -> None:
    path = tmp_path / "skewguard.duckdb"
    cells = given.diffs(2).append_column("evidence", pa.array([None, json.dumps({"reason": "it <raised>"})]))
    outcome = Outcome(
        run=given.record(1, config={}),
        exit_code=1,
        features=(replace(given.features()[0], causes={"unexplained": 2}),),
        examples=(shown(1, "it <raised>"), shown(0, "0.0")),
    )
    ledger.write_outcome(path, outcome, entity_rows=given.entity_rows(), diffs=cells)
    with ledger.open_ledger(path) as connection:
        assert ledger.read_outcome(connection, "latest", ledger=path) == replace(outcome, ledger=path)


def test_runs_keep_what_is_theirs(tmp_path: Path) -> None:
    path = tmp_path / "skewguard.duckdb"
    for number, note in ((1, "first"), (2, "second")):
        run = given.record(number, started_at=datetime(2026, 1, number, tzinfo=UTC))
        outcome = Outcome(run=run, exit_code=1, features=given.features(), notes=(note,))
        ledger.write_outcome(path, outcome, entity_rows=given.entity_rows(), diffs=given.diffs())
    with ledger.open_ledger(path) as connection:
        for reference, note in (("latest", "second"), ("latest~1", "first")):
            assert ledger.read_outcome(connection, reference, ledger=path).notes == (note,)
