"""Lists the keys of a deployed online store, only where that was asked for, and without writing there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from skewguard.errors.base import SkewguardError
from skewguard.errors.store import ScanRefused
from skewguard.feature_store.applying import Applied
from skewguard.feature_store.decode import decode
from skewguard.feature_store.live import open_serving, telling_apart
from skewguard.feature_store.load import Repo
from skewguard.feature_store.naming import join_key_names
from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.registry import shortened
from skewguard.model import ViewSpec

if TYPE_CHECKING:
    from feast import FeatureStore

SCANNED = ("SqliteOnlineStore", "RedisOnlineStore")
# Keys of an older format say neither where a name ends nor how many there are: Feast cannot take them apart either.
READABLE_SERIALIZATION = 3
GLOB_SIGNS = frozenset(b"*?[]\\")
Pause = Callable[[int], None] | None


@dataclass(frozen=True, kw_only=True)
class OnlineKeys:
    """What the online store holds of one view: its keys under the names of requests.

    `strange` counts keys that no request for the view finds: of other names or types than its entities have now.
    """

    keys: pa.Table
    strange: int


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """Lists keys of the online store that the yaml configures, `batch` at a time; `pause` comes before each request."""

    store: FeatureStore
    repo: Repo
    batch: int
    pause: Pause

    def keys(self, view: ViewSpec) -> OnlineKeys:
        """The keys of one view, each once. Errors: StoreUnreachable."""
        feast_view = self.repo.gathered.views[view.base_name]
        service = self.store._get_provider().online_store
        listed = _sqlite_keys if type(service).__name__ == "SqliteOnlineStore" else _redis_keys
        columns, strange = _declared(feast_view, view), 0
        found: list[list[Any]] = []
        with quiet(), _refusing(self.store), telling_apart(self.store):
            for raw in listed(service, self.store.config, feast_view, self.batch, self.pause):
                values = _values(raw, columns)
                if values is None:
                    strange += 1
                else:
                    found.append(values)
        arrays = [decode([row[at] for row in found]) for at in range(len(columns))]
        return OnlineKeys(keys=pa.table(arrays, names=join_key_names(view)), strange=strange)


@contextmanager
def scanning(repo: Repo, folder: Path, *, timeout: float, batch: int, pause: Pause) -> Iterator[Scanner]:
    """Opens the online store to list its keys. Errors: ScanRefused, and those of opening it."""
    folder.mkdir(parents=True)
    with quiet():
        store, _ = open_serving(repo, folder, Applied(), timeout=timeout)
        service = store._get_provider().online_store
        _refuse_others(store, type(service).__name__)
    try:
        yield Scanner(store=store, repo=repo, batch=batch, pause=pause)
    finally:
        connection = getattr(service, "_conn", None)
        if connection is not None:
            connection.close()


@contextmanager
def _refusing(store: FeatureStore) -> Iterator[None]:
    """A server may forbid its keys to be listed."""
    try:
        yield
    except SkewguardError:
        raise
    except Exception as error:
        settings: Any = store.config.online_store
        raise ScanRefused(str(settings.type), f"{type(error).__name__}: {shortened(error)}") from error


def _refuse_others(store: FeatureStore, kind: str) -> None:
    settings: Any = store.config.online_store
    if kind not in SCANNED:
        raise ScanRefused(str(settings.type), "skewguard lists the keys of SQLite and Redis stores only")
    version = store.config.entity_key_serialization_version
    if version < READABLE_SERIALIZATION:
        raise ScanRefused(
            str(settings.type), f"keys of entity_key_serialization_version {version} cannot be taken apart again"
        )


def _sqlite_keys(service: Any, config: Any, feast_view: Any, batch: int, pause: Pause) -> Iterator[bytes]:
    """By the index on the keys, page by page: the store is never locked for long."""
    from feast.infra.online_stores.sqlite import _quote_id, _table_id

    table = _quote_id(_table_id(config.project, feast_view, config.registry.enable_online_feature_view_versioning))
    question = f"select distinct entity_key from {table} where entity_key > ? order by entity_key limit ?"
    last = b""
    while True:
        if pause is not None:
            pause(batch)
        with closing(service._get_conn(config).execute(question, (last, batch))) as cursor:
            page = [bytes(key) for (key,) in cursor]
        yield from page
        if len(page) < batch:
            return
        last = page[-1]


def _redis_keys(service: Any, config: Any, feast_view: Any, batch: int, pause: Pause) -> Iterator[bytes]:
    """By SCAN, which blocks nobody and may name a key twice; of the hashes found, those with a row of this view.

    The keys of a cluster lie on several servers: each is asked for its own.
    """
    from feast.infra.key_encoding_utils import serialize_entity_key_prefix
    from feast.infra.online_stores.redis import _versioned_fv_name

    client = service._get_client(config.online_store)
    prefix = serialize_entity_key_prefix(feast_view.join_keys, config.entity_key_serialization_version)
    project = config.project.encode("utf-8")
    pattern = _literally(prefix) + b"*" + _literally(project)
    row_of_view = f"_ts:{_versioned_fv_name(feast_view, config)}"
    seen: set[bytes] = set()
    for server in _servers(client):
        for page in _pages(server, pattern, batch, pause):
            fresh = [key for key in dict.fromkeys(page) if key not in seen]
            seen.update(fresh)
            if fresh:
                yield from (key[: -len(project)] for key in _holding(server, fresh, row_of_view, pause))


def _servers(client: Any) -> list[Any]:
    """The client itself, or one for each server of a cluster that holds keys."""
    if not hasattr(client, "get_primaries"):
        return [client]
    return [client.get_redis_connection(each) for each in client.get_primaries()]


def _pages(server: Any, pattern: bytes, batch: int, pause: Pause) -> Iterator[list[bytes]]:
    cursor: int | None = None
    while cursor != 0:
        if pause is not None:
            pause(batch)
        cursor, page = server.scan(cursor or 0, match=pattern, count=batch)
        yield page


def _holding(client: Any, keys: list[bytes], row_of_view: str, pause: Pause) -> Iterator[bytes]:
    if pause is not None:
        pause(len(keys))
    with client.pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.hexists(key, row_of_view)
        there = pipe.execute()
    return (key for key, holds in zip(keys, there, strict=True) if holds)


def _literally(text: bytes) -> bytes:
    """`text` in a pattern of Redis's that matches it alone: a length of 42 bytes is written as *."""
    return b"".join(b"\\" + bytes([each]) if each in GLOB_SIGNS else bytes([each]) for each in text)


def _declared(feast_view: Any, view: ViewSpec) -> Mapping[str, str]:
    """The join keys inside the view, each with the protobuf field that a request's value of its type is in."""
    fields = {each.name: f"{each.dtype.to_value_type().name.lower()}_val" for each in feast_view.entity_columns}
    return {key.column: fields[key.column] for key in view.join_keys}


def _values(raw: bytes, columns: Mapping[str, str]) -> list[Any] | None:
    """The protobuf values of a stored key in the order of `columns`; None where no request asks for such a key.

    Written again it must be the same bytes: what follows a shorter project's name in Redis is a part of a longer one.
    """
    from feast.infra.key_encoding_utils import deserialize_entity_key, serialize_entity_key

    try:
        key = deserialize_entity_key(raw)
        same = serialize_entity_key(key) == raw
    except Exception:  # whatever Feast raises on bytes that are no key of its own: ValueError, struct.error, Unicode's
        return None
    values = dict(zip(key.join_keys, key.entity_values, strict=False))
    if not same or len(key.join_keys) != len(key.entity_values) or _kinds(values) != columns:
        return None
    return [values[name] for name in columns]


def _kinds(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: value.WhichOneof("val") for name, value in values.items()}
