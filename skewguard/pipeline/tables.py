"""The order of a diff: open two tables, compare them, keep the run in the ledger."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from skewguard.errors.tables import RowsUnreadable, TableInLedger
from skewguard.model import Blame, Example, FeatureResult, Kind, Mode, Outcome, RunRecord, SourceSpec, Stage, Verdict
from skewguard.pipeline import results
from skewguard.pipeline.keeping import kept
from skewguard.pipeline.memory import memory_limit
from skewguard.pipeline.placing import placed_table
from skewguard.pipeline.progress import Progress, silent
from skewguard.pipeline.provenance import new_run_id, versions
from skewguard.pipeline.redacting import (
    config_of,
    redacted_cells,
    redacted_errors,
    redacted_example,
    redacted_outcome,
    redacted_rows,
    redaction_of,
    refuse_unknown,
)
from skewguard.pipeline.table_options import Duplicates, TableOptions

if TYPE_CHECKING:
    from skewguard.comparison.tables import TableComparison
    from skewguard.ledger.write import Rows
    from skewguard.redaction import Redaction
    from skewguard.sql import Connection, Relation


DELTA_LOG = "_delta_log"


class _Watch:
    """Shows the steps of a comparison as those of the stage `diff`."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def began(self, piece: str, total: int) -> None:
        self._progress.stage(Stage.DIFF, piece, total)

    def moved(self, count: int) -> None:
        self._progress.advance(count)


def diff(options: TableOptions, *, progress: Progress = silent) -> Outcome:
    """Compare two tables as `options` say, and keep the run in the ledger."""
    from skewguard import sql
    from skewguard.ledger import check_writable

    started_at = datetime.now(UTC)
    check_writable(options.db)
    for role, place in (("offline", options.offline), ("online", options.online)):
        if "\0" not in place and os.path.realpath(place.partition("::")[0]) == os.path.realpath(options.db):
            raise TableInLedger(role, str(options.db))
    redaction = redaction_of(options.redact)
    try:
        with (
            redacted_errors(redaction),
            TemporaryDirectory(prefix="skewguard-", ignore_cleanup_errors=True) as spill,
            closing(sql.connect(spill_folder=spill, memory_limit=memory_limit())) as connection,
            sql.interrupts(),
        ):
            return _diffed(connection, options, progress, started_at, redaction)
    finally:
        progress.done()


def _diffed(
    connection: Connection,
    options: TableOptions,
    progress: Progress,
    started_at: datetime,
    redaction: Redaction | None,
) -> Outcome:
    from skewguard.ledger import write_outcome

    comparison = _compared(connection, options, progress)
    features = _features(comparison, options)
    refuse_unknown(redaction, [each.feature for each in features])
    run = _record(comparison, features, options, started_at, config_of(redaction))
    outcome = Outcome(
        run=run,
        exit_code=results.exit_code(run.verdict, strict=options.strict, exit_zero=options.exit_zero),
        features=features,
        skipped=comparison.plan.skipped,
        examples=tuple(redacted_example(redaction, each) for each in _examples(connection, features)),
        notes=tuple(_notes(comparison)),
        places=placed_table(Path.cwd() / options.offline.partition("::")[0], Path.cwd()),
        ledger=options.db,
    )
    outcome = redacted_outcome(redaction, outcome)
    entities, diffs = _rows(comparison, redaction)
    progress.stage(Stage.LEDGER)
    return kept(
        outcome,
        lambda: write_outcome(
            options.db,
            outcome,
            entity_rows=entities,
            diffs=diffs,
            connection=connection,
        ),
    )


def _rows(comparison: TableComparison, redaction: Redaction | None) -> tuple[Rows, Rows]:
    """The entities and the cells, as the ledger is to keep them."""
    if redaction is None:
        return comparison.entities, comparison.diffs
    entities, diffs = (each.to_arrow_table() for each in (comparison.entities, comparison.diffs))
    return redacted_rows(redaction, entities), redacted_cells(redaction, redacted_rows(redaction, diffs))


