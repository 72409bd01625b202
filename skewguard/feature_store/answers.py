"""Collects the protobuf answers of an online store, column by column, into one Side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from feast.protos.feast.types.Value_pb2 import Value

from skewguard.feature_store.decode import decode, joined
from skewguard.feature_store.naming import answer_index
from skewguard.feature_store.sides import INSTANT, side
from skewguard.model import Side, ViewKind, ViewSpec

# Decoding has a price per column: answers of few rows are decoded together.
ENOUGH, TOGETHER = 50, 500


class Answers:
    """Answers in row order. Results are found by their names: their order is not that of the request."""

    def __init__(self, view: ViewSpec) -> None:
        self._view = view
        # Feast gives none for on-demand features.
        self._timestamps = view.kind is not ViewKind.ON_DEMAND
        self._pending: list[list[Any]] = [[] for _ in view.features]
        self._columns: list[list[pa.Array]] = [[] for _ in view.features]
        self._times: list[Any] = []
        self._errors: list[str | None] = []
        self._lacking: dict[int, int] = {}
        self._answers = 0
        self._undecoded = 0

    def add(self, count: int, answer: Any) -> None:
        """The answer for the next `count` rows: a protobuf response, or the text of the error that they met."""
        if isinstance(answer, str):
            self._errors += [answer] * count
            self._place(count, [None] * len(self._pending))
        else:
            self._answers += 1
            self._errors += [None] * count
            places = answer_index(self._view, answer.metadata.feature_names.val)
            found = [places.get(feature.name) for feature in self._view.features]
            self._place(count, [None if place is None else answer.results[place] for place in found])
            for index, place in enumerate(found):
                if place is None:
                    self._lacking[index] = self._lacking.get(index, 0) + 1

    def _place(self, count: int, vectors: Sequence[Any | None]) -> None:
        cells = [[Value()] * count if vector is None else vector.values for vector in vectors]
        if count >= ENOUGH:  # straight from the response: a list of its values is a list of as many new objects
            self._decode()
            for column, values in zip(self._columns, cells, strict=True):
                column.append(decode(values))
        else:
            for pending, values in zip(self._pending, cells, strict=True):
                pending += values
            self._undecoded += count
            if self._undecoded >= TOGETHER:
                self._decode()
        if self._timestamps:
            dated = next((vector for vector in vectors if vector is not None), None)
            # A feature server's answers reach a client without them.
            times = [] if dated is None else dated.event_timestamps
            self._times.append(_microseconds(times) if len(times) == count else np.zeros(count, np.int64))

    def _decode(self) -> None:
        if not self._undecoded:
            return
        for column, pending in zip(self._columns, self._pending, strict=True):
            column.append(decode(pending))
            pending.clear()
        self._undecoded = 0

    def side(self, row_ids: pa.Array, notes: Sequence[str] = ()) -> Side:
        """The Side of all rows added."""
        self._decode()
        values = [joined(column) if column else pa.nulls(0) for column in self._columns]
        returned = np.array([each is None for each in self._errors], dtype=bool)
        times = np.concatenate([np.zeros(0, np.int64), *self._times]) if self._timestamps else np.zeros(len(returned))
        if self._timestamps:
            # Stores differ on the status of a missing entity; a row without a time and without a value is missing.
            present = [np.asarray(column.is_valid()) for column in values]
            returned = returned & ((times != 0) | np.logical_or.reduce(present, initial=False, axis=0))
        return side(
            row_ids,
            values,
            event_timestamp=pa.array(times.astype(np.int64), mask=times == 0).cast(INSTANT),
            error=pa.array(self._errors, pa.string()),
            returned=pa.array(returned),
            absent=self._absent(),
            notes=notes,
        )

    def _absent(self) -> dict[int, str]:
        reason = "the online store's answer has no such feature"
        return {index: reason for index, count in self._lacking.items() if count == self._answers}


def _microseconds(timestamps: Sequence[Any]) -> Any:
    return np.fromiter((t.seconds * 1_000_000 + t.nanos // 1_000 for t in timestamps), np.int64, len(timestamps))
