"""The order of a test of transforms: find the target, load it in a process, test each law, keep the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from skewguard.errors.parity import RowsInvalid, UnknownTransform
from skewguard.model import Law, LawResult, LawVerdict, Mode, Outcome, Place, RunRecord, Stage, Verdict, ViewError
from skewguard.pipeline import results
from skewguard.pipeline.keeping import kept
from skewguard.pipeline.parity_lanes import in_lanes, several_cores
from skewguard.pipeline.parity_messages import Loaded
from skewguard.pipeline.parity_options import EXAMPLES, ParityOptions
from skewguard.pipeline.parity_process import BatchHung, LawFailed, Limits, Workers
from skewguard.pipeline.placing import placed_transforms
from skewguard.pipeline.progress import Progress, silent
from skewguard.pipeline.provenance import git_commit, new_run_id, versions
from skewguard.proofs.laws import RULES
from skewguard.proofs.subject import BatchSubject, OnDemandSubject, Subject

# Seconds of work for all laws of all transforms, shared among them, and within which bounds one law of one transform
# gets its share: what is slower gets fewer examples. Who asks for a number of examples gets it, as long as they take no
# longer.
REDACTED = "redact is set: the laws were tried on generated rows alone, and no row of a source is shown"
ALL_TOGETHER, LEAST_SHARE, MOST_SHARE, ASKED = 15.0, 0.3, 2.0, 20.0
MANY = 40  # laws of transforms: so many that a second process beside the first is worth its start


@dataclass(kw_only=True)
class _Run:
    """One run as it goes."""

    options: ParityOptions
    workers: Workers
    loaded: Loaded
    results: list[LawResult] = field(default_factory=list)
    patience: float = ASKED
    errors: list[ViewError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    effects: dict[str, Iterable[str]] = field(default_factory=dict)  # of on-demand transforms


def parity(options: ParityOptions, *, progress: Progress = silent, limits: Limits | None = None) -> Outcome:
    """Test the laws on every transform of the target, and keep the run in the ledger.

    Errors: any SkewguardError that concerns the whole run; a transform that does not answer is one of its `errors`.
    """
    from skewguard.ledger import check_writable

    started_at = datetime.now(UTC)
    check_writable(options.db)
    laws = options.laws or tuple(Law)
    try:
        progress.stage(Stage.LOAD)
        with Workers(options.target, seed=options.seed, limits=limits, redacted=options.redacted) as workers:
            loaded = workers.load(fresh=any(RULES[law].fresh for law in laws))
            run = _Run(options=options, workers=workers, loaded=loaded)
            run.notes += [REDACTED] * options.redacted
            run.errors += [ViewError(feature=name, message=message) for name, message in loaded.errors]
            subjects = _chosen(run)
            workers.only({each.name for each in subjects})
            run.patience = _patience(options, len(subjects) * sum(RULES[law].test is not None for law in laws))
            for results_of_one in _all_tested(run, subjects, laws, progress):
                run.results += results_of_one
            run.notes += _effects(run, subjects)
    finally:
        progress.done()
    return _kept(run, started_at, progress)


def _patience(options: ParityOptions, count: int) -> float:
    if options.examples is not None:
        return ASKED
    return round(min(max(ALL_TOGETHER / max(count, 1), LEAST_SHARE), MOST_SHARE), 2)


def _chosen(run: _Run) -> list[Subject]:
    subjects = list(run.loaded.subjects)
    names = [each.name for each in subjects]
    for name in run.options.transforms:
        if name not in names:
            raise UnknownTransform(name, [*names, *(error.feature for error in run.errors)])
    if run.options.transforms:
        run.errors = [each for each in run.errors if each.feature in run.options.transforms]
    return [each for each in subjects if not run.options.transforms or each.name in run.options.transforms]


def _all_tested(
    run: _Run, subjects: Sequence[Subject], laws: Sequence[Law], progress: Progress
) -> list[list[LawResult]]:
    def here(subject: Subject) -> list[LawResult]:
        progress.stage(Stage.LAWS, subject.name, total=len(laws))
        match subject:
            case OnDemandSubject():
                return _on_demand(run, subject, laws, progress)
            case BatchSubject():
                return _batch(run, subject, laws, progress)

    def beside(subject: Subject) -> list[LawResult] | None:
        assert isinstance(subject, BatchSubject)
        return _batch(run, subject, laws, silent, beside=True) if run.workers.can_beside(subject.name) else None

    shared = _shared(run, subjects, laws)
    return in_lanes(subjects, shared, here, beside, give_up=run.workers.close)


def _shared(run: _Run, subjects: Sequence[Subject], laws: Sequence[Law]) -> list[int]:
    """Which may be tested by a process beside: decorated batch transforms, which any process finds by their names."""
    alone = run.options.rows is not None or run.options.events is not None or not several_cores()
    if alone or len(subjects) * len(laws) < MANY:
        return []
    return [at for at, each in enumerate(subjects) if isinstance(each, BatchSubject) and each.origin is not None]


def _batch(
    run: _Run, subject: BatchSubject, laws: Sequence[Law], progress: Progress, *, beside: bool = False
) -> list[LawResult]:
    found: list[LawResult] = []
    hung: BatchHung | None = None
    for law in laws:
        why = RULES[law].not_batch
        if why is not None or hung is not None:
            found.append(_untried(run, subject, law, why, hung))
        else:
            try:
                found.append(_law_of_batch(run, subject, law, beside=beside))
            except BatchHung as problem:
                hung = problem
                found.append(_untried(run, subject, law, None, hung))
            except LawFailed as problem:
                found.append(_untried(run, subject, law, problem.message, None))
                run.errors.append(ViewError(feature=subject.name, message=f"{law.value}: {problem.message}"))
        progress.advance(1)
    if hung is not None and not any(each.verdict is LawVerdict.BROKEN for each in found):
        run.errors.append(ViewError(feature=subject.name, message=f"it {hung.message}"))
    return found


def _law_of_batch(run: _Run, subject: BatchSubject, law: Law, *, beside: bool) -> LawResult:
    return run.workers.batch_law(
        subject.name,
        law,
        examples=run.options.examples or EXAMPLES,
        given=run.options.events,
        patience=run.patience,
        beside=beside,
    )


def _untried(run: _Run, subject: BatchSubject, law: Law, why: str | None, hung: BatchHung | None) -> LawResult:
    """A transform that does not answer keeps no schema; of the other laws nothing can be told."""
    if why is None and hung is not None and law is Law.SCHEMA_KEPT and hung.tables is not None:
        from skewguard.proofs.laws.history import broken
        from skewguard.proofs.laws.rule import Fault

        return broken(subject.name, law, 1, hung.tables, Fault(says=f"it {hung.message}"), run.options.target.given)
    message = why or f"it {hung.message if hung else 'was not tried'}: see schema_kept"
    return LawResult(transform=subject.name, law=law, verdict=LawVerdict.NOT_APPLICABLE, message=message)


def _on_demand(run: _Run, subject: OnDemandSubject, laws: Sequence[Law], progress: Progress) -> list[LawResult]:
    from skewguard.proofs.engine import try_laws
    from skewguard.proofs.examples import examples_of, how_many_first

    options = run.options
    if options.rows is not None:
        missing = [each.name for each in subject.inputs if any(each.name not in row for row in options.rows)]
        if missing:
            raise RowsInvalid(subject.name, missing)
        examples = [options.rows]
    else:
        real = run.loaded.real.get(subject.name, [])
        examples = examples_of(subject, real, count=options.examples or EXAMPLES, seed=options.seed)
    tested = try_laws(
        subject,
        laws,
        examples,
        run.workers,
        target=options.target.given,
        patience=run.patience,
        first=how_many_first(subject),
        told=lambda result: progress.advance(1),
    )
    run.effects[subject.name] = tested.effects
    if tested.hung is not None and not any(each.verdict is LawVerdict.BROKEN for each in tested.results):
        run.errors.append(ViewError(feature=subject.name, message=f"it {tested.hung}"))
    return list(tested.results)


def _effects(run: _Run, subjects: Sequence[Subject]) -> Iterator[str]:
    """What each transform did beside answering."""
    from skewguard.proofs.effects import effects_told

    for each in subjects:
        effects = run.effects.get(each.name) or run.workers.effects.get(each.name)
        if effects:
            yield effects_told(each.name, effects)


def _places(run: _Run) -> tuple[Place, ...]:
    target, here = run.options.target, Path.cwd()
    below = [target.root] if target.repo is None else [target.repo, target.repo.parent]
    return placed_transforms((each.transform for each in run.results), Path(target.given), [*below, here], here)


def _kept(run: _Run, started_at: datetime, progress: Progress) -> Outcome:
    from skewguard.ledger import write_outcome

    verdict = _verdict(run)
    outcome = Outcome(
        run=_record(run, started_at, verdict),
        exit_code=results.exit_code(verdict),
        features=(),
        laws=tuple(run.results),
        errors=tuple(run.errors),
        notes=tuple(run.notes),
        places=_places(run),
        ledger=run.options.db,
    )

    def write() -> None:
        import pyarrow as pa

        nothing = pa.table({"row_id": pa.array([], pa.int64())})
        write_outcome(run.options.db, outcome, entity_rows=nothing, diffs=nothing)

    progress.stage(Stage.LEDGER)
    try:
        return kept(outcome, write)
    finally:
        progress.done()


def _verdict(run: _Run) -> Verdict:
    """Broken over errors over held; where nothing was tried at all, that is an error."""
    verdicts = [Verdict.FAIL for each in run.results if each.verdict is LawVerdict.BROKEN]
    verdicts += [Verdict.ERROR] * bool(run.errors)
    verdicts += [Verdict.PASS for each in run.results]
    return results.gravest(verdicts)


def _record(run: _Run, started_at: datetime, verdict: Verdict) -> RunRecord:
    made_with, options = versions(), run.options
    repo = options.target.repo
    return RunRecord(
        run_id=new_run_id(started_at),
        command="parity",
        mode=Mode.TRANSFORMS,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        verdict=verdict,
        repo=options.target.given,
        project=run.loaded.project,
        as_of=None,
        seed=options.seed,
        rows_requested=sum(each.examples for each in run.results),
        cells_requested=0,
        cells_compared=0,
        git_commit=git_commit(repo or options.target.root),
        skewguard_version=made_with.skewguard,
        feast_version=made_with.feast or run.loaded.feast_version,
        duckdb_version=made_with.duckdb,
        pandas_version=made_with.pandas,
        python_version=made_with.python,
        config=options.as_config(),
    )
