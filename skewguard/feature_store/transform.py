"""Runs an on-demand transform on the source values of its inputs: in a batch, and each row alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from skewguard.feature_store.decode import column_of
from skewguard.feature_store.exits import exits_as_errors
from skewguard.feature_store.matching import chunked
from skewguard.feature_store.naming import entity_columns, positions_of
from skewguard.feature_store.sides import one_line, side
from skewguard.model import FeatureSpec, Side, ViewSpec, held

FLOAT32 = 1e-6
FLOAT64 = 1e-9


def transform_source(
    store: Any, view: ViewSpec, inputs: Mapping[str, Side], input_views: Mapping[str, ViewSpec], rows: pa.Table
) -> Side:
    """The on-demand features that follow from the source values of their inputs.

    `inputs` are the source Sides of the input views, aligned with `rows`. The registry's own transform runs on the
    whole table, typed as the offline path types it, and on each row alone, with the same columns and types. Where the
    two disagree, or either raises, or an input has no source value, there is none here: `k` is false.
    """
    transform = _registered(store, view)
    known = _inputs_known(view, inputs, input_views, rows.num_rows)
    table = _input_table(view, inputs, input_views, rows)
    try:
        with exits_as_errors():
            batch = transform.batch(table)
    except Exception as error:  # the transform's own error: no source value, and the reason is worth a note
        return _nothing(view, rows, [f"{view.name}: on source values the transform raises: {one_line(error)}"])
    alone = transform.alone(table)
    return _compared(view, rows, batch, alone, known, FLOAT32 if _reads_float32(view, input_views) else FLOAT64)


@dataclass(frozen=True, kw_only=True)
class _Transform:
    """A registered on-demand view, as the offline path runs it and one row at a time."""

    registered: Any

    def batch(self, table: pa.Table) -> pa.Table:
        return self.registered.transform_arrow(table)

    def alone(self, table: pa.Table) -> list[Mapping[str, Any] | str]:
        """For each row its outputs by name, or the error that it raises."""
        both, _ = self.registered._preprocess_arrow_table(table)
        rows, run = self._by_mode(both)
        outputs: list[Mapping[str, Any] | str] = []
        for row in rows:
            try:
                with exits_as_errors():
                    outputs.append(run(row))
            except Exception as error:  # the transform's own error, for this row
                outputs.append(one_line(error))
        return outputs

    def _by_mode(self, table: pa.Table) -> tuple[Iterator[Any], Callable[[Any], Mapping[str, Any]]]:
        match self.registered.mode:
            case "pandas":
                return _pandas_rows(table), self._pandas
            case "python":
                return _python_rows(table), self._python
            case _:
                return (table.slice(position, 1) for position in range(table.num_rows)), self._arrow

    def _pandas(self, frame: pd.DataFrame) -> Mapping[str, Any]:
        made = self.registered.feature_transformation.udf(frame)
        if len(made) != 1:
            raise ValueError(f"{len(made)} rows for one")
        return {name: made[name].iloc[0] for name in made.columns}

    def _arrow(self, row: pa.Table) -> Mapping[str, Any]:
        registered = self.registered
        made = registered.feature_transformation.transform_arrow(row, registered.features)
        return {name: value for name, (value,) in made.to_pydict().items()}

    def _python(self, row: dict[str, list[Any]]) -> Mapping[str, Any]:
        transformation = self.registered.feature_transformation
        if self.registered.singleton:
            return {**transformation.udf({name: value[0] for name, value in row.items()})}
        return {name: value[0] for name, value in transformation.udf(row).items() if len(value) == 1}


def _registered(store: Any, view: ViewSpec) -> _Transform:
    return _Transform(registered=store.get_on_demand_feature_view(view.base_name))


def _pandas_rows(table: pa.Table) -> Iterator[pd.DataFrame]:
    frame = table.to_pandas()
    for position in range(len(frame)):
        yield frame.iloc[position : position + 1].reset_index(drop=True)


def _python_rows(table: pa.Table) -> Iterator[dict[str, list[Any]]]:
    columns = table.to_pydict()
    for position in range(table.num_rows):
        yield {name: [values[position]] for name, values in columns.items()}


def _input_table(
    view: ViewSpec, inputs: Mapping[str, Side], input_views: Mapping[str, ViewSpec], rows: pa.Table
) -> pa.Table:
    """What both paths hand to a transform: entity columns, and the features under their short names.

    Training adds what else the entity frame holds, as-of at least: a value made of that is not one of the inputs'.
    """
    columns: dict[str, Any] = {name: rows[held(name)] for name in entity_columns(view)}
    for name, input_side in inputs.items():
        for index, feature in _read(view, input_views[name]):
            # Feast knows an input by either name; the long one tells two inputs of one short name apart.
            long_name = f"{input_views[name].base_name}__{feature.name}"
            columns[long_name if feature.name in columns else feature.name] = input_side.table[f"v{index}"]
    return pa.table({name: chunked(column) for name, column in columns.items()})


def _read(view: ViewSpec, input_view: ViewSpec) -> Iterator[tuple[int, FeatureSpec]]:
    """The features of an input view that the transform is given, with their positions."""
    wanted = set(view.input_features)
    for index, feature in enumerate(input_view.features):
        if not wanted or feature.ref in wanted:
            yield index, feature


def _inputs_known(
    view: ViewSpec, inputs: Mapping[str, Side], input_views: Mapping[str, ViewSpec], size: int
) -> np.ndarray[Any, Any]:
    known = np.ones(size, dtype=bool)
    for name, input_side in inputs.items():
        for index, _ in _read(view, input_views[name]):
            if f"k{index}" in input_side.table.column_names:
                known &= chunked(input_side.table[f"k{index}"]).to_numpy(zero_copy_only=False)
    return known


def _reads_float32(view: ViewSpec, input_views: Mapping[str, ViewSpec]) -> bool:
    dtypes = [feature.dtype for each in input_views.values() for _, feature in _read(view, each)]
    return any("Float32" in dtype for dtype in [*dtypes, *(field.dtype for field in view.request)])


def _nothing(view: ViewSpec, rows: pa.Table, notes: Sequence[str]) -> Side:
    nowhere = pa.array(np.zeros(rows.num_rows, dtype=bool))
    return side(
        chunked(rows["row_id"]),
        [pa.nulls(rows.num_rows)] * len(view.features),
        known=[nowhere] * len(view.features),
        notes=notes,
    )


def _compared(
    view: ViewSpec,
    rows: pa.Table,
    batch: pa.Table,
    alone: Sequence[Mapping[str, Any] | str],
    known: np.ndarray[Any, Any],
    relative: float,
) -> Side:
    if batch.num_rows != rows.num_rows:
        note = f"{view.name}: on {rows.num_rows:,} source rows the transform returns {batch.num_rows:,}"
        return _nothing(view, rows, [note])
    values, knowns, notes = [], [], _alone_notes(view, alone)
    for feature, found in zip(view.features, positions_of(view, [batch.column_names]), strict=True):
        if found is None:
            values.append(pa.nulls(rows.num_rows))
            knowns.append(pa.array(np.zeros(rows.num_rows, dtype=bool)))
            continue
        column = chunked(batch.column(found[0]))
        tolerance = max(relative, FLOAT32) if "Float32" in feature.dtype else relative
        agreed = _agreed(column, [_output(output, view, feature.name) for output in alone], tolerance)
        if not (agreed | ~known).all():
            notes.append(
                f"{feature.ref}: on source values, {int((known & ~agreed).sum()):,} of {rows.num_rows:,} rows "
                "differ between a batch and the row alone"
            )
        values.append(column)
        knowns.append(pa.array(agreed & known))
    return side(chunked(rows["row_id"]), values, known=knowns, notes=notes)


def _alone_notes(view: ViewSpec, alone: Sequence[Mapping[str, Any] | str]) -> list[str]:
    raised = [output for output in alone if isinstance(output, str)]
    if not raised:
        return []
    return [f"{view.name}: on source values the transform raises for {len(raised):,} rows alone: {raised[0]}"]


class _NoOutput:
    """Stands for the output of a row that raised, or that lacks the feature."""


def _output(output: Mapping[str, Any] | str, view: ViewSpec, name: str) -> Any:
    if isinstance(output, str):
        return _NoOutput
    return output.get(name, output.get(f"{view.base_name}__{name}", _NoOutput))


def _agreed(column: pa.Array, outputs: Sequence[Any], relative: float) -> np.ndarray[Any, Any]:
    """Whether the batch's value and the value alone are one, for each row, both taken through Arrow."""
    there = [output is not _NoOutput for output in outputs]
    singles = column_of([_arrow_ready(output) if ok else None for output, ok in zip(outputs, there, strict=True)])
    pairs = zip(column.to_pylist(), singles.to_pylist(), there, strict=True)
    return np.array([ok and same(one, other, relative) for one, other, ok in pairs], dtype=bool)


def _arrow_ready(value: Any) -> Any:
    """A pandas or numpy scalar as plain Python: one column of them may mix classes."""
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (pd.Timestamp, pd.Timedelta)):
        return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value.to_pytimedelta()
    return value.tolist() if hasattr(value, "tolist") else value


def same(one: Any, other: Any, relative: float) -> bool:
    """Whether two values of one feature are equal: numbers within `relative`, nested values element by element."""
    match one, other:
        case (None, _) | (_, None):
            return _is_null(one) and _is_null(other)
        case (bool(), _) | (_, bool()):
            return bool(one == other)
        case (int() | float(), int() | float()):
            if _is_null(one) or _is_null(other):
                return _is_null(one) and _is_null(other)
            return one == other or (math.isfinite(one) and abs(one - other) <= relative * abs(one))
        case (list(), list()):
            return len(one) == len(other) and all(same(a, b, relative) for a, b in zip(one, other, strict=True))
        case (dict(), dict()):
            return one.keys() == other.keys() and all(same(one[key], other[key], relative) for key in one)
        case _:
            return bool(one == other)


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
