"""The HTML report of a run: made from what the ledger holds of it, so that it is the same at any later time."""

from __future__ import annotations

from pathlib import Path

from skewguard import ledger as ledgers
from skewguard.ledger.figures import of_feature, read_figures
from skewguard.model import Outcome
from skewguard.report import html


def page(outcome: Outcome, ledger: Path | None) -> str:
    """The report of the run of `outcome` from its `ledger`; of the outcome alone where the ledger could not be written.

    Errors: those of reading a ledger.
    """
    if ledger is None:
        return html.text(outcome, {}, of_feature)
    with ledgers.as_written(ledger), ledgers.open_ledger(ledger) as connection:
        stored = ledgers.read_outcome(connection, outcome.run.run_id, ledger=ledger)
        figures = read_figures(connection, outcome.run.run_id)
    return html.text(stored, figures, of_feature)
