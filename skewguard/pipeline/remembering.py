"""Looks up what earlier runs in the ledger saw of cells: what explains them, and what shows that something does not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from skewguard.errors.base import SkewguardError
from skewguard.model import Cause, Kind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.readings import Reader

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.causes.case import StoredCase

CELL = ["row_id", "position"]


def remembered(bench: Bench, reader: Reader, case: StoredCase) -> pa.Table | None:
    """What earlier runs saw of the cells of a case; None where the ledger has nothing, or cannot be read."""
    import pyarrow.compute as pc

    from skewguard.ledger import as_written, open_ledger, seen_values

    cells = case.cells.filter(pc.equal(case.cells["kind"], str(Kind.MISMATCH)))
    if not _to_be_asked(bench, cells):
        return None
    asked = _with_entities(reader, case, cells).select([*CELL, "feature", "entity"])
    place = bench.options.db
    with suppress(SkewguardError), as_written(place), open_ledger(place) as ledger:  # of none that cannot be read
        seen = seen_values(ledger, **_meant(bench, asked))
        return asked.join(seen, keys=["feature", "entity"], join_type="inner")
    return None


def unrefuted(bench: Bench, reader: Reader, case: StoredCase, found: pa.Table, *, weak: bool = False) -> pa.Table:
    """`found` (of NAMED) but for rewritten history that earlier runs refute. `weak`: on the time of a file alone."""
    import pyarrow.compute as pc

    from skewguard.causes.refute import refuted
    from skewguard.ledger import as_written, matched_cells, open_ledger, seen_cells

    claimed = found.filter(pc.equal(found["cause"], str(Cause.REWRITTEN_HISTORY))).select(CELL)
    if not _to_be_asked(bench, claimed):
        return found
    cells = _with_entities(reader, case, case.cells.join(claimed, keys=CELL, join_type="left semi"))
    modified_at = case.facts.source_modified_at
    place = bench.options.db
    with suppress(SkewguardError), as_written(place), open_ledger(place) as ledger:
        seen = seen_cells(ledger, **_meant(bench, cells))
        # Of a file of which the time is not known, it is not known either whether it is as it was.
        matched = matched_cells(ledger, **_meant(bench, cells), since=modified_at or bench.now)
        wrong = refuted(bench.connection, cells, seen, matched, modified_at=modified_at, weak=weak)
        return found.join(wrong, keys=CELL, join_type="left anti").select(found.column_names)
    return found


def _to_be_asked(bench: Bench, cells: pa.Table) -> bool:
    return bench.options.live and bool(cells.num_rows) and bench.options.db.exists()


def _with_entities(reader: Reader, case: StoredCase, cells: pa.Table) -> pa.Table:
    """Cells with their entity, as the ledger has it, and the instant that they were asked for."""
    import pyarrow.compute as pc

    rows = reader.population.entity_rows.table()
    entities = rows["entity"].take(pc.index_in(cells["row_id"], rows["row_id"].combine_chunks()))
    instants = case.rows["as_of"].take(pc.index_in(cells["row_id"], case.rows["row_id"].combine_chunks()))
    return cells.append_column("entity", entities).append_column("as_of", instants)


def _meant(bench: Bench, cells: pa.Table) -> dict[str, Any]:
    """What the ledger is asked about: cells of this repo, by feature and entity."""
    import pyarrow.compute as pc

    wanted = {"features": cells["feature"], "entities": cells["entity"]}
    return {
        "repo": str(bench.repo.folder),
        "project": bench.repo.project,
        **{name: pc.unique(column).to_pylist() for name, column in wanted.items()},
    }
