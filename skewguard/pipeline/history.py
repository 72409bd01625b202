"""What was found before: questions to the ledger, its runs, and dropping old ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skewguard import config, ledger
from skewguard.pipeline import given

if TYPE_CHECKING:
    import pyarrow as pa


def ledger_path(db: str | Path | None, *, here: Path) -> Path:
    """The ledger meant in the folder `here`: the one given, else the one in pyproject.toml, else the usual one."""
    if db is not None:
        return here / Path(db).expanduser()
    settings = config.load(here.resolve(), known_options=given.READERS)
    named = settings.options.get("db")
    return here / given.LEDGER if named is None else settings.folder / given.path(named)


def ask(query: str, *, db: str | Path | None, here: Path) -> pa.Table:
    """The ledger's answer to one SQL question."""
    return ledger.query(ledger_path(db, here=here), query)


def runs(*, db: str | Path | None, here: Path) -> pa.Table:
    """The runs in the ledger, newest first."""
    with ledger.open_ledger(ledger_path(db, here=here)) as connection:
        return ledger.list_runs(connection)


def keep(newest: int, *, db: str | Path | None, here: Path) -> int:
    """Drop all but the `newest` runs; how many were dropped."""
    return ledger.keep_runs(ledger_path(db, here=here), newest)
