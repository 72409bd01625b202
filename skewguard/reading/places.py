"""Where a source lies decides how it is opened: local files by DuckDB itself, the rest as an Arrow dataset."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from skewguard.errors.source import SourceError, SourceNotSupported
from skewguard.errors.spelling import option
from skewguard.model import SourceSpec
from skewguard.reading import delta, local, remote
from skewguard.reading.opened import Opened
from skewguard.sql import Connection


def open_source(connection: Connection, spec: SourceSpec, *, folder: Path) -> Opened:
    """The source as a relation of `connection`. Relative paths start at `folder`, the repo's.

    Nothing but schemas is read. Raises a SourceError where the place is missing, empty, unreadable or of a kind that
    is not supported; missing columns and wrong types are found when they are asked for.
    """
    scheme = urlsplit(spec.path).scheme.lower() if "://" in spec.path else ""
    if spec.file_format.lower() == "delta":
        return delta.open_delta(connection, spec, _local(spec, folder) if scheme in ("", "file") else spec.path)
    match scheme:
        case "" | "file":
            return local.open_local(connection, spec, Path(_local(spec, folder)))
        case "s3" | "s3a" | "gs" | "gcs":
            return remote.open_remote(connection, spec, scheme)
    raise SourceNotSupported(
        spec.name,
        spec.path,
        f"places of the kind {scheme}:// are not supported",
        f"Supported are local files, file://, s3:// and gs://; or leave its views out with {option('exclude')}.",
    )


def files_of(spec: SourceSpec, *, folder: Path) -> list[Path]:
    """The files on this machine that hold the source's rows, those of a Delta table's log too; none where it is not."""
    if "://" in spec.path and not spec.path.lower().startswith("file://"):
        return []
    path = Path(_local(spec, folder))
    try:
        if spec.file_format.lower() == "delta" or (path / "_delta_log").is_dir():
            return [each for each in path.rglob("*") if each.is_file()]
        return local.local_files(spec, path)
    except (SourceError, OSError):
        return []


def open_files(connection: Connection, spec: SourceSpec, files: list[Path], *, folder: Path) -> Opened:
    """As `open_source`, some of the files of a source that is a folder or a glob of them on this machine."""
    return local.open_files(connection, spec, Path(_local(spec, folder)), files)


def _local(spec: SourceSpec, folder: Path) -> str:
    path = unquote(urlsplit(spec.path).path) if spec.path.lower().startswith("file://") else spec.path
    return str(folder / Path(path).expanduser())
