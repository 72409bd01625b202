"""The event tables of a batch transform, from Feast's sources to what `build` and `check` read without Feast."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from feast import FileSource
from feast.data_format import DeltaFormat, ParquetFormat
from feast.data_source import DataSource
from feast.type_map import pa_to_feast_value_type
from feast.types import FeastType, from_value_type

from skewguard.definition import BatchTransform
from skewguard.errors import near
from skewguard.errors.definition import BindingError
from skewguard.model import SourceSpec


def event_sources(
    batch: BatchTransform, source: DataSource | Mapping[str, DataSource], view: str
) -> dict[str, SourceSpec]:
    """Parameter to event table, in the order of the function's parameters."""
    given: Mapping[str, Any] = source if isinstance(source, Mapping) else _single(batch, source, view)
    unknown = sorted(set(given) - set(batch.parameters))
    if unknown:
        raise BindingError(view, f"{batch.path} takes no {unknown[0]!r}.", known=near(unknown[0], batch.parameters))
    missing = [name for name in batch.parameters if name not in given]
    if missing:
        step = f"Give source={{{missing[0]!r}: FileSource(...), ...}}."
        raise BindingError(view, f"{batch.path} takes {', '.join(missing)} too.", next_step=step)
    return {name: _spec(given[name], name, view) for name in batch.parameters}


def _single(batch: BatchTransform, source: DataSource, view: str) -> dict[str, DataSource]:
    if len(batch.parameters) > 1:
        step = "Give source={" + ", ".join(f"{name!r}: ..." for name in batch.parameters) + "}."
        raise BindingError(view, f"{batch.path} takes {len(batch.parameters)} event tables.", next_step=step)
    return {batch.parameters[0]: source}


def _spec(source: Any, parameter: str, view: str) -> SourceSpec:
    batch_source = getattr(source, "batch_source", None) or source  # a PushSource stands for its batch source
    if not isinstance(batch_source, FileSource):
        what = f"the events of {parameter!r} are a {type(batch_source).__name__}."
        raise BindingError(view, what, next_step="Give a FileSource; export other tables to Parquet first.")
    return SourceSpec(
        name=batch_source.name or parameter,
        path=str(batch_source.path),
        file_format=_format(batch_source),
        timestamp_column=batch_source.timestamp_field or "",
        created_column=batch_source.created_timestamp_column or None,
        field_mapping=dict(batch_source.field_mapping or {}),
        s3_endpoint=batch_source.s3_endpoint_override or None,
    )


def stored_dtype(spec: SourceSpec, column: str, folder: Path) -> FeastType | None:
    """Feast's dtype of a column as a local Parquet file stores it; None where no such file can tell.

    Only a file's footer is read: a repo's Python is imported often.
    """
    path = folder / spec.path.removeprefix("file://")
    try:
        file = next(iter(sorted(path.rglob("*.parquet")))) if path.is_dir() else path
        return from_value_type(pa_to_feast_value_type(str(pq.read_schema(file).field(spec.column_of(column)).type)))
    except (OSError, StopIteration, KeyError, ValueError, pa.ArrowException):
        return None


def _format(source: FileSource) -> str:
    match source.file_format:
        case ParquetFormat():
            return "parquet"
        case DeltaFormat():
            return "delta"
        case _:
            return ""
