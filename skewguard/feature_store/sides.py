"""Builds the tables of `model.Side` from columns of values, and words the errors that stand in for values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from skewguard.credentials import without_credentials
from skewguard.model import Side

INSTANT = pa.timestamp("us", tz="UTC")
LONGEST = 300


def side(
    row_ids: pa.Array | pa.ChunkedArray,
    values: Sequence[pa.Array],
    *,
    event_timestamp: pa.Array | None = None,
    error: pa.Array | None = None,
    returned: pa.Array | None = None,
    known: Sequence[pa.Array] = (),
    absent: Mapping[int, str] | None = None,
    notes: Sequence[str] = (),
) -> Side:
    """A Side whose rows are `row_ids`, in that order; what is left out is null, and every row returned."""
    size = len(row_ids)
    columns: dict[str, Any] = {"row_id": row_ids}
    columns.update((f"v{i}", array) for i, array in enumerate(values))
    columns.update((f"k{i}", array) for i, array in enumerate(known))
    columns["event_timestamp"] = pa.nulls(size, INSTANT) if event_timestamp is None else event_timestamp
    columns["error"] = pa.nulls(size, pa.string()) if error is None else error
    columns["returned"] = pa.array(np.ones(size, dtype=bool)) if returned is None else returned
    return Side(table=pa.table(columns), absent=absent or {}, notes=tuple(notes))


def failed(row_ids: pa.Array | pa.ChunkedArray, features: int, message: str, notes: Sequence[str] = ()) -> Side:
    """A Side in which no row has a value, all for one reason."""
    size = len(row_ids)
    return side(
        row_ids,
        [pa.nulls(size)] * features,
        error=pa.array([message] * size, pa.string()),
        returned=pa.array(np.zeros(size, dtype=bool)),
        notes=notes,
    )


def one_line(error: BaseException) -> str:
    """The type and message of an exception, on one line of bounded length."""
    words = " ".join(without_credentials(str(error)).split())
    text = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def unreachable(error: BaseException) -> bool:
    """Whether an exception says that a store does not answer, rather than that this request is a bad one.

    The clients of stores are not imported here: their exceptions are known by the names that they share.
    """
    return any(
        isinstance(each, (OSError, MemoryError))
        or any(word in cls.__name__ for cls in type(each).__mro__ for word in ("Connection", "Timeout", "Operational"))
        for each in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in seen:
        seen.append(each)
        yield each
        each = each.__cause__ or each.__context__
