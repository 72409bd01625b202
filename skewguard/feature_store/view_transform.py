"""Runs a batch or stream view's own transform on its source rows, as Feast's materialization does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from skewguard.feature_store.exits import exits_as_errors
from skewguard.model import SourceSpec


def transform_slice(udf: Callable[[Any], Any], source: SourceSpec, slice_path: Path, out: Path) -> SourceSpec:
    """Write the rows that the view's UDF makes of the slice to `out`; returns how to read them.

    Feast's local engine hands the UDF all source columns under their mapped names as one pandas frame, whatever the
    view's mode says (`infra/compute_engines/local/nodes.py`), so the same is done here. Whatever the UDF raises, rises.
    """
    table = pq.read_table(slice_path)
    renamed = table.rename_columns([source.field_mapping.get(name, name) for name in table.column_names])
    with exits_as_errors():
        made = udf(renamed.to_pandas())
    written = made if isinstance(made, pa.Table) else pa.Table.from_pandas(made, preserve_index=False)
    pq.write_table(written, out, coerce_timestamps="us", allow_truncated_timestamps=True)
    return replace(source, path=str(out), file_format="parquet", field_mapping={})
