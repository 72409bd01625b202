"""The tests that `--skewguard` adds: what each runs, and how its failure reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from skewguard.errors import SkewguardError
from skewguard.model import FeatureResult, Outcome, Verdict
from skewguard.report import text

if TYPE_CHECKING:
    from skewguard.pytest_plugin.collecting import Adding

COLUMNS = 100
UNUSED = " is unused"  # as pipeline/waiving.py says it


class SkewWarning(UserWarning):
    """What skewguard warns of: it does not fail a test, unless `--skewguard-strict`."""


class Found(Exception):
    """What a test has to say: `headline` for the summary, the text of the exception for the report."""

    def __init__(self, headline: str, report: str) -> None:
        super().__init__(report)
        self.headline = headline


class SkewItem(pytest.Item):
    """What all items have in common."""

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test is, and its title in the report."""
        return self.path, 0, f"skewguard: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding alone: how this plugin came by it helps nobody. A defect of ours keeps its traceback."""
        if not isinstance(excinfo.value, Found | SkewguardError | SkewWarning):
            return super().repr_failure(excinfo, style)
        shown = excinfo.getrepr(style="value", chain=False)
        place = shown.reprcrash
        if place is not None:  # in place: what is sent to another process (xdist) holds this very object
            place.path, place.lineno = str(self.path), 1
            place.message = excinfo.value.headline if isinstance(excinfo.value, Found) else str(excinfo.value)
        return shown


class CheckItem(SkewItem):
    """Something that the check decides, which runs once, when the first of these does."""

    def __init__(self, *, adding: Adding, **node: Any) -> None:
        super().__init__(**node)
        self.adding = adding

    def setup(self) -> None:
        """The check itself: where it cannot be made at all, every item is an error."""
        self.outcome()

    def outcome(self) -> Outcome:
        """The outcome of the session's one check."""
        from skewguard.pipeline.check import check

        return self.adding.shared.once("check", lambda: check(self.adding.options))


class FeatureItem(CheckItem):
    """One feature of the check."""

    def runtest(self) -> None:
        """Passes where the feature is within its budget."""
        outcome, options = self.outcome(), self.adding.options
        feature = next((each for each in outcome.features if each.feature == self.name), None)
        if feature is None:
            raise Found("not compared", f"{self.name}: this check has no result for it.")
        self.user_properties += [("compared", feature.compared), ("skewed", feature.skewed)]
        report = text.of_feature(outcome, feature, columns=COLUMNS)
        if feature.verdict.exit_code(strict=options.strict, exit_zero=options.exit_zero):
            raise Found(_headline(outcome, feature), report)
        if feature.verdict is not Verdict.PASS:
            self.warn(SkewWarning(report))


class WaiversItem(CheckItem):
    """The waivers of pyproject.toml: one that nothing needs any more fails the check, and no feature."""

    def runtest(self) -> None:
        """Fails for each waiver that met nothing, whether or not a feature fails too."""
        outcome = self.outcome()
        notes = [note for note in outcome.notes if UNUSED in note]
        if notes and outcome.exit_code:
            raise Found(notes[0], "\n".join(notes))


class UnloadedItem(SkewItem):
    """A view whose definition cannot be used; its features are not known."""

    def __init__(self, *, message: str, **node: Any) -> None:
        super().__init__(**node)
        self.message = message

    def runtest(self) -> None:
        """Fails: what cannot be loaded cannot be compared."""
        raise Found(self.message, f"{self.name} could not be compared: {self.message}")


class SkippedItem(SkewItem):
    """A view that is not compared by nature: not served online, a label view, …."""

    def __init__(self, *, reason: str, **node: Any) -> None:
        super().__init__(**node)
        self.reason = reason

    def runtest(self) -> None:
        """Skips, and says why."""
        pytest.skip(self.reason)


def _headline(outcome: Outcome, feature: FeatureResult) -> str:
    """One line: the commonest cause and the counts, or why nothing was compared."""
    if feature.verdict is Verdict.ERROR:
        reason = next((each.message for each in outcome.errors if each.feature == feature.feature_view), "not compared")
        return reason.split("\n", 1)[0]
    return text.headline(feature)
