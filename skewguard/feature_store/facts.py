"""What only Feast and its stores can tell of a view whose values differ: rows, keys, conversions, times of change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from skewguard.feature_store.decode import decode
from skewguard.feature_store.load import Repo
from skewguard.feature_store.naming import join_key_names
from skewguard.feature_store.quiet import quiet
from skewguard.model import Side, ViewSpec, held

KeyTypes = Mapping[str, Any]  # Feast's ValueType of each key, by column
BATCH = 500
# Other encodings are asked of a few rows first, and of the rest only where one of these is found: each is a read of
# the deployed store, and of one whose keys are known to be encoded so.
PROBED_FIRST = 200
PROBED_STORES = ("SqliteOnlineStore", "RedisOnlineStore")
SERIALIZATIONS = (3, 2)
ONE_BY_ONE = 1000


def holds_rows(store: Any, repo: Repo, view: ViewSpec, online: Side) -> bool | None:
    """Whether the online store holds any row of the view; None where none was met and the store cannot be asked."""
    if pc.any(online.table["returned"]).as_py():
        return True
    service = store._get_provider().online_store
    if type(service).__name__ != "SqliteOnlineStore":
        return None
    from feast.infra.online_stores.sqlite import _quote_id, _table_id

    versioned = store.config.registry.enable_online_feature_view_versioning
    table = _table_id(store.config.project, repo.gathered.views[view.base_name], versioned)
    found = service._get_conn(store.config).execute(f"select 1 from {_quote_id(table)} limit 1").fetchone()
    return found is not None


def keeps_newest(store: Any) -> bool:
    """Whether the online store ignores a write that is not newer than what it holds."""
    service = store._get_provider().online_store
    return type(service).__name__ == "RedisOnlineStore" and not getattr(store.config.online_store, "skip_dedup", False)


def key_ttl(store: Any) -> timedelta | None:
    """After which time the online store lets a key expire; None where it keeps keys."""
    seconds = getattr(store.config.online_store, "key_ttl_seconds", None)
    return timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else None


def keeps_utc(store: Any) -> bool:
    """Whether the online store is known to tell event times that hang on no process's time zone."""
    return type(store._get_provider().online_store).__name__ == "RedisOnlineStore"


def applied_at(repo: Repo, view: ViewSpec) -> datetime | None:
    """The view's last update in the registry: by an apply or a materialization."""
    moment: datetime | None = getattr(repo.gathered.views[view.base_name], "last_updated_timestamp", None)
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def joined_by(store: Any, repo: Repo, view: ViewSpec) -> tuple[str, ...] | None:
    """The join keys, by column, that the offline store goes by; None where it goes by all of the view's.

    Feast's duckdb store joins by the keys that a join-key map names, and by no other.
    """
    asked = repo.asking.asked.get(view.name)
    if asked is None or not asked.join_key_map or store.config.offline_store.type != "duckdb":
        return None
    named = {column for column, _ in asked.join_key_map}
    known = tuple(key.column for key in view.join_keys if key.column in named)
    return known if 0 < len(known) < len(view.join_keys) else None


def unwritten(store: Any, repo: Repo, view: ViewSpec, rows: pa.Table, positions: Sequence[int]) -> dict[int, set[int]]:
    """By position, the row ids of which the store holds no such feature, null or not, though it holds the row."""
    found: dict[int, set[int]] = {position: set() for position in positions}
    names = [view.features[position].name for position in positions]
    feast_view, row_ids = repo.gathered.views[view.base_name], rows["row_id"].to_pylist()
    if not names or not view.join_keys:
        return found
    with quiet():
        keys = list(entity_keys(feast_view, view, rows))
        for start in range(0, len(keys), BATCH):
            written = _written(store, feast_view, keys[start : start + BATCH], names)
            for row_id, there in zip(row_ids[start : start + BATCH], written, strict=True):
                for position, name in zip(positions, names, strict=True):
                    if there and name not in there:
                        found[position].add(row_id)
    return found


def _written(store: Any, feast_view: Any, keys: list[Any], names: list[str]) -> Iterator[set[str]]:
    """For each key the features that were ever written; empty where the row, or the answer, is not known."""
    service = store._get_provider().online_store
    match type(service).__name__:
        case "SqliteOnlineStore":
            for _, values in service.online_read(store.config, feast_view, keys, list(names)):
                yield set(values or ())
        case "RedisOnlineStore":
            from feast.infra.online_stores.redis import _versioned_fv_name

            fields, hashed = service._generate_hset_keys_for_features(
                feast_view, list(names), fv_name_override=_versioned_fv_name(feast_view, store.config)
            )
            places = service._generate_redis_keys_for_entities(store.config, keys)
            for values in service._read_hash_fields(store.config, [(place, hashed) for place in places]):
                yield {field for field, value in zip(fields, values, strict=True) if value is not None}
        case _:
            yield from (set() for _ in keys)


