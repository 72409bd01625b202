"""Finds values that an online store holds in the type that their feature had before its dtype was changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from skewguard.feature_store.facts import BATCH, entity_keys
from skewguard.feature_store.load import Repo
from skewguard.feature_store.quiet import quiet
from skewguard.model import ViewSpec


def retyped(
    store: Any, repo: Repo, view: ViewSpec, position: int, rows: pa.Table, values: pa.ChunkedArray
) -> Iterator[tuple[int, str, str]]:
    """Row id, stored and declared type of the rows whose stored value is their source value in another type.

    Feast never converts what it stored: a String that was declared Int64 later is served as text (FEAST.md 1.3).
    """
    from feast.type_map import PROTO_VALUE_TO_VALUE_TYPE_MAP

    feast_view, name = repo.gathered.views[view.base_name], view.features[position].name
    declared = next(each for each in feast_view.features if each.name == name).dtype.to_value_type()
    if not view.join_keys or not rows.num_rows:
        return
    with quiet():
        keys = list(entity_keys(feast_view, view, rows))
        stored = list(_stored(store, feast_view, keys, name))
    for row_id, found, value in zip(rows["row_id"].to_pylist(), stored, values.to_pylist(), strict=True):
        kind = None if found is None else found.WhichOneof("val")
        held = PROTO_VALUE_TO_VALUE_TYPE_MAP.get(kind) if kind else None
        if held is None or value is None or held == declared or _kind_of(value, declared) in (None, kind):
            continue
        if _converted(value, held) == found:
            yield row_id, held.name, declared.name


def _stored(store: Any, feast_view: Any, keys: list[Any], name: str) -> Iterator[Any]:
    service = store._get_provider().online_store
    for start in range(0, len(keys), BATCH):
        for _, values in service.online_read(store.config, feast_view, keys[start : start + BATCH], [name]):
            yield (values or {}).get(name)


def _kind_of(value: Any, declared: Any) -> str | None:
    made = _converted(value, declared)
    return None if made is None else made.WhichOneof("val")


def _converted(value: Any, value_type: Any) -> Any:
    """As Feast stores it; None where it cannot be of that type."""
    from feast.type_map import python_values_to_proto_values

    try:
        return python_values_to_proto_values([value], value_type)[0]
    except Exception:  # Feast's own, of many kinds
        return None
