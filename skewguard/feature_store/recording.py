"""Serves on-demand features once more and keeps what the transform was given: from the store, or from given inputs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from feast import utils
from feast.online_response import OnlineResponse

from skewguard.feature_store.calling import Caller, Given
from skewguard.feature_store.memory import Address, Earlier, MemoryStore, Row, address
from skewguard.feature_store.on_demand import Server

Feature = tuple[str, str]  # base name of the input view, name of the feature


@dataclass(frozen=True, kw_only=True)
class Served:
    """One request: its rows by position, its answer (protobuf, or the text of an error), and the transform's inputs.

    `inputs` are protobuf values by feature; None, as `given`, where the request failed before the transform ran.
    """

    rows: Sequence[int]
    answers: Sequence[tuple[int, Any]]
    inputs: Mapping[Feature, Sequence[Any]] | None
    given: Given | None


class _Recorder(MemoryStore):
    """Keeps what was read for the last request, as it stood before the transform ran."""

    def __init__(self, real: Any) -> None:
        super().__init__(real)
        self.response: Any = None
        self.read: dict[Feature, list[Any]] = {}
        self.types: Any = None

    def _read_features_per_fv(self, config: Any, tables: Any, *arguments: Any) -> None:
        response = arguments[2]
        first = len(response.results)
        super()._read_features_per_fv(config, tables, *arguments)
        self.response = copy.deepcopy(response)
        names = [(table.name, name) for table, features in tables for name in features]
        vectors = self.response.results[first:]
        self.read = {name: list(vector.values) for name, vector in zip(names, vectors, strict=True)}
        self.types = self._build_feature_types(tables)

    def forget(self) -> None:
        """Before the next request."""
        self.response, self.read = None, {}


class _Fed(_Recorder):
    """An online store that holds what it is fed: by feature a protobuf value for each row of the next requests."""

    fed: Mapping[Feature, Sequence[Any]]

    def remember(self, store: Any, request: Any, entity_rows: Mapping[str, Sequence[Any]]) -> list[bool]:
        """As if every view had been read for these rows."""
        keys, tables, join_key_map, *_ = utils._prepare_entities_to_read_from_online_store(
            registry=store.registry, project=store.project, features=request, entity_values=entity_rows,
            full_feature_names=False, native_entity_values=True,
        )  # fmt: skip
        for table, features in tables:
            unique, indexes, _ = utils._get_unique_entities(table, keys, join_key_map)
            for entity_key, positions in zip(utils._get_entity_key_protos(unique), indexes, strict=True):
                row = {name: self.fed[table.name, name][positions[0]] for name in features}
                self._rows[address(table, entity_key)] = (None, row)
        return [True] * len(next(iter(entity_rows.values())))


class _RecordingServer(Server):
    """Serves as Feast does, and notes each request's answer beside what the transform was given."""

    memory: _Recorder

    def __init__(self, *, store: Any, request: Any, memory: _Recorder, pause: Callable[[int], None] | None) -> None:
        super().__init__(store=store, request=request, pause=pause)
        self.memory = memory

    def served(self, given: dict[str, list[Any]], spans: Sequence[int]) -> Iterator[tuple[list[tuple[int, Any]], Any]]:
        """For each request of so many rows its answers, and a copy of what was read for it."""
        pairs = list(pairwise(accumulate(spans, initial=0)))
        unread = self._remember(given, pairs)
        for start, stop in pairs:
            self.memory.forget()
            part = {name: values[start:stop] for name, values in given.items()}
            yield list(self._answer(part, stop - start, unread.get(start))), self.memory


def serve_again(
    store: Any,
    request: Any,
    caller: Caller,
    given: Mapping[str, Sequence[Any]],
    requests: Sequence[Sequence[Sequence[int]]],
    *,
    pause: Callable[[int], None] | None = None,
    fed: Mapping[Feature, Sequence[Any]] | None = None,
    earlier: Callable[[int], Mapping[Address, Row]] | None = None,
) -> Iterator[Served]:
    """Serves chunks of requests, each the positions of its rows in `given`.

    With `fed`, a protobuf value for each row by feature, the online store is taken to hold just that; with `earlier`,
    what it held when the chunk of a row was served.
    """
    for chunk in requests:
        real = store._get_provider().online_store
        if earlier is not None:
            real = Earlier(real, earlier(chunk[0][0]))
        memory = _Recorder(real) if fed is None else _Fed(real)
        rows = [row for each in chunk for row in each]
        if isinstance(memory, _Fed) and fed is not None:
            memory.fed = {name: [values[row] for row in rows] for name, values in fed.items()}
        server = _RecordingServer(store=store, request=request, memory=memory, pause=None if fed else pause)
        part = {name: [values[row] for row in rows] for name, values in given.items()}
        for each, (answers, seen) in zip(chunk, server.served(part, [len(each) for each in chunk]), strict=True):
            known = seen.response is not None
            yield Served(
                rows=each,
                answers=answers,
                inputs=seen.read if known else None,
                given=_given(caller, seen.response, seen.types) if known else None,
            )


def _given(caller: Caller, response: Any, types: Any) -> Given:
    """What Feast hands to the transform for a request whose inputs were read."""
    answer = OnlineResponse(response, feature_types=types)
    if caller.registered.mode == "python":
        preprocessed, _ = caller.registered._preprocess_feature_dict(answer.to_dict())
        return preprocessed
    table, _ = caller.registered._preprocess_arrow_table(answer.to_arrow())
    return caller.given(table)


def requests_of(
    rows: pa.Table, wanted: np.ndarray[Any, Any], request_size: int, batch: int
) -> Iterator[list[Sequence[int]]]:
    """The requests that hold a wanted row, as a check makes them: by instant, in chunks of what is read at once."""
    instants, chosen = rows["as_of"].cast(pa.int64()).to_numpy(), set(wanted.tolist())
    for instant in np.unique(instants):
        at = np.flatnonzero(instants == instant)
        for start in range(0, len(at), batch):
            chunk = at[start : start + batch].tolist()
            parts = [chunk[first : first + request_size] for first in range(0, len(chunk), request_size)]
            kept: list[Sequence[int]] = [each for each in parts if chosen.intersection(each)]
            if kept:
                yield kept


class Computing:
    """A registry in which no on-demand view is stored: each is computed when it is asked for."""

    # Feast would else take the request for the one it has resolved with the stored views.
    cached_registry_proto_created = None

    def __init__(self, registry: Any) -> None:
        self._registry = registry

    def __getattr__(self, name: str) -> Any:
        return getattr(self._registry, name)

    def get_any_feature_view(self, *arguments: Any, **named: Any) -> Any:
        """The view, computed if it is an on-demand one."""
        return _computed(self._registry.get_any_feature_view(*arguments, **named))

    def get_on_demand_feature_view(self, *arguments: Any, **named: Any) -> Any:
        """The view, computed."""
        return _computed(self._registry.get_on_demand_feature_view(*arguments, **named))


def _computed(view: Any) -> Any:
    if not getattr(view, "write_to_online_store", False):
        return view
    computed = copy.deepcopy(view)
    computed.write_to_online_store = False
    return computed


class ComputingStore:
    """A FeatureStore whose on-demand views are computed, for asking what a stored one would be if it were not."""

    def __init__(self, store: Any) -> None:
        self.config, self.project = store.config, store.project
        self.registry = Computing(store.registry)
        self._store = store

    def _get_provider(self) -> Any:
        return self._store._get_provider()
