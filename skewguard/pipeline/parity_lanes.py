"""Tests several transforms at once: in one lane those that only the loaded process has, in another batch transforms."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def several_cores() -> bool:
    """Whether a second lane has a processor to run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) > 1
    return (os.cpu_count() or 1) > 1


def in_lanes(
    items: Sequence[Item],
    shared: Collection[int],
    here: Callable[[Item], Result],
    beside: Callable[[Item], Result | None],
    *,
    give_up: Callable[[], None],
) -> list[Result]:
    """What each item comes to, in their order.

    `beside` runs in a thread and takes of the `shared` places from the last on, None where it cannot; `here` takes all
    others, and then of the shared ones from the first on. `give_up` is called where `here` raises: it makes `beside`
    return soon.
    """
    waiting, found, refused = deque(sorted(shared)), dict[int, Result](), list[int]()

    def take_beside() -> None:
        for at in _each(waiting.pop):
            result = beside(items[at])
            if result is None:
                refused.append(at)
            else:
                found[at] = result

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(take_beside)
        try:
            for at in chain((each for each in range(len(items)) if each not in shared), _each(waiting.popleft)):
                found[at] = here(items[at])
            running.result()
        except BaseException:
            waiting.clear()
            give_up()
            raise
    found |= {at: here(items[at]) for at in refused}
    return [found[at] for at in range(len(items))]


def _each(take: Callable[[], int]) -> Iterator[int]:
    """What there is to take, of which another thread takes too."""
    with suppress(IndexError):
        while True:
            yield take()
