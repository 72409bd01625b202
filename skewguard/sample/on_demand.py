"""Entity rows of an on-demand view: the keys of its inputs, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from skewguard.model import ViewSpec

USUAL = 1000


def widest_input(inputs: Sequence[ViewSpec]) -> ViewSpec | None:
    """The input whose join keys contain those of all the others; None where there is none such."""
    everything = {key.name for view in inputs for key in view.join_keys}
    return next((view for view in inputs if {key.name for key in view.join_keys} == everything), None)


def join_inputs(inputs: Sequence[ViewSpec], drawn: Mapping[str, pa.Table], *, rows: int | None) -> pa.Table:
    """At most `rows` entity rows (None: all) with the join keys of all inputs.

    `drawn` has for each input, by view name, the rows drawn for it, in the order of the draw. Where one input's keys
    contain the others', its rows; else the i-th row of each, side by side, as far as the shortest goes. A view that
    reads no keyed view has rows without columns, to be told apart by their request data: `rows` of them, or USUAL.
    """
    keyed = [view for view in inputs if view.join_keys]
    if not keyed:
        return pa.table({"any": pa.nulls(rows or USUAL)}).select([])
    widest = widest_input(inputs)
    if widest is not None:
        table = drawn[widest.name].select([key.held for key in widest.join_keys])
        return table.slice(0, rows) if rows is not None else table
    columns: dict[str, pa.ChunkedArray] = {}
    length = min(drawn[view.name].num_rows for view in keyed)
    length = length if rows is None else min(rows, length)
    for view in keyed:
        for key in view.join_keys:
            columns.setdefault(key.held, drawn[view.name][key.held].slice(0, length))
    return pa.table(columns)
