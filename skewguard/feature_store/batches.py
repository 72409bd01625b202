"""What the offline path hands to an on-demand transform: the frames of its queries, and the transform run on them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from skewguard.feature_store.calling import Caller, Given, Outputs, columns_of
from skewguard.feature_store.decode import joined
from skewguard.feature_store.exits import exits_as_errors
from skewguard.feature_store.forms_of_null import float_columns, null_masks
from skewguard.feature_store.matching import chunked, keys_of, pair
from skewguard.feature_store.naming import entity_columns, needs_full_names
from skewguard.feature_store.offline import Query, entity_frame, queries, read_offline
from skewguard.feature_store.recording import Feature
from skewguard.feature_store.unhashed import unhashed
from skewguard.model import ViewSpec, held

Positions = np.ndarray[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One historical query: `rows` are its entity rows by position, `places` their rows in `table`, -1 where lost.

    `null_masks` are by column that the transform sees; `made_float` are those which a null may have made float.
    """

    query: Query
    table: pa.Table
    places: Positions
    given: Given
    caller: Caller
    null_masks: Mapping[str, Positions]
    made_float: frozenset[str]

    @property
    def rows(self) -> Positions:
        """The entity rows by position."""
        return self.query.rows

    def run(self, given: Given) -> Outputs:
        """The transform on the whole batch; outputs by row of the table."""
        return self.caller.in_batch(given, self.table.num_rows)

    def declared(self, columns: Sequence[str]) -> Outputs:
        """The transform on the whole batch, given these columns alone."""
        both, _ = self.caller.registered._preprocess_arrow_table(self.table)
        kept = [name for name in both.column_names if name in set(columns)]
        return self.run(self.caller.given(both.select(kept)))

    def swapped(self, inputs: Mapping[Feature, pa.Array], rows: Positions) -> Iterator[tuple[Positions, Outputs]]:
        """The transform on the batch in which `rows` have other inputs (arrays aligned with them); lost rows are back.

        Gives the rows of this batch among `rows`, by position there, and their outputs.
        """
        mine = np.flatnonzero(np.isin(rows, self.rows))
        if not len(mine):
            return
        here = np.searchsorted(self.rows, rows[mine])
        places, size = self.places[here].copy(), self.table.num_rows
        places[places < 0] = size + np.arange((places < 0).sum())
        lost = self._lost(here[self.places[here] < 0])
        table = pa.concat_tables([self.table, lost], promote_options="permissive") if lost.num_rows else self.table
        for (base, name), values in inputs.items():
            column = f"{base}__{name}" if f"{base}__{name}" in table.column_names else name
            before, index = chunked(table[column]), np.arange(table.num_rows)
            index[places] = table.num_rows + np.arange(len(mine))
            if pa.types.is_null(before.type):
                before = pa.nulls(len(before), values.type)
            after = pa.concat_arrays([before, _typed(values.take(pa.array(mine)), before.type)])
            table = table.set_column(table.column_names.index(column), column, after.take(pa.array(index)))
        both, _ = self.caller.registered._preprocess_arrow_table(table)
        outputs = self.caller.in_batch(self.caller.given(both), table.num_rows)
        yield mine, taken(outputs, places)

    def _lost(self, here: Positions) -> pa.Table:
        asked = self.query.entities.take(pa.array(here))
        columns = {
            field.name: _as_read(asked[field.name], field.type)
            if field.name in asked.column_names
            else pa.nulls(len(here), field.type)
            for field in self.table.schema
        }
        return pa.table(columns)


def _typed(served: pa.Array, dtype: pa.DataType) -> pa.Array:
    """Online values as the offline path types them; nested ones come as JSON text."""
    if not (pa.types.is_nested(dtype) and pa.types.is_string(served.type)):
        return served.cast(dtype, safe=False)
    objects = [None if text is None else json.loads(text) for text in served.to_pylist()]
    if pa.types.is_map(dtype):
        objects = [each if each is None else list(each.items()) for each in objects]
    return pa.array(objects, dtype)


def _as_read(column: pa.ChunkedArray, dtype: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Request data typed as the query returned it; in its own type where that saw no value and knows none.

    pandas made a struct of a map, to which Arrow casts none.
    """
    if pa.types.is_map(column.type):
        dicts = [None if value is None else dict(value) for value in column.to_pylist()]
        return pa.array(dicts, None if pa.types.is_null(dtype) else dtype)
    return column if pa.types.is_null(dtype) else column.cast(dtype, safe=False)


def batches_of(store: Any, view: ViewSpec, request: Any, rows: pa.Table) -> list[Batch]:
    """Asks the offline store as `read_offline` does, for what it has before the transform runs."""
    found = []
    for query in queries(store, view, rows):
        with unhashed(), exits_as_errors():
            job = store.get_historical_features(
                entity_df=entity_frame(store, view, query.entities),
                features=request,
                full_feature_names=needs_full_names(view),
            )
            table = job._to_arrow_internal().replace_schema_metadata(None)
        registered = next(each for each in job.on_demand_feature_views if each.name == view.base_name)
        caller = Caller(registered, view)
        both, _ = registered._preprocess_arrow_table(table)
        pairing = pair(keys_of(query.entities, query.match_on), keys_of(table, query.match_on))
        given, masks = caller.given(both), null_masks(both)
        floats = frozenset(name for name in float_columns(given, both) if masks[name].any())
        found.append(
            Batch(
                query=query, table=table, places=pairing.positions, given=given, caller=caller, null_masks=masks,
                made_float=floats,
            )
        )  # fmt: skip
    return found


def input_values(
    store: Any, batches: Sequence[Batch], views: Sequence[ViewSpec], features: Sequence[Feature], rows: pa.Table
) -> dict[Feature, pa.Array]:
    """For every entity row what the offline path has of the inputs; for one that the query lost, asked view by view."""
    values: dict[Feature, pa.Array] = {}
    lost = np.concatenate([batch.rows[batch.places < 0] for batch in batches])
    apart = _apart(store, views, rows.take(pa.array(lost))) if len(lost) else {}
    for base, name in features:
        pieces, order = [], []
        for batch in batches:
            column = f"{base}__{name}" if f"{base}__{name}" in batch.table.column_names else name
            pieces.append(chunked(batch.table[column]).take(pa.array(batch.places[batch.places >= 0])))
            order.append(batch.rows[batch.places >= 0])
        if len(lost):
            pieces.append(apart.get((base, name), pa.nulls(len(lost))))
            order.append(lost)
        values[base, name] = joined(pieces).take(pa.array(np.argsort(np.concatenate(order))))
    return values


def _apart(store: Any, views: Sequence[ViewSpec], rows: pa.Table) -> dict[Feature, pa.Array]:
    found = {}
    for view in views:
        if view.name != view.base_name:
            continue  # only a service can ask for it
        asked = rows.select(["row_id", *map(held, entity_columns(view)), "as_of"])
        side = read_offline(store, view, [feature.ref for feature in view.features], asked)
        for index, feature in enumerate(view.features):
            found[view.base_name, feature.name] = chunked(side.table[f"v{index}"])
    return found


def taken(outputs: Outputs, places: Positions) -> Outputs:
    """The outputs of some rows."""
    return outputs if isinstance(outputs, str) else [column.take(pa.array(places)) for column in outputs]


def beyond(batch: Batch, served: Given) -> list[str]:
    """The columns that the transform sees offline and not in this request."""
    return sorted(set(columns_of(batch.given)) - set(columns_of(served)))
