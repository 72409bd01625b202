"""Where two runs did not ask the same question, so that what one has and the other has not may mean nothing."""

from __future__ import annotations

from skewguard.model import Mode, RunRecord


def differences(before: RunRecord, after: RunRecord, *, as_of: bool = True) -> tuple[str, ...]:
    """What is not the same, as sentences; empty where the two can be compared cell by cell.

    `as_of` False leaves the instant out: it moves on by itself where checks are of the newest event.
    """
    pairs = [
        ("command", before.command, after.command),
        ("mode", before.mode.value, after.mode.value),
        ("repo", before.repo, after.repo),
        ("project", before.project, after.project),
        ("seed", before.seed, after.seed),
        ("number of instants", before.config.get("replay"), after.config.get("replay")),
        ("sample", _sample(before), _sample(after)),
        ("entities file", before.config.get("entities"), after.config.get("entities")),
        ("redaction key", before.config.get("redact_key_id"), after.config.get("redact_key_id")),
        ("as-of", _instant(before), _instant(after)),
        *((name, before.config.get(name), after.config.get(name)) for name in ("offline", "online") if _tables(after)),
    ]
    return tuple(
        f"another {name}: {_said(first)}, then {_said(then)}"
        for name, first, then in pairs
        if first != then and (as_of or name != "as-of")
    )


def _tables(run: RunRecord) -> bool:
    return run.mode is Mode.TABLES


def _sample(run: RunRecord) -> str:
    rows = run.config.get("sample")
    return "all rows" if rows is None else f"{rows:,} rows" if isinstance(rows, int) else str(rows)


def _instant(run: RunRecord) -> str | None:
    return None if run.as_of is None else run.as_of.isoformat(timespec="seconds")


def _said(value: object) -> str:
    return "none" if value is None else str(value)
