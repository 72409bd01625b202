"""When the files of a source were written, and which rows lie in files that were not written since an instant."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.errors.base import SkewguardError
from skewguard.model import ViewSpec
from skewguard.pipeline.bench import Bench

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.causes.case import StoredCase


def source_modified_at(bench: Bench, view: ViewSpec) -> datetime | None:
    """When the newest of the source's files was written; None where they do not lie on this machine."""
    from skewguard.reading import files_of

    if view.source is None:
        return None
    return max(map(_written_at, files_of(view.source, folder=bench.repo.folder)), default=None)


def of_written_files(bench: Bench, case: StoredCase, found: pa.Table) -> pa.Table:
    """`found` (of NAMED) but for cells whose source row lies in a file that was not written since the registry changed.

    A folder to which a file is added every day was written, and none of its older rows with it.
    """
    from skewguard.causes.untouched import rows_in
    from skewguard.reading import files_of, open_files

    source, applied_at = case.view.source, case.facts.applied_at
    if not len(found) or source is None or applied_at is None:
        return found
    with suppress(SkewguardError):  # files that cannot be read once more: nothing is known of them
        files = files_of(source, folder=bench.repo.folder)
        older = [each for each in files if _written_at(each) <= applied_at]
        if not older or len(older) == len(files) or source.file_format.lower() == "delta":
            return found
        opened = open_files(bench.connection, source, older, folder=bench.repo.folder)
        there = rows_in(bench.connection, case, opened, found["row_id"].unique())
        return found.join(there, keys="row_id", join_type="left anti").select(found.column_names)
    return found


def _written_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