def _compared(connection: Connection, options: TableOptions, progress: Progress) -> TableComparison:
    from skewguard import sql
    from skewguard.comparison.opening import reason_of
    from skewguard.comparison.plan import Request
    from skewguard.comparison.tables import compare_tables

    progress.stage(Stage.LOAD)
    offline = _opened(connection, options.offline, "offline")
    online = _opened(connection, options.online, "online")
    request = Request(
        key=options.key,
        tolerance=options.overall,
        tolerances=options.tolerance,
        columns=options.columns,
        ignored=options.ignore,
        renamed=options.map,
    )
    match = options.duplicates is Duplicates.MATCH
    try:
        return compare_tables(connection, offline, online, request, match=match, watch=_Watch(progress))
    except sql.RowsError as error:
        raise RowsUnreadable(options.offline, options.online, reason_of(error)) from error


def _opened(connection: Connection, place: str, role: str) -> Relation:
    """The table at `place`; of a Delta table, whose log says which of its files are current, as it is now."""
    from skewguard.comparison.opening import open_table

    if not os.path.isdir(os.path.join(place, DELTA_LOG)):  # noqa: PTH112, PTH118 - may be no path
        return open_table(connection, place, role)
    from skewguard.reading import open_source

    spec = SourceSpec(name=role, path=place, file_format="delta", timestamp_column="")
    return open_source(connection, spec, folder=Path.cwd()).relation


def _features(comparison: TableComparison, options: TableOptions) -> tuple[FeatureResult, ...]:
    from skewguard.comparison.statistics import result_of

    return tuple(
        result_of(
            counts,
            feature_view="",
            name=column.name,
            view_kind=None,
            dtype=str(column.offline_type),
            max_skew_rate=options.max_skew_rate,
        )
        for column, counts in zip(comparison.plan.features, comparison.counts, strict=True)
    )


def _notes(comparison: TableComparison) -> list[str]:
    notes = []
    for count, role, kind in (
        (comparison.only_offline, "offline", "missing online"),
        (comparison.only_online, "online", "missing offline"),
    ):
        if count:
            rows = "1 row is" if count == 1 else f"{count:,} rows are"
            notes.append(f"{rows} in the {role} table only: what they hold counts as {kind}.")
    return notes


def _examples(connection: Connection, features: tuple[FeatureResult, ...]) -> tuple[Example, ...]:
    from skewguard import sql

    telling = {feature.feature for feature in features if feature.verdict is not Verdict.PASS}
    found = sql.run(connection, "skewguard.comparison", "table_examples", per_feature=results.EXAMPLES).fetchall()
    return tuple(
        Example(
            feature=feature,
            row_id=row_id,
            entity=json.loads(entity),
            kind=Kind(kind),
            cause=cause,
            blame=Blame(blame),
            source_value=None,
            offline_value=offline,
            online_value=online,
        )
        for feature, row_id, entity, kind, cause, blame, offline, online in found
        if feature in telling
    )


def _record(
    comparison: TableComparison,
    features: tuple[FeatureResult, ...],
    options: TableOptions,
    started_at: datetime,
    redacted: dict[str, str],
) -> RunRecord:
    made_with = versions()
    return RunRecord(
        run_id=new_run_id(started_at),
        command="diff",
        mode=Mode.TABLES,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        verdict=results.gravest(feature.verdict for feature in features),
        repo=None,
        project=None,
        as_of=None,
        seed=options.seed,
        rows_requested=comparison.rows,
        cells_requested=sum(feature.requested for feature in features),
        cells_compared=sum(feature.compared for feature in features),
        git_commit=None,
        skewguard_version=made_with.skewguard,
        feast_version=made_with.feast,
        duckdb_version=made_with.duckdb,
        pandas_version=made_with.pandas,
        python_version=made_with.python,
        config={**options.as_config(), **redacted},
    )
