"""Opens what `diff` is given, a Parquet or CSV file or `FILE.duckdb::table`, as a DuckDB relation."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from skewguard import sql
from skewguard.errors.tables import TableMissing, TableNotInDatabase, TableUnreadable
from skewguard.sql import Connection, Relation

PARQUET = (".parquet", ".parq", ".pq")
CSV = (".csv", ".csv.gz", ".csv.zst", ".tsv", ".tsv.gz", ".txt")
DATABASE = (".duckdb", ".ddb", ".db")
PARQUET_MAGIC = b"PAR1"
DATABASE_MAGIC = b"DUCK"  # at byte 8
SEPARATOR = "::"
SHOWN = 200  # letters of a path that can be none
SUGGESTIONS = re.compile(r"\n\s*\n|\n(?=Possible |This type |The search space |Candidates:)")


def open_table(connection: Connection, place: str, role: str) -> Relation:
    """The table at `place`; `role` (offline, online) is for errors. Nothing there is changed."""
    _must_be_a_path(place, role)
    path, separator, table = place.partition(SEPARATOR)
    if Path(place).exists():  # a file whose own name has :: in it
        path, separator, table = place, "", ""
    if separator:
        _must_exist(path, role)
        return _from_database(connection, path, table, role)
    files = _files(path, role)
    match _format(files[0], role):
        case "database":
            return _from_database(connection, path, table, role)
        case "parquet":
            return _read(connection, files, place, role, csv=False)
    return _read(connection, files, place, role, csv=True)


def _must_be_a_path(place: str, role: str) -> None:
    """Raise where the system takes `place` for no path: too long, say, or a link that leads to itself."""
    try:
        os.stat(place)  # noqa: PTH116 - Path.exists takes some of this for a file that is not there
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TableUnreadable(role, place if len(place) <= SHOWN else f"{place[:SHOWN]}…", reason) from error


def _must_exist(path: str, role: str) -> None:
    if not Path(path).exists():
        parent = Path(path).absolute().parent
        raise TableMissing(role, path, [each.name for each in parent.iterdir()] if parent.is_dir() else ())


def _files(path: str, role: str) -> list[Path]:
    """One file, or those of a folder or pattern that hold data by their name."""
    place = Path(path)
    if place.is_dir():
        found = [each for each in sorted(place.rglob("*")) if each.name.lower().endswith((*PARQUET, *CSV))]
        if not found:
            raise TableUnreadable(role, path, "the folder has neither Parquet nor CSV files")
        return _of_one_kind(found, path, role)
    if not place.exists() and glob.has_magic(path):
        matching = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        found = [Path(each) for each in matching if Path(each).is_file()]
        if found:
            return _of_one_kind(found, path, role)
    _must_exist(path, role)
    if not place.is_file() and not place.is_char_device():  # to open a pipe would be to wait for whoever writes
        raise TableUnreadable(role, path, "it is neither a file nor a folder")
    return [place]


def _of_one_kind(files: list[Path], path: str, role: str) -> list[Path]:
    """The files, which DuckDB reads as one table only where they are all Parquet, or all CSV."""
    kinds = {each.name.lower().endswith(PARQUET): each.name for each in files}
    if len(kinds) > 1:
        raise TableUnreadable(
            role, path, f"it has both Parquet and other files, such as {kinds[True]} and {kinds[False]}"
        )
    return files


def _format(file: Path, role: str) -> str:
    try:
        with file.open("rb") as opened:
            start = opened.read(12)
    except OSError as error:
        raise TableUnreadable(role, str(file), error.strerror or str(error)) from error
    if not start:
        raise TableUnreadable(role, str(file), "it is empty")
    if start[8:] == DATABASE_MAGIC:
        return "database"
    if start[:4] == PARQUET_MAGIC:
        return "parquet"
    name = file.name.lower()
    for ending, form in ((PARQUET, "Parquet"), (DATABASE, "DuckDB")):
        if name.endswith(ending):
            raise TableUnreadable(role, str(file), f"by its name it is a {form} file, by its content it is not")
    if not name.endswith(CSV):
        raise TableUnreadable(
            role, str(file), "it is not a Parquet or DuckDB file, and its name is not that of a CSV file"
        )
    return "csv"


def _read(connection: Connection, files: list[Path], place: str, role: str, *, csv: bool) -> Relation:
    listed = [glob.escape(str(each)) for each in files]
    several = len(listed) > 1
    try:
        if csv:
            # All rows decide the types: a sample of them would call 1.5 an error after 20,480 whole numbers.
            # (a list of files is taken too; the stub does not say so)
            return connection.read_csv(listed, sample_size=-1, union_by_name=several)  # type: ignore[arg-type]
        return connection.read_parquet(listed, union_by_name=several)
    except sql.Error as error:
        raise TableUnreadable(role, place, reason_of(error)) from error


def _from_database(connection: Connection, path: str, table: str, role: str) -> Relation:
    alias = _attached(connection, path, role)
    listed = sql.run(connection, "skewguard.comparison", "tables_there", database=alias).fetchall()
    names = {name: (schema, name) for schema, name in reversed(listed)}
    names |= {f"{schema}.{name}": (schema, name) for schema, name in listed}
    if table not in names:
        raise TableNotInDatabase(
            role, path, table, [name if schema == "main" else f"{schema}.{name}" for schema, name in listed]
        )
    try:
        return connection.table(".".join(map(sql.quoted, (alias, *names[table]))))
    except sql.Error as error:
        raise TableUnreadable(role, f"{path}{SEPARATOR}{table}", reason_of(error)) from error


def _attached(connection: Connection, path: str, role: str) -> str:
    """The name of the attached database; a file that holds both tables is attached once."""
    resolved = str(Path(path).resolve())
    known = connection.execute("select database_name, path from duckdb_databases() where path is not null").fetchall()
    for name, attached in known:
        if os.path.realpath(attached) == resolved:
            return str(name)
    alias = f"{role}_database"
    if _format(Path(path), role) != "database":
        raise TableUnreadable(role, path, "it is not a DuckDB file, and so has no tables to choose from")
    try:
        connection.execute(f"attach $path as {alias} (read_only)", {"path": resolved})
    except sql.Error as error:
        raise TableUnreadable(role, path, reason_of(error)) from error
    return alias


def reason_of(error: Exception) -> str:
    """What DuckDB says, without the line that it stumbled over, its suggestions and its settings."""
    said = SUGGESTIONS.split(str(error).strip(), maxsplit=1)[0]
    lines = (line.strip() for line in said.splitlines() if not line.startswith("Original Line:"))
    return ". ".join(line.rstrip(".") for line in lines if line)
