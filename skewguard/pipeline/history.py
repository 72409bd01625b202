"""What was found before: questions to the ledger, its runs, two of them compared, one feature explained."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard import config, ledger, parse
from skewguard.errors.ledger import NothingWasCompared
from skewguard.pipeline import given
from skewguard.pipeline.comparable import differences

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.model import Outcome
    from skewguard.report.compared import RunPair
    from skewguard.report.explained import Explanation
    from skewguard.sql import Connection


def ledger_path(db: str | Path | None, *, here: Path) -> Path:
    """The ledger meant in the folder `here`: the one given, else the one in pyproject.toml, else the usual one."""
    if db is not None:
        return here / Path(db).expanduser()
    settings = config.load(here.resolve(), known_options=given.READERS)
    named = settings.options.get("db")
    return here / given.LEDGER if named is None else settings.folder / given.path(named)


def relying_on(db: str | Path | None, *, here: Path) -> AbstractContextManager[None]:
    """Around the rendering of what a ledger held: where that fails because of what it held, LedgerAltered."""
    return ledger.as_written(ledger_path(db, here=here))


def ask(query: str, *, db: str | Path | None, here: Path) -> pa.Table:
    """The ledger's answer to one SQL question."""
    return ledger.query(ledger_path(db, here=here), query)


def runs(*, db: str | Path | None, here: Path) -> pa.Table:
    """The runs in the ledger, newest first."""
    path = ledger_path(db, here=here)
    with ledger.as_written(path), ledger.open_ledger(path) as connection:
        return ledger.list_runs(connection)


def stored(run: str, *, db: str | Path | None, here: Path) -> Outcome:
    """The result of an earlier run, as its check returned it. Errors: those of reading a ledger and naming a run."""
    path = ledger_path(db, here=here.absolute())
    with ledger.as_written(path), ledger.open_ledger(path) as connection:
        return ledger.read_outcome(connection, run, ledger=path)


def keep(newest: int | str, *, db: str | Path | None, here: Path) -> int:
    """Drop all but the `newest` runs; how many were dropped. Errors: OptionError for what is no such number."""
    count, path = given.read("keep", parse.whole, newest), ledger_path(db, here=here)
    with ledger.as_written(path):
        return ledger.keep_runs(path, count)


def compare(before: str, after: str, *, db: str | Path | None, here: Path) -> RunPair:
    """What changed from the run `before` to the run `after`. Errors: NothingWasCompared; those of naming a run."""
    from skewguard.report.compared import RunPair

    path = ledger_path(db, here=here)
    with ledger.as_written(path), ledger.open_ledger(path) as connection:
        first, then = (ledger.read_run(connection, each, examples=0) for each in (before, after))
        for stored in (first, then):
            if not any(each.compared for each in stored.features):
                raise NothingWasCompared(stored.run.run_id, stored.run.command, _comparable(connection))
        features, cells = ledger.compare_runs(connection, first.run.run_id, then.run.run_id)
        strange = differences(first.run, then.run)
        if first.run.started_at > then.run.started_at:
            strange = ("the first of the two runs is the later one", *strange)
    return RunPair(before=first.run, after=then.run, differences=strange, features=features, cells=cells)


def _comparable(connection: Connection) -> list[str]:
    """The runs that compared something, newest first."""
    return [run["run_id"] for run in ledger.list_runs(connection).to_pylist() if run["cells_compared"]]


def explain(feature: str, *, run: str | None, db: str | Path | None, here: Path) -> Explanation:
    """Why `feature` is skewed in `run`, or in the newest run that has it. Errors: FeatureUnknown; of naming a run."""
    path = ledger_path(db, here=here)
    with ledger.as_written(path), ledger.open_ledger(path) as connection:
        return explained(connection, feature, run=run, db=db)


def explained(connection: Connection, feature: str, *, run: str | None, db: str | Path | None) -> Explanation:
    """As `explain`, of a ledger that is open."""
    from skewguard.report.explained import CauseFound, Explanation

    run_id = ledger.run_of_feature(connection, feature, run)
    stored = ledger.read_run(connection, run_id, examples=0)
    found = ledger.explain_causes(connection, run_id, feature)
    causes = tuple(
        CauseFound(
            cause=row["cause"],
            cells=row["cells"],
            share=row["share"],
            cell=row,
            proof=ledger.proof(run_id, feature, row["cause"]),
        )
        for row in found
    )
    result = next(each for each in stored.features if each.feature == feature)
    return Explanation(run=stored.run, feature=result, causes=causes, db=None if db is None else str(db))
