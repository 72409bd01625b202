"""Calls an on-demand transform itself, on inputs put together at will, in the form that either path gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
from feast.type_map import python_values_to_proto_values
from feast.value_type import ValueType

from skewguard.feature_store.decode import decode
from skewguard.feature_store.exits import exits_as_errors
from skewguard.feature_store.matching import chunked
from skewguard.feature_store.sides import one_line
from skewguard.model import ViewSpec

# What a transform is given: a pandas frame, a dict of lists, or an Arrow table, by its mode.
Given = Any
# A column for each feature of the view, or the text of the error that the call raised.
Outputs = list[pa.Array] | str


class Caller:
    """A registered on-demand view, whose transform is called with whole batches or with single requests."""

    def __init__(self, registered: Any, view: ViewSpec) -> None:
        self.registered, self._view = registered, view
        self._transformation = registered.feature_transformation
        self._types = {field.name: field.dtype.to_value_type() for field in registered.features}

    def given(self, table: pa.Table) -> Given:
        """A table in the form in which the transform sees it."""
        match self.registered.mode:
            case "pandas":
                return table.to_pandas()
            case "python":
                return table.to_pydict()
        return table

    def rows(self, given: Given, positions: Sequence[int]) -> Given:
        """Some rows, in the types that they have among all."""
        match given:
            case pd.DataFrame():
                return given.iloc[list(positions)].reset_index(drop=True)
            case dict():
                return {name: [values[each] for each in positions] for name, values in given.items()}
        return given.take(pa.array(positions, pa.int64()))

    def mixed(self, given: Given, other: Given, columns: Iterable[str]) -> Given:
        """`given` with some columns, types and all, of `other`."""
        match given:
            case pd.DataFrame():
                return given.assign(**{name: other[name] for name in columns})
            case dict():
                return given | {name: other[name] for name in columns}
        for name in columns:
            given = given.set_column(given.column_names.index(name), name, other[name])
        return given

    def in_batch(self, given: Given, size: int) -> Outputs:
        """What the offline path makes of it: for each feature of the view a column of `size` values; or an error."""
        try:
            with exits_as_errors():
                made = self._made(_copied(given))
        except Exception as error:  # the transform's own, or of what it returns
            return one_line(error)
        if made.num_rows != size:
            return f"ValueError: {made.num_rows} rows for {size}"
        return self._picked(made.column_names, made.columns, size)

    def _made(self, given: Given) -> pa.Table:
        match given:
            case pd.DataFrame():
                return pa.Table.from_pandas(self._transformation.udf(given))
            case dict():
                return pa.Table.from_pydict(self._transformation.udf(given))
        return self._transformation.transform_arrow(given, self.registered.features)

    def in_request(self, given: Given, size: int) -> Outputs:
        """What the online path makes of it, before Feast types it."""
        if not isinstance(given, dict) or not self.registered.singleton:
            return self.in_batch(given, size)
        try:
            with exits_as_errors():
                made = self._transformation.udf({name: values[0] for name, values in _copied(given).items()})
            columns = [pa.array(each if isinstance(each, list) else [each]) for each in made.values()]
        except Exception as error:  # the transform's own, or of what it returns
            return one_line(error)
        return self._picked(list(made), columns, 1)

    def _picked(self, names: Sequence[str], columns: Sequence[Any], size: int) -> Outputs:
        places = {name: place for place, name in enumerate(names)}
        long_name = self.registered._get_projected_feature_name
        found = [places.get(each.name, places.get(long_name(each.name))) for each in self._view.features]
        return [pa.nulls(size) if place is None else chunked(columns[place]) for place in found]

    def typed(self, outputs: Outputs) -> Outputs:
        """Outputs as Feast's serving code types them: by the declared dtypes."""
        if isinstance(outputs, str):
            return outputs
        try:
            return [
                self._typed(column, feature.name) for column, feature in zip(outputs, self._view.features, strict=True)
            ]
        except Exception as error:  # Feast's own, where an output does not fit: the request raises the same
            return one_line(error)

    def _typed(self, column: pa.Array, name: str) -> pa.Array:
        values = column.to_pylist() if self.registered.mode == "python" else column.to_numpy(zero_copy_only=False)
        return decode(python_values_to_proto_values(values, self._types.get(name, ValueType.UNKNOWN)))


def _copied(given: Given) -> Given:
    """A transform may change what it is given."""
    match given:
        case pd.DataFrame():
            return given.copy()
        case dict():
            return {name: list(values) for name, values in given.items()}
    return given


def columns_of(given: Given) -> list[str]:
    """The names of the columns that a transform sees."""
    match given:
        case pd.DataFrame():
            return [str(name) for name in given.columns]
        case Mapping():
            return list(given)
    return list(given.column_names)
