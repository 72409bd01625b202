"""Counts what a feature service loses when all its views are asked for in one historical query, as training does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from skewguard.feature_store.exits import exits_as_errors
from skewguard.feature_store.matching import chunked, keys_of, pair
from skewguard.feature_store.naming import EVENT_TIMESTAMP
from skewguard.feature_store.sides import one_line
from skewguard.feature_store.unhashed import unhashed
from skewguard.model import ROW_COLUMNS, asked_as


@dataclass(frozen=True, kw_only=True)
class JointRead:
    """What one query for a whole service returned: `lost` are the row ids that have no row of their own in it."""

    service: str
    asked: int
    returned: int
    lost: tuple[int, ...]
    repeated: int = 0
    error: str | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know; nothing when every row came back once."""
        if self.error is not None:
            return (f"service {self.service}: one historical query for all of it raises: {self.error}",)
        if not self.lost and not self.repeated:
            return ()
        return (
            f"service {self.service}: one historical query for all of it returned {self.returned:,} rows for "
            f"{self.asked:,} asked; {len(self.lost):,} rows are lost",
        )


def count_joint_losses(store: Any, service: Any, rows: pa.Table) -> JointRead:
    """Asks for the whole feature service at once and counts the entity rows that do not come back.

    `service` is the FeatureService as registered in `store`; `rows` have the join keys and request data of all its
    views. Rows that are equal in every column count one by one: a store that merges them loses all but one.
    """
    columns = [name for name in rows.column_names if name not in ROW_COLUMNS]
    asked = [asked_as(name) for name in columns]
    entities = rows.select([*columns, "as_of"]).rename_columns([*asked, EVENT_TIMESTAMP])
    try:
        with unhashed(), exits_as_errors():
            table = store.get_historical_features(
                entity_df=entities.to_pandas(maps_as_pydicts="strict"),
                features=service,
                full_feature_names=_names_clash(service, asked),
            ).to_arrow()
        pairing = pair(keys_of(entities, entities.column_names), keys_of(table, entities.column_names))
    except Exception as error:  # whatever a store, a source or a transform raises is what this query gives
        everyone = tuple(rows["row_id"].to_pylist())
        return JointRead(service=service.name, asked=rows.num_rows, returned=0, lost=everyone, error=one_line(error))
    lost = chunked(rows["row_id"]).to_numpy()[np.flatnonzero(pairing.positions < 0)]
    return JointRead(
        service=service.name,
        asked=rows.num_rows,
        returned=table.num_rows,
        lost=tuple(lost.tolist()),
        repeated=pairing.repeated,
    )


def _names_clash(service: Any, columns: Sequence[str]) -> bool:
    """Whether two features, or a feature and a column of the entity rows, share a short name."""
    names = [feature.name for each in service.feature_view_projections for feature in each.features]
    return len(set(names)) < len(names) or not {*columns, EVENT_TIMESTAMP}.isdisjoint(names)
