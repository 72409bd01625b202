"""Text into typed values, for the command line, the Python API and pyproject.toml alike; each says what it wanted."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

MOST = 2**63 - 1
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
PART = r"(\d+(?:\.\d+)?)"
SHORT = re.compile(rf"(?:{PART}(ms|s|m|h|d|w))+", re.IGNORECASE)
ISO = re.compile(rf"P(?:{PART}W)?(?:{PART}D)?(?:T(?:{PART}H)?(?:{PART}M)?(?:{PART}S)?)?", re.IGNORECASE)


def whole(value: Any, *, least: int = 0, most: int = MOST) -> int:
    """An integer from `least` to `most`, that fits 64 bits."""
    wanted = "a whole number"
    if most < MOST:
        wanted = f"{wanted} from {least:,} to {most:,}"
    elif least > -MOST:
        wanted = f"{wanted} from {least:,} up"
    try:
        if isinstance(value, bool | float):
            raise ValueError
        number = int(value)
    except (TypeError, ValueError):
        raise ValueError(f"{wanted} is needed") from None
    if not least <= number <= most:
        fits = "" if most < MOST or -MOST <= number <= MOST else " that fits 64 bits"
        raise ValueError(f"{wanted}{fits} is needed")
    return number


def seed(value: Any) -> int:
    """Any integer that fits 64 bits."""
    return whole(value, least=-MOST)


def rate(value: Any) -> float:
    """A share between 0 and 1; `0.1%` is 0.001."""
    wanted = "a share from 0 to 1, or a percentage such as 0.1%, is needed"
    try:
        percent = isinstance(value, str) and value.strip().endswith("%")
        number = float(value.strip()[:-1]) / 100 if percent else _float(value)
    except (TypeError, ValueError):
        raise ValueError(wanted) from None
    if not 0 <= number <= 1:  # NaN is caught too
        raise ValueError(wanted)
    return number


def positive(value: Any) -> float:
    """A finite number above 0."""
    number = not_negative(value)
    if number == 0:
        raise ValueError("a number above 0 is needed")
    return number


def not_negative(value: Any) -> float:
    """A finite number of at least 0."""
    wanted = "a finite number of at least 0 is needed"
    try:
        number = _float(value)
    except (TypeError, ValueError):
        raise ValueError(wanted) from None
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(wanted)
    return number


def flag(value: Any) -> bool:
    """A switch."""
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")
    return value


def word(value: Any) -> str:
    """Text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("some text is needed")
    return value


def words(value: Any) -> tuple[str, ...]:
    """One text or several, none of them empty, each once."""
    if isinstance(value, str):
        return (word(value),)
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError("a text or a list of texts is needed")
    return tuple(dict.fromkeys(word(each) for each in value))


def duration(value: Any) -> timedelta:
    """A length of time: `90s`, `15m`, `1d12h`, `PT15M`, `0`, or a timedelta; not negative."""
    wanted = "a length of time such as 90s, 15m, 2h, 1d12h or PT15M is needed"
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif value == 0 and not isinstance(value, bool):
        seconds = 0.0
    elif isinstance(value, str):
        seconds = _seconds(value.strip().replace(" ", ""), wanted)
    else:
        raise ValueError(wanted)
    if seconds < 0:
        raise ValueError(wanted)
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("a length of time below 2.7 million years is needed") from None


def instant(value: Any) -> datetime:
    """A moment as ISO-8601 text, a datetime or a date; UTC where it does not say otherwise."""
    wanted = "an ISO-8601 date or time such as 2013-07-01 or 2013-07-01T12:00:00+02:00 is needed"
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(wanted) from None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise ValueError(wanted)
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError(wanted) from None


def day(value: Any) -> date:
    """A date without a time, as TOML or ISO-8601 writes it."""
    wanted = "a date such as 2026-12-31 is needed"
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(wanted) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(wanted)
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError
    return float(value)


def _seconds(text: str, wanted: str) -> float:
    if text == "0":
        return 0.0
    if SHORT.fullmatch(text):
        return sum(float(count) * UNITS[unit.lower()] for count, unit in re.findall(rf"{PART}([a-zA-Z]+)", text))
    found = ISO.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(wanted)
    return sum(float(count) * UNITS[unit] for count, unit in zip(found.groups(), "wdhms", strict=True) if count)
