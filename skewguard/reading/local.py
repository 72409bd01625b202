"""Local files: Parquet files, folders and globs of them, and CSV, read by DuckDB itself."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from skewguard.errors.source import SourceFilesDisagree, SourceMissing, SourceNotParquet, SourceUnreadable
from skewguard.model import SourceSpec
from skewguard.reading import delta
from skewguard.reading.opened import Opened
from skewguard.sql import Connection, Error, Relation

PARQUET = (".parquet", ".parq", ".pq")
CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
MAGIC = b"PAR1"


def open_local(connection: Connection, spec: SourceSpec, path: Path) -> Opened:
    """The source at `path`: a file, a folder or a glob."""
    if spec.file_format == "" and (path / "_delta_log").is_dir():
        return delta.open_delta(connection, spec, str(path))
    return open_files(connection, spec, path, local_files(spec, path))


def open_files(connection: Connection, spec: SourceSpec, path: Path, files: Sequence[Path]) -> Opened:
    """As `open_local`, some of the files at `path`."""
    if spec.file_format.lower() == "csv" or (not spec.file_format and str(files[0]).lower().endswith(CSV)):
        return _open_csv(connection, spec, files)
    schema = _schema(spec, path, files)
    hive = path.is_dir() and any("=" in part for file in files for part in file.relative_to(path).parts[:-1])
    try:
        relation = connection.read_parquet(
            [_literal(file) for file in files], hive_partitioning=hive, union_by_name=len(files) > 1
        )
    except Error as error:
        raise SourceUnreadable(spec.name, str(path), str(error)) from error
    return _named(spec, relation, schema)


def local_files(spec: SourceSpec, path: Path) -> list[Path]:
    """The files of a source, sorted; in a folder those that hold data by their name."""
    try:
        if path.is_dir():
            files = _data_files(path)
        elif path.is_fifo():  # to open it would be to wait for whoever writes
            raise SourceUnreadable(spec.name, str(path), "it is a pipe, which can be read once only, and no file")
        elif os.path.lexists(path):  # a name with * in it is a file first, a pattern second
            files = [path]
        else:
            found = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
            files = [Path(each) for each in found if Path(each).is_file()]
    except OSError as error:
        raise SourceUnreadable(spec.name, str(path), error.strerror or str(error)) from error
    if not files:
        beside = path.iterdir() if path.is_dir() else path.parent.iterdir() if path.parent.is_dir() else ()
        raise SourceMissing(spec.name, str(path), beside=[each.name for each in beside])
    return files


def _data_files(folder: Path) -> list[Path]:
    inside = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    ]
    return [file for file in inside if file.name.lower().endswith(PARQUET)] or inside


def _schema(spec: SourceSpec, path: Path, files: Sequence[Path]) -> pa.Schema:
    schemas = [_file_schema(spec, file) for file in files]
    if len(schemas) == 1:
        return schemas[0]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise SourceFilesDisagree(spec.name, str(path), str(error)) from error


def _file_schema(spec: SourceSpec, file: Path) -> pa.Schema:
    try:
        with file.open("rb") as opened:
            start = opened.read(len(MAGIC))
        if start != MAGIC:
            raise SourceNotParquet(spec.name, str(file), "it is empty" if not start else "it does not begin as one")
        return pq.read_schema(file)
    except (pa.ArrowException, ValueError) as error:
        raise SourceUnreadable(spec.name, str(file), str(error)) from error
    except OSError as error:  # also what Arrow raises for a damaged footer
        raise SourceUnreadable(spec.name, str(file), error.strerror or str(error)) from error


def _named(spec: SourceSpec, relation: Relation, schema: pa.Schema) -> Opened:
    """Pair the files' columns with DuckDB's by position; folders' columns (`day=…/`) come after, under their names."""
    names = dict(zip(schema.names, relation.columns, strict=False))
    extra = [name for name in relation.columns[len(schema.names) :] if name not in names]
    if extra:
        arrow = relation.limit(0).to_arrow_table().schema
        for name in extra:
            schema = schema.append(arrow.field(name))
            names[name] = name
    return Opened(spec=spec, relation=relation, schema=schema, names=names, numbered=True)


def _open_csv(connection: Connection, spec: SourceSpec, files: Iterable[Path]) -> Opened:
    listed = [_literal(file) for file in files]
    try:
        # All rows decide the types: a sample of them would call 1.5 an error after 20,480 whole numbers.
        # (a list of files is taken too; the stub does not say so)
        relation = connection.read_csv(listed, sample_size=-1, union_by_name=len(listed) > 1)  # type: ignore[arg-type]
        schema = relation.limit(0).to_arrow_table().schema
    except Error as error:
        raise SourceUnreadable(spec.name, spec.path, str(error)) from error
    return Opened(
        spec=spec, relation=relation, schema=schema, names=dict(zip(schema.names, relation.columns, strict=True))
    )


def _literal(file: Path) -> str:
    """The path as a pattern that matches this file alone."""
    return glob.escape(str(file))