def otherwise_keyed(store: Any, repo: Repo, view: ViewSpec, rows: pa.Table) -> frozenset[int]:
    """Which of the rows the store holds under keys encoded as other versions of Feast or other key types do it."""
    feast_view = repo.gathered.views[view.base_name]
    known = type(store._get_provider().online_store).__name__ in PROBED_STORES
    if not (known and view.join_keys and rows.num_rows):
        return frozenset()
    found: set[int] = set()
    with quiet():
        for version, types in _encodings(store, feast_view):
            for part in (rows.slice(0, PROBED_FIRST), rows.slice(PROBED_FIRST)):
                there = _held(store, feast_view, view, part, version, types) if part.num_rows else []
                found.update(there)
                if not there:
                    break
    return frozenset(found)


def _encodings(store: Any, feast_view: Any) -> Iterator[tuple[int, KeyTypes]]:
    """Versions of the key format and types of the keys, but for those in force: of one key at a time, then of all."""
    from feast import ValueType

    present = store.config.entity_key_serialization_version
    declared = {column.name: column.dtype.to_value_type() for column in feast_view.entity_columns}
    types = (ValueType.INT64, ValueType.INT32, ValueType.STRING)
    typed = [declared]
    typed += [{**declared, name: each} for name in declared for each in types]
    typed += [dict.fromkeys(declared, each) for each in types]
    for version in SERIALIZATIONS:
        for at, each in enumerate(typed):
            if (version, each) != (present, declared) and each not in typed[:at]:
                yield version, each


def _held(store: Any, feast_view: Any, view: ViewSpec, rows: pa.Table, version: int, types: KeyTypes) -> list[int]:
    config = store.config.model_copy(update={"entity_key_serialization_version": version})
    service, names = store._get_provider().online_store, [feast_view.features[0].name]
    row_ids, there = rows["row_id"].to_pylist(), []
    try:
        keys = list(entity_keys(feast_view, view, rows, types))
    except (TypeError, ValueError, OverflowError):  # these keys cannot be of that type
        return []
    for start in range(0, len(keys), BATCH):
        answers = service.online_read(config, feast_view, keys[start : start + BATCH], list(names))
        for row_id, (moment, _) in zip(row_ids[start : start + BATCH], answers, strict=True):
            # Redis answers for keys that it does not hold too, at no time.
            if moment is not None and moment.timestamp() != 0:
                there.append(row_id)
    return there


def entity_keys(feast_view: Any, view: ViewSpec, rows: pa.Table, types: KeyTypes | None = None) -> Iterator[Any]:
    """Feast's key of each row, by column in the declared types or in `types`."""
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.type_map import python_values_to_proto_values

    declared = {column.name: column.dtype.to_value_type() for column in feast_view.entity_columns}
    changed = {column: each for column, each in (types or {}).items() if each != declared[column]}
    names = [key.column for key in view.join_keys]
    columns = [
        python_values_to_proto_values(
            _typed(rows[held(name)].to_pylist(), changed.get(column)), changed.get(column, declared[column])
        )
        for name, column in zip(join_key_names(view), names, strict=True)
    ]
    for values in zip(*columns, strict=True):
        yield EntityKey(join_keys=names, entity_values=values)


def _typed(values: list[Any], value_type: Any) -> list[Any]:
    from feast import ValueType

    match value_type:
        case ValueType.STRING:
            return [str(each) for each in values]
        case ValueType.INT32 | ValueType.INT64:
            return [int(each) for each in values]
    return values


def converted(repo: Repo, view: ViewSpec, position: int, values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """What Feast's conversion to the declared dtype makes of values: as they are, and of integers also as floats.

    A null anywhere in a batch makes floats of its integers before they are converted.
    """
    feature = view.features[position].name
    declared = next(each for each in repo.gathered.views[view.base_name].features if each.name == feature)
    value_type = declared.dtype.to_value_type()
    with quiet():
        plain = _as_declared(values, value_type)
        if not pa.types.is_integer(values.type):
            return plain, pa.nulls(len(values), plain.type)
        return plain, _as_declared(values.cast(pa.float64(), safe=False), value_type)


def _as_declared(values: pa.Array, value_type: Any) -> pa.Array:
    from feast.protos.feast.types.Value_pb2 import Value
    from feast.type_map import python_values_to_proto_values

    cells = values.to_numpy(zero_copy_only=False)
    try:
        return decode(python_values_to_proto_values(cells, value_type))
    except Exception:  # one value that Feast cannot convert: the others may still be asked about, one by one
        singles = []
    for cell in islice(range(len(cells)), ONE_BY_ONE):
        try:
            singles += python_values_to_proto_values(cells[cell : cell + 1], value_type)
        except Exception:
            singles.append(Value())
    return decode([*singles, *(Value() for _ in range(len(cells) - len(singles)))])
