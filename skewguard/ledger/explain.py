"""One feature of one run: its causes, a cell that shows each, and the SQL that proves it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import duckdb

from skewguard import sql
from skewguard.errors.ledger import FeatureUnknown, NoRuns
from skewguard.ledger.file import PACKAGE
from skewguard.ledger.runs import resolve_run
from skewguard.model import Cause

EVIDENCE = f"{PACKAGE}.evidence"


def run_of_feature(connection: duckdb.DuckDBPyConnection, feature: str, reference: str | None) -> str:
    """The run that `reference` means, or the newest with this feature. Raises FeatureUnknown where it has it not."""
    run_id = None if reference is None else resolve_run(connection, reference)
    runs = [
        each for (each,) in connection.execute(sql.text(PACKAGE, "runs_of_feature"), {"feature": feature}).fetchall()
    ]
    if run_id in runs:
        return str(run_id)
    if run_id is None and runs:
        return str(runs[0])
    known = connection.execute(sql.text(PACKAGE, "feature_names"), {"run_id": run_id}).fetchall()
    if run_id is None and not connection.execute(sql.text(PACKAGE, "run_ids")).fetchall():
        raise NoRuns
    raise FeatureUnknown(feature, run_id, [name for (name,) in known])


def explain_causes(connection: duckdb.DuckDBPyConnection, run_id: str, feature: str) -> list[dict[str, Any]]:
    """The causes of the feature's skewed cells, commonest first, each with the facts of one cell that shows it."""
    names = {"run_id": run_id, "feature": feature}
    found = connection.sql(sql.text(PACKAGE, "explain_causes"), params=names).to_arrow_table()
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def proof(run_id: str, feature: str, cause: str) -> str:
    """One line of SQL that shows the cells of this cause with what its test saw; it runs as it is in `skewguard sql`.

    Of each cell `proved` says whether that passes, and `cells` how many there are, also where not all are shown.
    """
    known = cause in set(map(str, Cause))
    lines = sql.text(EVIDENCE, cause if known else str(Cause.UNEXPLAINED)).splitlines()
    text = " ".join(line.strip() for line in lines if not line.startswith("--")).rstrip(";")
    for name, value in (("run_id", run_id), ("cause", cause), ("feature", feature)):
        text = text.replace(f"${name}", literal(value), 1)
    return text


def literal(text: str) -> str:
    """`text` as SQL would write it, in characters that can be printed and copied."""
    written = [
        "'" + "".join(piece).replace("'", "''") + "'"
        if can_be_shown
        else " || ".join(f"chr({ord(each)})" for each in piece)
        for can_be_shown, piece in groupby(text, str.isprintable)
    ]
    # In brackets: `=` binds before `||`.
    return "''" if not written else written[0] if text.isprintable() else f"({' || '.join(written)})"
