"""Opens a deployed SQLite online store so that Feast reads it and no file in the repo changes."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from skewguard.errors.store import StoreUnreachable

# Bytes 18 and 19 of a database file: 2 where it keeps a write-ahead log.
LOG_VERSION = slice(18, 20)
COLUMNS = "entity_key blob, feature_name text, value blob, value_text text, vector_value blob, event_ts timestamp"


def open_read_only(online: Any, config: Any, views: Iterable[Any], folder: Path, *, timeout: float) -> list[str]:
    """Gives Feast's SQLite store a connection that cannot write; returns notes. Errors: StoreUnreachable.

    A file or table that is not there was never materialized: Feast then finds an empty one, made in memory.
    """
    path = Path(online._get_db_path(config))
    online._conn = _connection(path, folder, timeout)
    missing = _make_missing_tables(online._conn, config, views)
    if not path.is_file():
        return [f"the online store {path} does not exist: nothing was ever materialized"]
    return [f"the online store has no table for {name}: it was never applied there" for name in missing]


def _connection(path: Path, folder: Path, timeout: float) -> sqlite3.Connection:
    try:
        if not path.is_file():
            return _connect("file::memory:", timeout)
        if _needs_writing_to_read(path):
            path = _snapshot(path, folder)
        connection = _connect(f"file:{quote(str(path.resolve()))}?mode=ro", timeout)
        connection.execute("select count(*) from sqlite_master").fetchone()
    except (sqlite3.Error, OSError) as error:
        raise StoreUnreachable("sqlite", str(path), str(error)) from error
    return connection


def _connect(uri: str, timeout: float) -> sqlite3.Connection:
    """As Feast's `_initialize_conn` does it, but for the mode."""
    return sqlite3.connect(
        uri, uri=True, detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES, check_same_thread=False,
        timeout=timeout,
    )  # fmt: skip


def _needs_writing_to_read(path: Path) -> bool:
    """SQLite makes files beside a database with a write-ahead log, and rolls back a journal that a crash left."""
    with path.open("rb") as file:
        header = file.read(20)
    beside = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    return 2 in header[LOG_VERSION] or any(each.exists() and each.stat().st_size for each in beside)


def _snapshot(path: Path, folder: Path) -> Path:
    copied = folder / "online_snapshot.db"
    for end in ("-wal", "-journal", ""):  # the log first: what moves to the main file meanwhile is then in both
        part = path.with_name(path.name + end)
        if part.exists():
            shutil.copyfile(part, copied.with_name(copied.name + end))
    return _settled(copied)


def _settled(copied: Path) -> Path:
    """The copy with its log written in, so that it opens read-only like any other."""
    connection = sqlite3.connect(copied)
    connection.execute("pragma journal_mode = delete").fetchone()
    connection.close()
    return copied


def _make_missing_tables(connection: sqlite3.Connection, config: Any, views: Iterable[Any]) -> list[str]:
    """Temporary tables live in memory, also in a connection that cannot write."""
    from feast.infra.online_stores.sqlite import _quote_id, _table_id

    connection.execute("pragma temp_store = memory")
    there = {name for (name,) in connection.execute("select name from sqlite_master where type in ('table', 'view')")}
    missing = []
    for view in views:
        name = _table_id(config.project, view, config.registry.enable_online_feature_view_versioning)
        if name not in there:
            connection.execute(f"create temp table if not exists {_quote_id(name)} ({COLUMNS}, created_ts timestamp)")
            missing.append(view.name)
    connection.commit()
    return missing
