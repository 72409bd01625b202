"""An Arrow dataset as a source: DuckDB asks it for the needed columns and rows only."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from skewguard.model import SourceSpec
from skewguard.reading.opened import Opened
from skewguard.sql import Connection


def open_dataset(connection: Connection, spec: SourceSpec, dataset: Any) -> Opened:
    """The relation over a pyarrow dataset. Column names that differ in case alone are told apart by position."""
    relation = connection.from_arrow(dataset)
    schema: pa.Schema = dataset.schema
    return Opened(
        spec=spec,
        relation=relation,
        schema=schema,
        names=dict(zip(schema.names, relation.columns, strict=True)),
    )
