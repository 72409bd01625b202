"""Object stores, s3:// and gs://, through pyarrow's filesystems: DuckDB's own need an extension that is downloaded."""

from __future__ import annotations

import fnmatch
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as fs

from skewguard.errors.source import SourceFilesDisagree, SourceMissing, SourceUnreadable, StoreNotReached
from skewguard.model import SourceSpec
from skewguard.reading.arrow import open_dataset
from skewguard.reading.opened import Opened
from skewguard.sql import Connection

PATIENCE_SECONDS = 20
# Google's client asks for credentials again and again until its time is over; whoever has none learns it soon.
FIRST_ANSWER_SECONDS = 3.0
UNREACHED = {
    "s3": ("NETWORK_CONNECTION", "timeout", "Timeout"),
    "gs": ("Retry policy exhausted", "OAuth2 access token", "Could not resolve", "Could not connect"),
}


def open_remote(connection: Connection, spec: SourceSpec, scheme: str) -> Opened:
    """The source at an s3:// or gs:// path: an object, a prefix or a glob. Credentials are the environment's."""
    family = "s3" if scheme.startswith("s3") else "gs"
    path = spec.path.split("://", 1)[1].rstrip("/")
    try:
        filesystem = _filesystem(spec, family)
        _must_answer(spec, family, path)
        files = _objects(filesystem, path)
        if not files:
            raise SourceMissing(spec.name, spec.path)
        csv = spec.file_format.lower() == "csv" or (not spec.file_format and files[0].lower().endswith(".csv"))
        dataset = _dataset(spec, filesystem, files, base=path, file_format="csv" if csv else "parquet")
    except (pa.ArrowException, OSError, ValueError) as error:
        if any(sign in str(error) for sign in UNREACHED[family]):
            raise StoreNotReached(spec.name, spec.path, _reason(error), scheme=family) from error
        raise SourceUnreadable(spec.name, spec.path, _reason(error), scheme=family) from error
    return open_dataset(connection, spec, dataset)


def _filesystem(spec: SourceSpec, family: str) -> Any:
    if family == "s3":
        options = {"endpoint_override": spec.s3_endpoint} if spec.s3_endpoint else {}
        return fs.S3FileSystem(connect_timeout=PATIENCE_SECONDS, request_timeout=PATIENCE_SECONDS, **options)
    return fs.GcsFileSystem(retry_time_limit=timedelta(seconds=PATIENCE_SECONDS))


def _must_answer(spec: SourceSpec, family: str, path: str) -> None:
    """Ask once, impatiently; what else may be wrong is found by the questions that follow."""
    if family != "gs":
        return
    try:
        fs.GcsFileSystem(retry_time_limit=timedelta(seconds=FIRST_ANSWER_SECONDS)).get_file_info(path)
    except OSError as error:
        if any(sign in str(error) for sign in UNREACHED[family]):
            raise StoreNotReached(spec.name, spec.path, _reason(error), scheme=family) from error


def _reason(error: Exception) -> str:
    """What a client says, without what it says to its own programmers."""
    said = " ".join(str(error).partition(" error_info=")[0].split())
    said = said.removeprefix("google::cloud::Status(").rpartition("with a last message of ")[2]
    problem = said.rpartition("The underlying error message was: ")[2].replace("PerformWork() - ", "")
    return f"there are no credentials for it ({problem})" if "OAuth2 access token" in said else problem


def _objects(filesystem: Any, path: str) -> list[str]:
    """The objects that `path` names, sorted. A pattern is matched within the prefix before its first wildcard."""
    found = filesystem.get_file_info(path)
    if found.type == fs.FileType.File:
        return [path]
    fixed = path
    if found.type == fs.FileType.NotFound:
        first = min((path.find(sign) for sign in "*?[" if sign in path), default=-1)
        if first < 0:
            return []
        fixed = path[:first].rpartition("/")[0]
    inside = filesystem.get_file_info(fs.FileSelector(fixed, recursive=True, allow_not_found=True))
    files = sorted(each.path for each in inside if each.type == fs.FileType.File and each.size)
    if fixed != path:
        return [file for file in files if fnmatch.fnmatchcase(file, path)]
    shown = [file for file in files if not any(part[:1] in "._" for part in file[len(path) :].strip("/").split("/"))]
    return [file for file in shown if file.lower().endswith((".parquet", ".parq", ".pq"))] or shown


def _dataset(spec: SourceSpec, filesystem: Any, files: list[str], *, base: str, file_format: str) -> Any:
    options: dict[str, Any] = {"filesystem": filesystem, "format": file_format}
    if any("=" in part for file in files for part in file[len(base) :].split("/")[:-1]):
        options |= {"partitioning": "hive", "partition_base_dir": base}
    dataset = ds.dataset(files, **options)
    if len(files) == 1:
        return dataset
    try:
        schemas = [dataset.schema, *(fragment.physical_schema for fragment in dataset.get_fragments())]
        return dataset.replace_schema(pa.unify_schemas(schemas, promote_options="permissive"))
    except pa.ArrowTypeError as error:
        raise SourceFilesDisagree(spec.name, spec.path, str(error)) from error
