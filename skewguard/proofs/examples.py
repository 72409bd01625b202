"""The rows that the laws are tried on: listed ones that break real code, rows of the sources, and generated ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from skewguard.proofs.calls import Row
from skewguard.proofs.generating import same_everywhere
from skewguard.proofs.subject import InputColumn, OnDemandSubject
from skewguard.proofs.values import extreme, named, odd, strategy, usual, within

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Rows = tuple[Row, ...]
MOST_ROWS = 5
REAL_SHARE = 0.2  # of all examples; the listed ones come first, the rest is generated
WIDE = (1000, 10**6)  # what overflows, or loses digits, where a null beside it does not make it float


def examples_of(subject: OnDemandSubject, real: Sequence[Row], *, count: int, seed: int) -> list[Rows]:
    """`count` examples, the listed ones first; the same for the same seed."""
    listed = list(_listed(subject))
    taken = list(islice(_real(real), max(1, round(count * REAL_SHARE))))
    made = _generated(subject, count - len(listed) - len(taken), seed)
    # A transform that is slow gets the first of these alone: some of each kind are among them.
    first = [*listed[:6], *taken[:1], *made[:1], *listed[6:], *taken[1:], *made[1:]]
    return first[:count]


def how_many_first(subject: OnDemandSubject) -> int:
    """So many of the examples no transform is spared, however slow it is: the listed ones, a real and a made one."""
    return len(list(_listed(subject))) + 2


def _listed(subject: OnDemandSubject) -> Iterator[Rows]:
    columns = subject.inputs
    plain = tuple(_row(columns, at) for at in range(3))
    nulls = [each for each in columns if not each.request]
    odds = range(0, max((len(odd(each)) for each in columns), default=0), MOST_ROWS - 1)
    odd_rows = [tuple(_odd_row(columns, plain, at) for at in range(first, first + MOST_ROWS - 1)) for first in odds]
    yield plain
    if nulls:
        yield (plain[0], plain[1] | {each.name: None for each in nulls}, plain[2])
        yield ({**plain[0], **{each.name: None for each in nulls}},)
    yield from odd_rows[:2]
    yield plain[:1]
    yield (plain[0], plain[1], plain[0], plain[0])
    for column in nulls:
        yield (plain[0], plain[1] | {column.name: None}, plain[2])
    for column in nulls:
        if column.dtype.startswith("Int"):
            wide = [plain[0] | {column.name: value} for value in within(column, WIDE)]
            yield (*wide, plain[1] | {column.name: None})
    yield from _named(columns, plain)
    yield from odd_rows[2:]
    for column in columns:
        if column.dtype.startswith("Float") and not column.request:
            yield (plain[1], plain[0] | {column.name: float("nan")}, plain[2])
    for at, column in enumerate(columns):
        ends = extreme(column)
        if ends:
            yield (plain[at % 3], *(plain[0] | {column.name: value} for value in ends))
    if nulls:
        yield tuple({**plain[0], **{each.name: None for each in nulls}} for _ in range(2))


def _named(columns: Sequence[InputColumn], plain: Sequence[Row]) -> Iterator[Rows]:
    """The constants of the code side by side, without a null and with one, which types all of them anew."""
    values = {each.name: named(each) for each in columns}
    rows = tuple(
        dict(plain[at % len(plain)]) | {name: found[at] for name, found in values.items() if at < len(found)}
        for at in range(max(map(len, values.values()), default=0))
    )
    if rows:
        yield rows
        yield (*rows, dict(plain[0]) | {each.name: None for each in columns if not each.request})


def _row(columns: Sequence[InputColumn], at: int) -> dict[str, Any]:
    """The at-th usual row. Columns move at different paces, so that no two of them tell the same story."""
    row = {}
    for place, column in enumerate(columns):
        values = usual(column)
        row[column.name] = values[(at + (place if at else 0)) % len(values)]
    return row


def _odd_row(columns: Sequence[InputColumn], plain: Sequence[Row], at: int) -> dict[str, Any]:
    row = dict(plain[at % len(plain)])
    for column in columns:
        values = odd(column)
        if at < len(values):
            row[column.name] = values[at]
    return row


def _real(rows: Sequence[Row]) -> Iterator[Rows]:
    for start in range(0, len(rows), MOST_ROWS):
        yield tuple(rows[start : start + MOST_ROWS])


def _generated(subject: OnDemandSubject, count: int, seed: int) -> list[Rows]:
    """By Hypothesis, from the declared schema alone."""
    if count <= 0 or not subject.inputs:
        return []
    import warnings

    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import HypothesisWarning
    from hypothesis.strategies import lists

    made: list[Rows] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(lists(_rows(subject), min_size=1, max_size=MOST_ROWS))
    def collect(rows: list[dict[str, Any]]) -> None:
        made.append(tuple(rows))

    with same_everywhere(), warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        collect()
    return made[:count]


def _rows(subject: OnDemandSubject) -> SearchStrategy[dict[str, Any]]:
    from hypothesis.strategies import fixed_dictionaries, none, one_of

    def value(column: InputColumn) -> SearchStrategy[Any]:
        made = strategy(column)
        # Three values to a null: a row in which everything is null shows little.
        return made if column.request else one_of(made, made, made, none())

    return fixed_dictionaries({column.name: value(column) for column in subject.inputs})
