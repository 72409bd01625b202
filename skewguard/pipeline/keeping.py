"""Keeps a finished run in the ledger; where that fails, what was found is still told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from skewguard.errors.ledger import LedgerError
from skewguard.model import Outcome, Verdict, ViewError
from skewguard.pipeline import results

LEDGER = "ledger"


def kept(outcome: Outcome, write: Callable[[], None]) -> Outcome:
    """The outcome once `write` has written it; an error of the ledger is one more error of the run."""
    try:
        write()
    except LedgerError as error:
        verdict = results.gravest([outcome.run.verdict, Verdict.ERROR])
        return replace(
            outcome,
            run=replace(outcome.run, verdict=verdict),
            exit_code=outcome.exit_code if verdict is Verdict.FAIL and outcome.exit_code else 2,
            errors=(*outcome.errors, ViewError(feature=LEDGER, message=str(error))),
            ledger=getattr(error, "kept", None),
        )
    return outcome
