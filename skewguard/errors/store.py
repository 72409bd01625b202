"""Errors about the stores: one that cannot be reached, or that refuses what Feast asks of it."""

from __future__ import annotations

from skewguard.errors.base import SkewguardError
from skewguard.errors.spelling import option


class StoreError(SkewguardError):
    """Base of this module's errors."""


class StoreUnreachable(StoreError):
    """The online store did not answer. `where` carries no credentials."""

    def __init__(self, kind: str, where: str, problem: str) -> None:
        place = f" at {where}" if where else ""
        super().__init__(
            f"The online store ({kind}{place}) cannot be reached: {problem.rstrip('.')}.",
            next_step="See that it runs and can be reached from here; "
            f"{option('timeout')} sets how long to wait for it.",
        )


class NoOnlineStore(StoreError):
    """The yaml switches the online store off."""

    def __init__(self, yaml: str) -> None:
        super().__init__(
            f"{yaml} sets `online_store: null`, so nothing is served and there is nothing live to compare.",
            next_step=f"Name an online store, or check without {option('live', True)}.",
        )


class ScanRefused(StoreError):
    """The keys of the online store cannot be listed."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(
            f"{option('scan_online')} cannot list the keys of the online store ({kind}): {problem.rstrip('.')}.",
            next_step=f"Leave {option('scan_online')} out: the keys of the sources are drawn from, or those of "
            f"{option('entities')}.",
        )


class MaterializationFailed(StoreError):
    """Feast could not materialize one view into the sandbox: that view's error."""

    def __init__(self, view: str, problem: str) -> None:
        super().__init__(
            f"Feast cannot materialize {view}: {problem.rstrip('.')}.",
            next_step="`feast materialize` would fail in the same way, and leave the view's online values as they are.",
        )
