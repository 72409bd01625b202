"""What every step of one check works with, and where the steps leave the views that failed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from skewguard.credentials import without_credentials
from skewguard.errors.base import SkewguardError
from skewguard.model import ContractFinding, EventTime, FeatureSpec, Leaked, ViewError, ViewSpec
from skewguard.pipeline.options import CheckOptions
from skewguard.pipeline.progress import Progress

if TYPE_CHECKING:
    from skewguard.feature_store.load import Repo
    from skewguard.redaction import Redaction
    from skewguard.sql import Connection


@dataclass(kw_only=True)
class Failures:
    """Why views could not be compared, by name: the first reason counts, the other views go on."""

    reasons: dict[str, str] = field(default_factory=dict)

    def add(self, view: str, reason: str) -> None:
        """`view` failed; what it failed at first stays its reason."""
        self.reasons.setdefault(view, without_credentials(reason))

    @contextmanager
    def of(self, view: ViewSpec) -> Iterator[None]:
        """A user's error inside is the view's, not the check's."""
        try:
            yield
        except SkewguardError as error:
            self.add(view.name, str(error))

    def without(self, views: Iterable[ViewSpec]) -> tuple[ViewSpec, ...]:
        """Those of `views` that have not failed; an on-demand view fails with any of its inputs."""
        kept = []
        for view in views:
            lost = next((name for name in view.inputs if name in self.reasons), None)
            if lost is not None:
                self.add(view.name, f"Its input {lost} could not be compared: {self.reasons[lost]}")
            if view.name not in self.reasons:
                kept.append(view)
        return tuple(kept)

    def errors(self) -> tuple[ViewError, ...]:
        """As the result lists them."""
        return tuple(ViewError(feature=view, message=reason) for view, reason in self.reasons.items())


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The options, the open repo, the one DuckDB connection, the private folder, and when and where it began."""

    options: CheckOptions
    progress: Progress
    repo: Repo
    connection: Connection
    folder: Path
    now: datetime
    here: Path  # while the repo is open, the working directory is the repo's
    redaction: Redaction | None = None
    failures: Failures = field(default_factory=Failures)
    notes: dict[str, list[str]] = field(default_factory=dict)
    findings: dict[str, tuple[ContractFinding, ...]] = field(default_factory=dict)  # by feature reference
    leakage: dict[str, tuple[Leaked, ...]] = field(default_factory=dict)  # of a replay, by feature reference
    event_times: list[EventTime] = field(default_factory=list)  # of skewed features of views
    said: list[str] = field(default_factory=list)  # notes on the run as a whole
    timings: dict[str, list[float]] = field(default_factory=dict)  # by view, the seconds of each online request

    def note(self, view: ViewSpec, *texts: str) -> None:
        """Something a person should know about the values of one view; said once."""
        said = self.notes.setdefault(view.name, [])
        said.extend(text for text in map(without_credentials, texts) if text not in said)

    def notes_on(self, view: ViewSpec, feature: FeatureSpec) -> tuple[str, ...]:
        """What was said of the view as a whole and of this feature; not what was said of its other features."""
        said = self.notes.get(view.name)
        if not said:
            return ()
        others = tuple(f"{each.ref}: " for each in view.features if each != feature)
        own = (text for text in said if not text.startswith(others))
        return tuple(text.removeprefix(f"{feature.ref}: ").removeprefix(f"{view.name}: ") for text in own)
