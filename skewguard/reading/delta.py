"""Delta tables, through the optional package `deltalake`: which files are current is written in the table's log."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from skewguard.errors.source import SourceMissing, SourceNotSupported, SourceUnreadable
from skewguard.model import SourceSpec
from skewguard.reading.arrow import open_dataset
from skewguard.reading.opened import Opened
from skewguard.sql import Connection


def open_delta(connection: Connection, spec: SourceSpec, place: str) -> Opened:
    """The newest version of the Delta table at `place`, a folder or a URL."""
    try:
        deltalake = import_module("deltalake")
    except ImportError:
        raise SourceNotSupported(
            spec.name,
            spec.path,
            "it is a Delta table, and the package deltalake is not installed",
            "Install it: pip install 'skewguard[delta]'.",
        ) from None
    if "://" not in place and not os.path.lexists(place):
        raise SourceMissing(spec.name, place, beside=_beside(Path(place)))
    options = {"AWS_ENDPOINT_URL": spec.s3_endpoint, "AWS_ALLOW_HTTP": "true"} if spec.s3_endpoint else None
    try:
        dataset = deltalake.DeltaTable(place, storage_options=options).to_pyarrow_dataset()
    except Exception as error:  # deltalake's own tree, and OSError from the object store
        raise SourceUnreadable(spec.name, spec.path, str(error)) from error
    return open_dataset(connection, spec, dataset)


def _beside(path: Path) -> list[str]:
    return [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
