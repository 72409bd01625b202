"""Text that may go to a terminal: nothing in it moves the cursor, hides itself or breaks a line."""

from __future__ import annotations

import unicodedata

# Besides control characters: what reorders text (bidi) or takes no room, so that one value could pose as another.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe(text: str) -> str:
    """`text` with everything invisible written out (`\\x1b`, `\\u202e`, `\\n`)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(escaped(each) if unicodedata.category(each) in HIDDEN else each for each in text)


def safe_paragraph(text: str) -> str:
    """As `safe`, but lines stay lines."""
    return "\n".join(safe(line) for line in text.split("\n"))


def escaped(character: str) -> str:
    """One character as Python would write it."""
    return character.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(each) for each in text)


def clipped(text: str, limit: int) -> str:
    """`text` in at most `limit` columns, its middle left out where it is too long: names differ at both ends."""
    if width(text) <= limit:
        return text
    keep = max(limit - 1, 2)
    head, tail = text[: keep - keep // 2], text[-(keep // 2) :]
    while width(head) + 1 + width(tail) > limit and len(head) > 1:
        head, tail = head[:-1], tail[1:]
    return f"{head}…{tail}"


def padded(text: str, columns: int, *, to_right: bool = False) -> str:
    """`text` filled up with spaces to `columns`."""
    room = " " * max(columns - width(text), 0)
    return room + text if to_right else text + room


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
