"""Examples of cells that differ: the three values of each side by side, or below each other where they are long."""

from __future__ import annotations

from collections.abc import Sequence

from skewguard.model import Blame, Example
from skewguard.report.plain import clipped, padded, safe, width
from skewguard.report.words import Page

SIDES = ("source", "offline", "online")
WIDEST_IN_A_TABLE = 26
WIDEST_ENTITY = 36
INDENT = "    "
NULL = "null"


def lines(examples: Sequence[Example], page: Page) -> list[str]:
    """All examples of one feature, in one form."""
    if not examples:
        return []
    first = 0 if any(map(has_source, examples)) else 1
    named = apart([entity(each) for each in examples], WIDEST_ENTITY)
    rows = [[name, *values(each)[first:], departs(each)] for name, each in zip(named, examples, strict=True)]
    header = ["entity", *SIDES[first:], "kind (who departs)" if not first else "kind"]
    widths = [max(width(row[column]) for row in [header, *rows]) for column in range(len(header))]
    fits = len(INDENT) + sum(widths) + 2 * (len(widths) - 1) <= page.columns
    if fits and max(widths[1:-1]) <= WIDEST_IN_A_TABLE:
        table = [INDENT + "  ".join(map(padded, row, widths)).rstrip() for row in [header, *rows]]
        return [page.paint(table[0], "dim"), *table[1:]]
    room = max(page.columns - len(INDENT) - 2 - max(width(departs(each)) for each in examples), WIDEST_ENTITY)
    named = apart([entity(each) for each in examples], room)
    return [line for name, each in zip(named, examples, strict=True) for line in _stacked(name, each, page)]


def entity(example: Example) -> str:
    """The join keys and the request data of a cell, as `key=value`."""
    said = ", ".join(f"{safe(str(name))}={_shown(value)}" for name, value in example.entity.items())
    return said or f"row {example.row_id}"


def has_source(example: Example) -> bool:
    """Whether there is a source value: not between two tables, nor where none could be computed. It may be null."""
    return example.source_value is not None or example.blame not in (None, Blame.UNKNOWN)


def values(example: Example) -> tuple[str, str, str]:
    """Source, offline and online, printable."""
    return _value(example.source_value), _value(example.offline_value), _value(example.online_value)


def sides(example: Example, room: int) -> list[tuple[str, str]]:
    """Each side with as much of its value as there is room for; without a source that none could compute."""
    first = 0 if has_source(example) else 1
    return list(zip(SIDES[first:], windows(values(example)[first:], room), strict=True))


def departs(example: Example) -> str:
    """How the cell compares and, in brackets, which side departs from the truth."""
    match example.blame:
        case Blame.OFFLINE | Blame.ONLINE | Blame.BOTH:
            return f"{example.kind.value} ({example.blame.value})"
        case _:
            return example.kind.value


def _stacked(name: str, example: Example, page: Page) -> list[str]:
    room = page.columns - len(INDENT) - 11
    shown = dict(sides(example, room))
    head = f"{INDENT}{name}  {departs(example)}"
    return [head, *(f"{INDENT}  {padded(side, 8)} {value}" for side, value in shown.items())]


def apart(texts: Sequence[str], room: int) -> list[str]:
    """Each text in at most `room` columns: both its ends, or where those do not tell them apart, the part that does."""
    ends = [clipped(each, room) for each in texts]
    return ends if len(set(ends)) == len(set(texts)) else windows(texts, room)


def windows(texts: Sequence[str], room: int) -> list[str]:
    """Each text in at most `room` columns; where they are longer, the part in which they first differ."""
    if all(width(each) <= room for each in texts):
        return list(texts)
    start = max(_agreement(texts) - room // 3, 0)
    return [_window(each, start, room) for each in texts]


def _agreement(texts: Sequence[str]) -> int:
    """How many characters the texts have in common from their start, leaving out those without a value."""
    compared = [each for each in texts if each != NULL]
    same = 0
    for letters in zip(*compared, strict=False):
        if len(set(letters)) > 1:
            return same
        same += 1
    return same if len({len(each) for each in compared}) > 1 else 0


def _window(text: str, start: int, room: int) -> str:
    if start == 0 or len(text) <= start:
        return clipped_end(text, room)
    return "…" + clipped_end(text[start + 1 :], room - 1)


def clipped_end(text: str, limit: int) -> str:
    """The beginning of `text`, in at most `limit` columns."""
    if width(text) <= limit:
        return text
    while width(text) > limit - 1:
        text = text[: max(len(text) - max(width(text) - limit, 1), 0)]
    return text + "…"


def _value(value: str | None) -> str:
    return NULL if value is None else safe(value)


def _shown(value: object) -> str:
    # Text is quoted, so that the key '1' is not mistaken for 1.
    return safe(repr(value)) if isinstance(value, str) else safe(str(value))
