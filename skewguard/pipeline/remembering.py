"""Looks up what earlier runs in the ledger saw in the source for cells that nothing explains yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skewguard.model import Kind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.readings import Reader

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.causes.case import StoredCase


def remembered(bench: Bench, reader: Reader, case: StoredCase) -> pa.Table | None:
    """What earlier runs saw of the cells of a case; None where the ledger has nothing, or cannot be read."""
    import pyarrow.compute as pc

    from skewguard.errors.base import SkewguardError
    from skewguard.ledger import open_ledger, seen_values

    cells = case.cells.filter(pc.equal(case.cells["kind"], str(Kind.MISMATCH)))
    if not (bench.options.live and cells.num_rows and bench.options.db.exists()):
        return None
    rows = reader.population.entity_rows.table()
    entities = rows["entity"].take(pc.index_in(cells["row_id"], rows["row_id"].combine_chunks()))
    try:
        with open_ledger(bench.options.db) as ledger:
            seen = seen_values(
                ledger,
                repo=str(bench.repo.folder),
                project=bench.repo.project,
                features=pc.unique(cells["feature"]).to_pylist(),
                entities=pc.unique(entities).to_pylist(),
            )
    except SkewguardError:  # a ledger that cannot be read now: no evidence, so no cause
        return None
    asked = cells.select(["row_id", "position", "feature"]).append_column("entity", entities)
    return asked.join(seen, keys=["feature", "entity"], join_type="inner")
