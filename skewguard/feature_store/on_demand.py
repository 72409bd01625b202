"""Serves on-demand features as a model server does: a request at a time, by Feast's own code and with its typing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from skewguard.feature_store.answers import Answers
from skewguard.feature_store.exits import exits_as_errors
from skewguard.feature_store.matching import chunked
from skewguard.feature_store.memory import Address, MemoryStore, Row, overrides_serving
from skewguard.feature_store.online import given_values
from skewguard.feature_store.sides import one_line, unreachable
from skewguard.feature_store.transform import transform_source
from skewguard.feature_store.uncollected import uncollected
from skewguard.model import Side, ViewSpec

__all__ = ["serve_on_demand", "transform_source"]


def serve_on_demand(
    store: Any,
    view: ViewSpec,
    request: Any,
    inputs: Sequence[ViewSpec],
    rows: pa.Table,
    *,
    request_size: int = 1,
    batch: int = 500,
    pause: Callable[[int], None] | None = None,
    timed: Callable[[float], None] | None = None,
    held: dict[Address, Row] | None = None,
) -> Side:
    """What `get_online_features` returns for an on-demand view, `request_size` rows to a request.

    The online store is read once per `batch` rows; each request then runs all of Feast's serving code on what was
    read. A request that raises gives its rows the error; an error that says the store does not answer is raised as it
    is. Event timestamps are null: Feast gives none for on-demand features. `timed` is called with the seconds of
    each request that is answered, which leave out the read ahead. What was read is added to `held`.
    """
    provider = store._get_provider()
    server = Server(store=store, request=request, pause=pause, timed=timed)
    alone = overrides_serving(provider.online_store)
    if not alone:
        server.memory = MemoryStore(provider.online_store)
    given = given_values(view, rows, plain=alone)
    answers = Answers(view)
    for start in range(0, rows.num_rows, batch):
        stop = min(start + batch, rows.num_rows)
        part = {name: values[start:stop] for name, values in given.items()}
        with uncollected():
            for count, answer in server.serve(part, stop - start, request_size):
                answers.add(count, answer)
    if held is not None and server.memory is not None:
        held.update(server.memory.rows)
    return replace(answers.side(chunked(rows["row_id"])), without_data=server.without_data if inputs else 0)


class Server:
    """Answers requests from memory where it can, else from the store itself."""

    def __init__(
        self,
        *,
        store: Any,
        request: Any,
        pause: Callable[[int], None] | None,
        timed: Callable[[float], None] | None = None,
    ) -> None:
        self.memory: MemoryStore | None = None
        self.without_data = 0
        self._store, self._request, self._pause, self._timed = store, request, pause, timed

    def serve(self, given: dict[str, list[Any]], size: int, request_size: int) -> Iterator[tuple[int, Any]]:
        """Pairs of a number of rows and their answer, or the text of their error, in row order."""
        spans = [(start, min(start + request_size, size)) for start in range(0, size, request_size)]
        unread = self._remember(given, spans)
        for start, stop in spans:
            yield from self._answer({n: v[start:stop] for n, v in given.items()}, stop - start, unread.get(start))

    def _remember(self, given: dict[str, list[Any]], spans: Sequence[tuple[int, int]]) -> dict[int, str]:
        """Reads the input views of all requests at once; by the start of each request that cannot be read, why not."""
        if self.memory is None:
            return {}
        unread: dict[int, str] = {}
        if self._read(given) is None:
            return unread
        for start, stop in spans:  # one row's key spoils the whole read: find which
            reason = self._read({n: v[start:stop] for n, v in given.items()})
            if reason is not None:
                unread[start] = reason
        return unread

    def _read(self, given: dict[str, list[Any]]) -> str | None:
        assert self.memory is not None
        if self._pause is not None:
            self._pause(len(next(iter(given.values()))))
        try:
            self.without_data += self.memory.remember(self._store, self._request, given).count(False)
        except Exception as error:  # a key that no view can be read for is this request's answer
            if unreachable(error):
                raise
            return one_line(error)
        return None

    def _answer(self, given: dict[str, list[Any]], size: int, unread: str | None) -> Iterator[tuple[int, Any]]:
        if unread is not None:
            yield size, unread
            return
        began = time.perf_counter()
        try:
            with exits_as_errors():
                response = self._get(given)
        except Exception as error:  # what the transform or Feast's typing of its result raised: a serving error
            if self.memory is None and unreachable(error):
                raise
            yield size, one_line(error)
            return
        if self._timed is not None:
            self._timed(time.perf_counter() - began)
        yield from _whole(response.proto, size)

    def _get(self, given: dict[str, list[Any]]) -> Any:
        if self.memory is None:
            if self._pause is not None:
                self._pause(len(next(iter(given.values()))))
            return self._store.get_online_features(features=self._request, entity_rows=given)
        return self.memory.get_online_features(
            config=self._store.config,
            features=self._request,
            entity_rows=given,
            registry=self._store.registry,
            project=self._store.project,
        )


def _whole(answer: Any, size: int) -> Iterator[tuple[int, Any]]:
    """The answer; and, where a transform gave a value for fewer rows than asked (a singleton), errors for the rest."""
    lengths = [len(vector.values) for vector in answer.results]
    got, most = min(lengths, default=size), max(lengths, default=size)
    if most > size:
        yield size, f"the answer has values for {most} rows where the request has {size}"
        return
    if got == size:
        yield size, answer
        return
    for vector in answer.results:
        del vector.values[got:]
    if got:
        yield got, answer
    yield size - got, f"the answer has values for {got} of the request's {size} rows"
