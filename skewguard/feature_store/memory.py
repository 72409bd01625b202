"""An online store that answers from memory what the real one answered before: for serving one row at a time.

All of Feast's serving code runs unchanged on top of it (`OnlineStore.get_online_features` is what every request goes
through); only `online_read`, the round trip, is spared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feast import utils
from feast.infra.online_stores.online_store import OnlineStore

Address = tuple[str, bytes]
Row = tuple[Any, Any]  # event timestamp or None, and {feature name: protobuf value} or None


class MemoryStore(OnlineStore):  # type: ignore[misc]  # Feast is untyped here
    """Rows of the real store, by view and entity key."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._rows: dict[Address, Row] = {}

    @property
    def rows(self) -> Mapping[Address, Row]:
        """What is remembered."""
        return self._rows

    def remember(self, store: Any, request: Any, entity_rows: Mapping[str, Sequence[Any]]) -> list[bool]:
        """Reads every view that the request needs, for many rows at once; for each row, whether any view has data.

        A stored on-demand view counts as data: it is read, and no transform runs. This is what Feast does for a
        request up to the point where on-demand transforms run.
        """
        keys, tables, join_key_map, *_ = utils._prepare_entities_to_read_from_online_store(
            registry=store.registry,
            project=store.project,
            features=request,
            entity_values=entity_rows,
            full_feature_names=False,
            native_entity_values=True,
        )
        size = len(next(iter(entity_rows.values())))
        found = [not tables] * size
        for table, features in tables:
            unique, indexes, _ = utils._get_unique_entities(table, keys, join_key_map)
            entity_keys = utils._get_entity_key_protos(unique)
            answers = self._read(store.config, table, entity_keys, features)
            for answer, positions in zip(answers, indexes, strict=True):
                has_data = getattr(table, "write_to_online_store", False) or _has_data(answer)
                for position in positions:
                    found[position] = found[position] or has_data
        return found

    def online_read(
        self, config: Any, table: Any, entity_keys: list[Any], requested_features: list[str] | None = None
    ) -> list[Row]:
        """What the real store answered before; what it was not asked before, it is asked now."""
        addresses = [address(table, entity_key) for entity_key in entity_keys]
        unread = [key for key, address in zip(entity_keys, addresses, strict=True) if address not in self._rows]
        if unread:
            self._read(config, table, unread, requested_features)
        return [self._rows[address] for address in addresses]

    def _read(self, config: Any, table: Any, entity_keys: list[Any], features: list[str] | None) -> list[Row]:
        # The store gets a list of its own: Redis adds to it.
        wanted = None if features is None else list(features)
        answers: list[Row] = self._real.online_read(
            config=config, table=table, entity_keys=entity_keys, requested_features=wanted
        )
        for entity_key, answer in zip(entity_keys, answers, strict=True):
            self._rows[address(table, entity_key)] = answer
        return answers

    def online_write_batch(self, config: Any, table: Any, data: Any, progress: Any) -> None:
        """Not for this store: a check only reads."""
        raise NotImplementedError("a store for reading")

    def update(
        self,
        config: Any,
        tables_to_delete: Any,
        tables_to_keep: Any,
        entities_to_delete: Any,
        entities_to_keep: Any,
        partial: bool,
    ) -> None:
        """Not for this store: a check only reads."""
        raise NotImplementedError("a store for reading")

    def teardown(self, config: Any, tables: Any, entities: Any) -> None:
        """Nothing to take down."""


class Earlier:
    """What a store answered at an earlier time, and for what it was not asked then, the store as it is now."""

    def __init__(self, real: Any, held: Mapping[Address, Row]) -> None:
        self._real, self._held = real, held

    def online_read(
        self, *, config: Any, table: Any, entity_keys: list[Any], requested_features: list[str] | None
    ) -> list[Row]:
        """As the store's own."""
        addresses = [address(table, each) for each in entity_keys]
        unread = [key for key, place in zip(entity_keys, addresses, strict=True) if place not in self._held]
        answers = iter(
            self._real.online_read(
                config=config, table=table, entity_keys=unread, requested_features=requested_features
            ) if unread else ()
        )  # fmt: skip
        return [self._held[place] if place in self._held else next(answers) for place in addresses]


def overrides_serving(online_store: Any) -> bool:
    """Whether a store serves in its own way (a remote feature server): then only it can answer a request."""
    return type(online_store).get_online_features is not OnlineStore.get_online_features


def address(table: Any, entity_key: Any) -> Address:
    """Where a row is kept: by view, as it is asked for, and entity key."""
    return table.projection.name_to_use(), entity_key.SerializeToString(deterministic=True)


def _has_data(answer: Row) -> bool:
    """Whether the store holds a row, be it of nulls. Redis answers for a missing one with nulls of the year 1970."""
    event_timestamp, features = answer
    if not features:
        return False
    dated = event_timestamp is not None and event_timestamp.timestamp() != 0
    return dated or any(value.WhichOneof("val") is not None for value in features.values())
