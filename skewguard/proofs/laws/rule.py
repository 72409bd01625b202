"""What a law is to the engine: to which transforms it applies, and the test of one example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from skewguard.model import Law
from skewguard.proofs.calls import Answer, Call, Row, Runner
from skewguard.proofs.subject import OnDemandSubject

Rows: TypeAlias = tuple[Row, ...]  # an example


class NotTried(Exception):
    """Raised by a test for an example that cannot show the law (too few rows, no answer to compare with)."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How one example breaks a law. `says` is a sentence: "row 2 alone gives 0.0; among 2 rows gives -0.5"."""

    says: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One on-demand transform, and the runner that calls it."""

    subject: OnDemandSubject
    runner: Runner

    def ask(self, *calls: Call, fresh: bool = False) -> list[Answer]:
        """The answers of the transform."""
        return self.runner.answers(self.subject, calls, fresh=fresh)


# Of one example: how it breaks the law, None where the law is kept. Raises NotTried. Must give the same for the same
# example, for the counterexample is shrunk by asking it again and again.
Test: TypeAlias = Callable[[Trial, Rows], Fault | None]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A law: its test of on-demand transforms, and whether batch transforms have it.

    `not_on_demand` says why on-demand transforms have no test, `not_batch` why batch transforms have none. `fresh`: it
    needs the process that has imported nothing.
    """

    law: Law
    test: Test | None = None
    not_on_demand: str = "a law of batch transforms"
    not_batch: str | None = None
    fresh: bool = False
