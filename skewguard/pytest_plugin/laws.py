"""The tests of laws: one per transform and law, all read from one run of `parity`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from skewguard.model import Law, LawVerdict, Outcome
from skewguard.pytest_plugin.items import Found, SkewItem, SkewWarning
from skewguard.report.laws import of_law

if TYPE_CHECKING:
    from skewguard.pytest_plugin.collecting import Adding


class LawItem(SkewItem):
    """One law of one transform. The laws that are selected are tested together, when the first of these runs."""

    def __init__(self, *, adding: Adding, transform: str, law: Law, **node: Any) -> None:
        super().__init__(**node)
        self.adding, self.transform, self.law = adding, transform, law

    def setup(self) -> None:
        """The test of all transforms: where it cannot be made at all, every item is an error."""
        self.outcome()

    def outcome(self) -> Outcome:
        """The outcome of the session's one test of transforms; deselected laws and transforms are left out of it."""
        from skewguard.pipeline.parity import parity

        selected = [each for each in self.session.items if isinstance(each, LawItem)]
        transforms = tuple(dict.fromkeys(each.transform for each in selected))
        laws = tuple(law for law in Law if any(each.law is law for each in selected))
        options = replace(self.adding.law_options, transforms=transforms, laws=laws)
        return self.adding.shared.once("laws", lambda: parity(options))

    def runtest(self) -> None:
        """Passes where the law held; skips where it does not apply."""
        outcome = self.outcome()
        result = next((each for each in outcome.laws if (each.transform, each.law) == (self.transform, self.law)), None)
        errors = [each.message for each in outcome.errors if each.feature == self.transform]
        if result is None or (result.verdict is LawVerdict.NOT_APPLICABLE and errors):
            message = errors[0] if errors else "there is no result for it"
            raise Found(message, f"{self.transform} could not be tested: {message}")
        self.user_properties.append(("examples", result.examples))
        match result.verdict:
            case LawVerdict.HELD:
                return
            case LawVerdict.NOT_APPLICABLE:
                pytest.skip(f"not applicable: {result.message}")
            case LawVerdict.BROKEN if self.adding.options.exit_zero:
                self.warn(SkewWarning(of_law(result)))
            case LawVerdict.BROKEN:
                raise Found(result.message, of_law(result))
