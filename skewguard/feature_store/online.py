"""Asks a Feast online store for the served values of one view, in chunks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from skewguard.feature_store.answers import Answers
from skewguard.feature_store.matching import chunked
from skewguard.feature_store.memory import overrides_serving
from skewguard.feature_store.naming import DUMMY_KEY, entity_columns, join_key_names, needs_full_names
from skewguard.feature_store.sides import one_line, unreachable
from skewguard.feature_store.uncollected import uncollected
from skewguard.model import Side, ViewSpec, held

# A chunk that raises is halved to find its rows; so many extra requests are spent on that in one read.
EXTRA_REQUESTS = 256


def read_online(
    store: Any,
    view: ViewSpec,
    request: Any,
    rows: pa.Table,
    *,
    batch: int = 500,
    pause: Callable[[int], None] | None = None,
    timed: Callable[[float], None] | None = None,
) -> Side:
    """What `get_online_features` returns for the entity rows, decoded as it is stored.

    `request` is a list of feature references, or a FeatureService for a view that has an alias. `pause` is called
    with the number of rows before each request, `timed` with its seconds after each that is answered. A row whose
    request raises carries the error; an error that says the store does not answer is raised as it is.
    """
    reader = _Reader(
        store=store, view=view, request=request, given=given_values(view, rows, plain=serves_itself(store)),
        pause=pause, timed=timed, extra=EXTRA_REQUESTS,
    )  # fmt: skip
    answers = Answers(view)
    for start in range(0, rows.num_rows, batch):
        with uncollected():
            for count, answer in reader.read(start, min(start + batch, rows.num_rows)):
                answers.add(count, answer)
    return answers.side(chunked(rows["row_id"]))


def serves_itself(store: Any) -> bool:
    """Whether another process serves what is asked: a Feast feature server."""
    return overrides_serving(store._get_provider().online_store)


def given_values(view: ViewSpec, rows: pa.Table, *, plain: bool = False) -> dict[str, list[Any]]:
    """A request's columns: join keys and request data.

    Keys are typed as materialization types them, so that both encode the same key: it encodes what `to_numpy` makes
    of a column, and a caller's own Python values encode alike. Request data are a caller's plain Python values; where
    `plain`, keys are too: a request that is sent as JSON takes no others.
    """
    keys = join_key_names(view)
    columns = {name: chunked(rows[held(name)]) for name in keys}
    given = {
        name: column.to_pylist() if plain else list(column.to_numpy(zero_copy_only=False))
        for name, column in columns.items()
    }
    for name in entity_columns(view)[len(keys) :]:
        given[name] = rows[held(name)].to_pylist(maps_as_pydicts="strict")
    # A request must name something: Feast's own stand-in key, for a view without entities.
    return given or {DUMMY_KEY: [""] * rows.num_rows}


@dataclass(kw_only=True)
class _Reader:
    """Reads chunks, and halves those that raise."""

    store: Any
    view: ViewSpec
    request: Any
    given: dict[str, list[Any]]
    pause: Callable[[int], None] | None
    timed: Callable[[float], None] | None
    extra: int

    def read(self, start: int, stop: int) -> Iterator[tuple[int, Any]]:
        """Pairs of a number of rows and their answer, or the text of their error, in row order."""
        try:
            yield stop - start, self._request(start, stop)
        except Exception as error:  # a bad key, a store's own error: of this chunk, and perhaps of one row in it
            if unreachable(error):
                raise
            yield from self._divided(start, stop, error)

    def _divided(self, start: int, stop: int, error: Exception) -> Iterator[tuple[int, Any]]:
        size = stop - start
        if size == 1 or self.extra < 2:
            yield size, one_line(error) if size == 1 else f"{one_line(error)} (in a request of {size:,} rows)"
            return
        self.extra -= 2
        middle = start + size // 2
        yield from self.read(start, middle)
        yield from self.read(middle, stop)

    def _request(self, start: int, stop: int) -> Any:
        if self.pause is not None:
            self.pause(stop - start)
        began = time.perf_counter()
        response = self.store.get_online_features(
            features=self.request,
            entity_rows={name: values[start:stop] for name, values in self.given.items()},
            full_feature_names=needs_full_names(self.view),
        )
        if self.timed is not None:
            self.timed(time.perf_counter() - began)
        return response.proto
