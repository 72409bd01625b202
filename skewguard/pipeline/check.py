"""The order of a check: load, sample, slice, serve, source, offline, diff, ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from skewguard.config import unmatched
from skewguard.errors.repo import CodeExits
from skewguard.model import FeatureResult, Outcome, RunRecord, Skipped, Stage, Verdict, ViewSpec
from skewguard.pipeline import results
from skewguard.pipeline.agreed import note_agreed
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.causing import explain_all
from skewguard.pipeline.comparing import compare_all, contract_of, keep_event_times
from skewguard.pipeline.decorated import with_tables
from skewguard.pipeline.excused import Baseline, Excused, excuse, read_baseline
from skewguard.pipeline.joint import joint_notes
from skewguard.pipeline.keeping import kept
from skewguard.pipeline.latency import latencies
from skewguard.pipeline.leaking import note_leakage
from skewguard.pipeline.listing import checkable, skipped
from skewguard.pipeline.options import CheckOptions
from skewguard.pipeline.placing import placed
from skewguard.pipeline.population import Population, draw_rows
from skewguard.pipeline.progress import Progress, silent
from skewguard.pipeline.promising import look_at_promises, with_promises
from skewguard.pipeline.provenance import git_commit, new_run_id, versions
from skewguard.pipeline.readings import Reader, uncompared
from skewguard.pipeline.redacting import (
    config_of,
    redacted_cells,
    redacted_errors,
    redacted_outcome,
    redacted_rows,
    redaction_of,
    refs_of,
    refuse_unknown,
)
from skewguard.pipeline.replaying import opened_stores, played
from skewguard.pipeline.selection import Selection, select
from skewguard.pipeline.slices import cut

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.comparison.counted import Comparison
    from skewguard.redaction import Redaction
    from skewguard.sql import Connection


def check(options: CheckOptions, *, progress: Progress = silent) -> Outcome:
    """Compare offline with online values as `options` say, and keep the run in the ledger.

    Errors: any SkewguardError that concerns the whole check; what concerns one view is in the outcome's `errors`.
    """
    from skewguard import sql

    with closing(sql.connect()) as connection:
        return _check(options, connection, progress)


def _check(options: CheckOptions, connection: Connection, progress: Progress) -> Outcome:
    from skewguard.ledger import check_writable

    started_at = datetime.now(UTC)
    check_writable(options.db, connection=connection)
    redaction = redaction_of(options.redact)
    baseline = read_baseline(options)
    if baseline is not None:
        options = replace(options, baseline=baseline.run.run_id)
    try:
        with redacted_errors(redaction), _bench(options, connection, progress, started_at, redaction) as bench:
            return _checked(bench, started_at, baseline)
    except SystemExit as error:
        raise CodeExits(error) from error
    finally:
        progress.done()


@contextmanager
def _bench(
    options: CheckOptions, connection: Connection, progress: Progress, now: datetime, redaction: Redaction | None
) -> Iterator[Bench]:
    from skewguard import sql
    from skewguard.feature_store.load import open_repo

    progress.stage(Stage.LOAD)
    here = Path.cwd()
    with TemporaryDirectory(prefix="skewguard-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        opened = open_repo(folder=options.repo, yaml=options.feature_store_yaml, live=options.live)
        sql.spill_to(connection, str(folder / "spill"))
        # Closed before its folder goes.
        with sql.interrupts(), closing(connection), opened as repo:
            yield Bench(
                options=options,
                progress=progress,
                repo=repo,
                connection=connection,
                folder=folder,
                now=now,
                here=here,
                redaction=redaction,
            )


def _checked(bench: Bench, started_at: datetime, baseline: Baseline | None) -> Outcome:
    repo = bench.repo
    for error in repo.errors:
        bench.failures.add(error.feature, error.message)
    refuse_unknown(bench.redaction, refs_of(repo.views), _skipped(bench))
    selection = select(bench.options, checkable(repo.views), repo.services, _skipped(bench), bench.failures.reasons)
    bench.said.extend(
        f"the contract for {pattern!r} in pyproject.toml matches no feature of this repo"
        for pattern in unmatched(bench.options.contracts, _refs(repo.views))
    )
    bench.said.extend(note_agreed(bench))
    selection, tables = with_tables(bench, selection)
    population = played(bench, selection, draw_rows(bench, selection))
    compared = _compared(bench, selection, population, tables)
    entity_rows = redacted_rows(bench.redaction, population.entity_rows.table())
    excused = excuse(bench, baseline, compared, entity_rows)
    features = _features(bench, selection, population, compared, excused)
    cells = [*(each.cells for each in compared.values()), *_uncompared(bench, selection, population, compared)]
    diffs = redacted_cells(bench.redaction, results.diff_rows(cells, entity_rows))
    run = _record(bench, started_at, population, features, excused)
    outcome = Outcome(
        run=run,
        exit_code=results.exit_code(run.verdict, strict=bench.options.strict, exit_zero=bench.options.exit_zero),
        features=features,
        skipped=_skipped(bench),
        errors=bench.failures.errors(),
        examples=results.examples(excused.counting(diffs), features),
        notes=(*repo.notes, *bench.said, *excused.run_notes(run)),
        sample_rows=bench.options.sample,
        places=placed(bench),
        latency=latencies(bench),
        waivers=excused.waivers,
        event_times=tuple(bench.event_times),
        ledger=bench.options.db,
    )
    outcome = redacted_outcome(bench.redaction, outcome, repo.views)
    return kept(outcome, lambda: _write(bench, outcome, entity_rows, diffs))


def _refs(views: tuple[ViewSpec, ...]) -> list[str]:
    return [feature.ref for view in views for feature in view.features]


def _skipped(bench: Bench) -> tuple[Skipped, ...]:
    return skipped(bench.repo.views, bench.repo.skipped)


def _compared(
    bench: Bench, selection: Selection, population: Population, tables: Mapping[str, Path]
) -> dict[str, Comparison]:
    sliced = cut(bench, selection, population, tables)
    with opened_stores(bench, sliced, population) as (stores, replay):
        for error in stores.errors:
            for view in (*selection.stored, *selection.on_demand):
                if error.feature in (view.name, view.base_name):
                    bench.failures.add(view.name, error.message)
        reader = Reader(
            bench=bench, selection=selection, population=population, sliced=sliced, sandbox=stores, replay=replay
        )
        readings = reader.read()
        for reading in readings:
            why = uncompared(reading)
            if why is not None:
                bench.failures.add(reading.view.name, why)
        bench.said.extend(joint_notes(bench, selection, population, stores))
        if replay is not None:
            note_leakage(bench, reader, readings)
        readings, compared = compare_all(bench, reader, readings)
        bench.findings.update(look_at_promises(bench, reader, readings))
        explained = explain_all(bench, reader, readings, compared)
        keep_event_times(bench, readings, explained)
        return explained


def _uncompared(
    bench: Bench, selection: Selection, population: Population, compared: Mapping[str, Comparison]
) -> Iterator[pa.Table]:
    """The cells of the views that failed once their rows were drawn."""
    for view in selection.views:
        if view.name in population.rows and view.name not in compared:
            reason = bench.failures.reasons[view.name]
            yield from results.uncompared_cells(view, population.rows[view.name], reason)


def _features(
    bench: Bench,
    selection: Selection,
    population: Population,
    compared: Mapping[str, Comparison],
    excused: Excused,
) -> tuple[FeatureResult, ...]:
    return tuple(result for view in selection.views for result in _of_view(bench, view, population, compared, excused))


def _of_view(
    bench: Bench, view: ViewSpec, population: Population, compared: Mapping[str, Comparison], excused: Excused
) -> Iterator[FeatureResult]:
    from skewguard.comparison.statistics import result_of

    rows, comparison = population.rows.get(view.name), compared.get(view.name)
    requested = 0 if rows is None else rows.num_rows
    for position, feature in enumerate(view.features):
        contract = contract_of(bench, feature)
        budget = bench.options.max_skew_rate if contract.max_skew_rate is None else contract.max_skew_rate
        if comparison is None:
            yield results.failed_result(view, feature, contract, requested, budget)
            continue
        found = result_of(
            comparison.counts[position],
            feature_view=view.name,
            name=feature.name,
            view_kind=view.kind,
            dtype=feature.dtype,
            owner=contract.owner or view.owner,
            fingerprint=view.fingerprint,
            max_skew_rate=budget,
            notes=bench.notes_on(view, feature),
        )
        found = replace(found, leakage=bench.leakage.get(feature.ref, ()))
        yield with_promises(excused.judged(found, comparison.counts[position]), bench.findings)


def _record(
    bench: Bench,
    started_at: datetime,
    population: Population,
    features: tuple[FeatureResult, ...],
    excused: Excused,
) -> RunRecord:
    made_with, verdicts = versions(), [*(feature.verdict for feature in features), *excused.verdicts]
    if bench.failures.reasons:
        verdicts.append(Verdict.ERROR)
    return RunRecord(
        run_id=new_run_id(started_at),
        command="check",
        mode=bench.options.mode,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        verdict=results.gravest(verdicts),
        repo=str(bench.repo.folder),
        project=bench.repo.project,
        as_of=population.shared_as_of if bench.options.replay is None else population.as_of,
        seed=bench.options.seed,
        rows_requested=len(population.entity_rows),
        cells_requested=sum(feature.requested for feature in features),
        cells_compared=sum(feature.compared for feature in features),
        git_commit=git_commit(bench.repo.folder),
        skewguard_version=made_with.skewguard,
        feast_version=made_with.feast,
        duckdb_version=made_with.duckdb,
        pandas_version=made_with.pandas,
        python_version=made_with.python,
        config={**bench.options.as_config(), **config_of(bench.redaction)},
    )


def _write(bench: Bench, outcome: Outcome, entity_rows: pa.Table, diffs: pa.Table) -> None:
    from skewguard.ledger import write_outcome

    bench.progress.stage(Stage.LEDGER)
    write_outcome(bench.options.db, outcome, entity_rows=entity_rows, diffs=diffs, connection=bench.connection)
