"""DuckDB for the SQL stages: opening the one connection of a check, and reading SQL kept in files."""

from __future__ import annotations

from importlib import resources

import duckdb


def connect(*, memory_limit: str | None = None, spill_folder: str | None = None) -> duckdb.DuckDBPyConnection:
    """A private in-memory database, in UTC, that downloads nothing and shows no progress of its own."""
    connection = duckdb.connect(":memory:")
    connection.execute("set timezone = 'UTC'")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set enable_progress_bar = false")
    if memory_limit is not None:
        connection.execute("set memory_limit = ?", [memory_limit])
    if spill_folder is not None:
        connection.execute("set temp_directory = ?", [spill_folder])
    return connection


def text(package: str, name: str) -> str:
    """The text of `name`.sql kept beside the Python of `package`."""
    return resources.files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def quoted(identifier: str) -> str:
    """An identifier as DuckDB reads it whatever characters it has; the only place where one is quoted."""
    return '"' + identifier.replace('"', '""') + '"'
