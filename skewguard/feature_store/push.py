"""Writes feature rows that a batch transform computed to Feast's stores, as materialization would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from feast import FeatureStore
from feast.errors import FeastObjectNotFoundException

from skewguard.definition.tags import Binding, read
from skewguard.errors import near
from skewguard.errors.definition import PushError
from skewguard.feature_store.declared import DeclaredTable, table_of


def pushed_view(store: FeatureStore, view: str) -> DeclaredTable:
    """The decorated view that is pushed to; its registered code must be the code that would run now."""
    if not isinstance(store, FeatureStore):
        step = 'Give FeatureStore("feature_repo"), with the folder of the repo.'
        raise PushError(view, f"the store, of type {type(store).__name__}, is no feast.FeatureStore.", next_step=step)
    try:
        found = store.get_feature_view(view)
    except FeastObjectNotFoundException:
        known = [each.name for each in store.list_feature_views()]
        raise PushError(view, "the registry has no such feature view.", next_step=near(view, known)) from None
    declared = read(found.tags)
    if declared is None or declared.binding is not Binding.BATCH:
        step = "Push to it with Feast's own store.push(...)."
        raise PushError(view, "it is not made by skewguard's feature_view(...).", next_step=step)
    table = table_of(view, found, declared, Path(store.repo_path or "."))
    if table.registered != table.transform.fingerprint:
        step = "Run `skewguard build`, `feast apply` and `feast materialize`, or push with the code that is registered."
        raise PushError(view, f"{declared.transform} has changed since it was registered.", next_step=step)
    return table


def write_online(store: FeatureStore, view: str, rows: pa.Table) -> None:
    """Upsert the rows. Not `write_to_online_store`: it drops rows whose every feature is null with a mere warning."""
    provider: Any = store._get_provider()
    provider.ingest_df(store.get_feature_view(view), as_frame(rows))


def write_offline(store: FeatureStore, view: str, rows: pa.Table) -> None:
    """Append the rows to the built table; the next build replaces it from the events."""
    store.write_to_offline_store(view, as_frame(rows))


def as_frame(rows: pa.Table) -> pd.DataFrame:
    """With nullable integers and booleans, which keep their type beside a null."""
    nullable = {pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return rows.to_pandas(types_mapper=nullable.get)
