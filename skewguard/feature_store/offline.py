"""Asks a Feast offline store for the training values of one view at as-of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from skewguard.feature_store.exits import exits_as_errors
from skewguard.feature_store.frames import frame_notes
from skewguard.feature_store.matching import Pairing, chunked, keys_of, occurrences, pair
from skewguard.feature_store.naming import entity_columns, needs_full_names, positions_of, time_column
from skewguard.feature_store.request_only import ASKED_ALONE, PersistedFrame, raises_alone
from skewguard.feature_store.sides import failed, one_line, side
from skewguard.feature_store.unhashed import unhashed
from skewguard.model import Side, ViewKind, ViewSpec, held

# Keeps entity rows that share keys and time (FEAST.md 1.1); of every other store that is not known.
KEEPS_DUPLICATES = frozenset({"duckdb"})


def read_offline(store: Any, view: ViewSpec, request: Any, rows: pa.Table) -> Side:
    """What `get_historical_features(...).to_arrow()` returns for the entity rows, uncast, matched by key.

    `store` is a Feast FeatureStore; `request` is a list of feature references, or a FeatureService for a view that has
    an alias. As-of is asked unaltered. Rows that share keys and time go into separate queries where the store would
    merge them. When the call raises, every row carries the error.
    """
    row_ids = chunked(rows["row_id"])
    try:
        with unhashed(), exits_as_errors():
            answers = [_asked(store, view, request, query) for query in queries(store, view, rows)]
    except Exception as error:  # whatever a store, a source or a transform raises is the answer for these rows
        return failed(row_ids, len(view.features), one_line(error))
    return _side(view, row_ids, answers, [ASKED_ALONE] if raises_alone(store, view) else [])


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What one query returned; `rows` are the positions of the entity rows that it asked for."""

    rows: np.ndarray[Any, Any]
    table: pa.Table
    pairing: Pairing


@dataclass(frozen=True, kw_only=True)
class Query:
    rows: np.ndarray[Any, Any]
    entities: pa.Table
    time: str
    match_on: tuple[str, ...]


def queries(store: Any, view: ViewSpec, rows: pa.Table) -> list[Query]:
    time = time_column(view)
    entities = rows.select([*map(held, entity_columns(view)), "as_of"]).rename_columns([*entity_columns(view), time])
    keys = (*(name for name in entity_columns(view) if name in _key_names(view)), time)
    turns = occurrences(keys_of(entities, keys))
    everything = np.arange(rows.num_rows)
    if not turns.any():
        return [Query(rows=everything, entities=entities, time=time, match_on=keys)]
    if store.config.offline_store.type in KEEPS_DUPLICATES or (view.kind is ViewKind.ON_DEMAND and not view.inputs):
        return [Query(rows=everything, entities=entities, time=time, match_on=tuple(entities.column_names))]
    parts = [np.flatnonzero(turns == turn) for turn in range(int(turns.max()) + 1)]
    return [Query(rows=part, entities=entities.take(part), time=time, match_on=keys) for part in parts]


def _key_names(view: ViewSpec) -> frozenset[str]:
    return frozenset(key.name for key in view.join_keys)


def _asked(store: Any, view: ViewSpec, request: Any, query: Query) -> _Answer:
    job = store.get_historical_features(
        entity_df=entity_frame(store, view, query.entities),
        features=request,
        full_feature_names=needs_full_names(view),
    )
    table = job.to_arrow()
    pairing = pair(keys_of(query.entities, query.match_on), keys_of(table, query.match_on))
    return _Answer(rows=query.rows, table=table, pairing=pairing)


def entity_frame(store: Any, view: ViewSpec, entities: pa.Table) -> pd.DataFrame:
    """Entity rows as a person would hold them: whole numbers stay whole, maps are dicts."""
    frame: pd.DataFrame = entities.to_pandas(maps_as_pydicts="strict")
    return PersistedFrame(frame) if raises_alone(store, view) else frame


def _side(view: ViewSpec, row_ids: pa.Array, answers: Sequence[_Answer], known: Sequence[str]) -> Side:
    tables, positions, first = [], np.full(len(row_ids), -1, dtype=np.int64), 0
    for answer in answers:
        found = answer.pairing.positions
        positions[answer.rows] = np.where(found < 0, -1, found + first)
        first += answer.table.num_rows
        tables.append(answer.table)
    take = pa.array(np.where(positions < 0, 0, positions), mask=positions < 0)
    values, absent, notes = [], {}, [*known, *_answer_notes(answers)]
    for index, columns in enumerate(positions_of(view, [table.column_names for table in tables])):
        if columns is None:
            absent[index] = "the offline store's answer has no such feature"
            values.append(pa.nulls(len(row_ids)))
            continue
        whole = _stacked([table.column(i) for table, i in zip(tables, columns, strict=True)])
        notes += frame_notes(view.features[index].ref, whole)
        values.append(whole.take(take))
    return side(row_ids, values, returned=pa.array(positions >= 0), absent=absent, notes=notes)


def _stacked(columns: Sequence[pa.ChunkedArray]) -> pa.Array:
    if len({column.type for column in columns}) == 1:
        return chunked(pa.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type))
    # One query's column is typed by its own rows: all null here, whole numbers there.
    tables = [pa.table({"value": column}) for column in columns]
    return chunked(pa.concat_tables(tables, promote_options="permissive").column("value"))


def _answer_notes(answers: Sequence[_Answer]) -> list[str]:
    notes = []
    repeated = sum(answer.pairing.repeated for answer in answers)
    strangers = sum(answer.pairing.strangers for answer in answers)
    if repeated:
        notes.append(f"the offline store returned {repeated:,} rows more than once; the first answer is compared")
    if strangers:
        notes.append(f"the offline store returned {strangers:,} rows for entities that were not asked for")
    return notes
