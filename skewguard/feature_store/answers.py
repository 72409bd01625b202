"""Collects the protobuf answers of an online store, column by column, into one Side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from skewguard.feature_store.decode import decode, joined
from skewguard.feature_store.naming import answer_index
from skewguard.feature_store.sides import INSTANT, side
from skewguard.model import Side, ViewKind, ViewSpec


class Answers:
    """Answers in row order. Results are found by their names: their order is not that of the request."""

    def __init__(self, view: ViewSpec) -> None:
        self._view = view
        # Feast gives none for on-demand features.
        self._timestamps = view.kind is not ViewKind.ON_DEMAND
        self._columns: list[list[pa.Array]] = [[] for _ in view.features]
        self._times: list[Any] = []
        self._errors: list[str | None] = []
        self._absent: dict[int, int] = {}
        self._answered = 0

    def add(self, count: int, answer: Any) -> None:
        """The answer for the next `count` rows: a protobuf response, or the text of the error that they met."""
        if isinstance(answer, str):
            self._missing(count, answer)
            return
        self._answered += count
        self._errors += [None] * count
        places = answer_index(self._view, answer.metadata.feature_names.val)
        times = None
        for index, feature in enumerate(self._view.features):
            position = places.get(feature.name)
            if position is None:
                self._absent[index] = self._absent.get(index, 0) + count
                self._columns[index].append(pa.nulls(count))
                continue
            vector = answer.results[position]
            self._columns[index].append(decode(vector.values))
            if times is None and self._timestamps:
                times = _microseconds(vector.event_timestamps)
        self._times.append(np.zeros(count, np.int64) if times is None else times)

    def _missing(self, count: int, error: str) -> None:
        self._errors += [error] * count
        self._times.append(np.zeros(count, np.int64))
        for column in self._columns:
            column.append(pa.nulls(count))

    def side(self, row_ids: pa.Array, notes: Sequence[str] = ()) -> Side:
        """The Side of all rows added."""
        values = [joined(column) if column else pa.nulls(0) for column in self._columns]
        error = pa.array(self._errors, pa.string())
        answered = np.array([each is None for each in self._errors], dtype=bool)
        times = np.concatenate(self._times) if self._times else np.zeros(0, np.int64)
        returned = answered
        if self._timestamps:
            # Stores differ on the status of a missing entity; a row without a time and without a value is missing.
            present = [np.asarray(column.is_valid()) for column in values]
            returned = answered & ((times != 0) | np.logical_or.reduce(present, initial=False, axis=0))
        return side(
            row_ids,
            values,
            event_timestamp=pa.array(times, pa.int64(), mask=times == 0).cast(INSTANT),
            error=error,
            returned=pa.array(returned),
            absent=self._reasons(),
            notes=notes,
        )

    def _reasons(self) -> dict[int, str]:
        return {
            index: "the online store's answer has no such feature"
            for index, count in self._absent.items()
            if self._answered and count == self._answered
        }


def _microseconds(timestamps: Sequence[Any]) -> Any:
    return np.fromiter((t.seconds * 1_000_000 + t.nanos // 1_000 for t in timestamps), np.int64, len(timestamps))
