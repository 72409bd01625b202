"""Errors about redaction: where it cannot be done, nothing is done."""

from __future__ import annotations

from collections.abc import Iterable

from skewguard.errors.base import SkewguardError, near


class RedactionError(SkewguardError):
    """Base of this module's errors."""


class RedactionKeyMissing(RedactionError):
    """Values are to be hidden, and there is no key to hash them by."""

    def __init__(self, variable: str) -> None:
        super().__init__(
            f"Values are to be redacted, and the environment variable {variable} is not set: there is no key for "
            "their hashes.",
            next_step=f"Set {variable} to a long random text, the same for all runs that are to be compared; "
            "it is never stored.",
        )


class RedactedPatternUnknown(RedactionError):
    """A pattern of features to hide that means none: misspelt, it would let values through."""

    def __init__(self, pattern: str, known: Iterable[str]) -> None:
        super().__init__(
            f"`redact` names {pattern!r}, which matches no feature.",
            known=near(pattern, known),
            next_step="Correct it: what is not matched would be written down as it is.",
        )


class RedactedDefect(RedactionError):
    """An error that no class of ours foresaw, in a run that must not quote values."""

    def __init__(self, kind: str, file: str, line: int) -> None:
        super().__init__(
            f"This is a defect of skewguard, not of your repo: {kind} (line {line} of {file}); what it says is "
            "redacted.",
            next_step="Please report it.",
        )
