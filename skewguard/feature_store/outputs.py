"""Collects what the runs of a transform put out, some rows at a time, into one Side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from skewguard.feature_store.batches import Positions
from skewguard.feature_store.calling import Outputs
from skewguard.feature_store.decode import joined
from skewguard.feature_store.sides import side
from skewguard.model import Side


@dataclass(kw_only=True)
class Collected:
    """Outputs as they come in, by row."""

    features: int
    rows: list[Positions] = field(default_factory=list)
    columns: list[list[pa.Array]] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)

    def add(self, rows: Sequence[int] | Positions, outputs: Outputs) -> None:
        """The outputs of some rows, or the error that they met."""
        if isinstance(outputs, str):
            self.errors |= dict.fromkeys((int(row) for row in rows), outputs)
        elif all(len(column) == len(rows) for column in outputs):
            self.rows.append(np.asarray(rows, dtype=np.int64))
            self.columns.append(outputs)

    def differs(self, other: Collected) -> bool:
        """Whether another run over the same rows put out anything else."""
        mine, others = (
            ([[each.to_pylist() for each in columns] for columns in run.columns], run.errors) for run in (self, other)
        )
        return mine != others

    def side(self, wanted: Positions, row_ids: pa.Array) -> Side:
        """The outputs of the wanted rows, in their order."""
        order = {int(row): place for place, row in enumerate(np.concatenate([*self.rows, np.array([], np.int64)]))}
        places = [order.get(int(row)) for row in wanted]
        stacked = [
            joined([columns[index] for columns in self.columns]) if self.columns else pa.nulls(0)
            for index in range(self.features)
        ]
        errors = [self.errors.get(int(row)) for row in wanted]
        made = [place is not None or error is not None for place, error in zip(places, errors, strict=True)]
        take = pa.array(places, pa.int64())
        return side(
            row_ids,
            [column.take(take) for column in stacked],
            error=pa.array(errors, pa.string()),
            returned=pa.array(made),
        )
