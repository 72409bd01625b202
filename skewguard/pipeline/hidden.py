"""Says what the slices of a check hide: sources that skewguard reads and Feast's own stores would not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from skewguard.model import ViewSpec

if TYPE_CHECKING:
    from skewguard.reading import Opened

CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz")


def hidden_by_slices(view: ViewSpec, opened: Opened, offline_kind: str) -> Iterator[str]:
    """Notes on why training from the source itself, and materializing it, fail where the check did not.

    Each is held to Feast itself by a test. Nothing is said of a source that Feast's own store has read.
    """
    from skewguard.feature_store.pull import is_pulled

    if is_pulled(view):
        return
    spec = opened.spec
    if not spec.file_format and spec.path.lower().endswith(CSV):
        yield (
            f"the source {spec.name!r} is CSV, which Feast's own stores cannot read: training from it, and a real "
            "`feast materialize`, fail; the check read it all the same"
        )
    elif offline_kind == "duckdb" and not spec.file_format and not spec.path.endswith(".parquet"):
        yield (
            f"the source {spec.name!r} names no file_format, and its path does not end in .parquet: Feast's duckdb "
            "offline store cannot read it, though the check did; name the file_format where the source is defined"
        )
    elif offline_kind == "duckdb" and (zoned := _zoned_nanoseconds(opened)):
        yield (
            f"{', '.join(map(repr, zoned))} of the source {spec.name!r} has nanoseconds and a time zone: a real `feast "
            "materialize` with the duckdb offline store fails on it, though the check, in microseconds, did not"
        )
    lost = [name for name in _needed(view, opened) if name in _index(opened)]
    if offline_kind == "dask" and lost:
        yield (
            f"{', '.join(map(repr, lost))} of the source {spec.name!r} was written as a pandas index, where "
            "Feast's default (dask) offline store does not find it, though the check did: write it with reset_index()"
        )


def _zoned_nanoseconds(opened: Opened) -> list[str]:
    """The event and created times that Feast's duckdb store cannot cast (FEAST.md 1.1)."""
    import pyarrow as pa

    times = (opened.spec.timestamp_column, opened.spec.created_column)
    types = {name: opened.schema.field(name).type for name in times if name and name in opened.schema.names}
    return [name for name, kind in types.items() if pa.types.is_timestamp(kind) and kind.unit == "ns" and kind.tz]


def _needed(view: ViewSpec, opened: Opened) -> list[str]:
    from skewguard.slice.write import needed_columns

    return needed_columns(opened, view)


def _index(opened: Opened) -> set[str]:
    """The columns that pandas wrote as an index."""
    written = opened.schema.pandas_metadata or {}
    return {name for name in written.get("index_columns", ()) if isinstance(name, str)}
