"""Transforms tested in two lanes come back in their order, each once, and an end of one lane ends the other."""

from __future__ import annotations

import threading

import pytest

from skewguard.pipeline.parity_lanes import in_lanes

ITEMS = list("abcdef")


def never() -> None:
    raise AssertionError("nothing went wrong")


def test_each_is_done_once_in_the_lane_that_may() -> None:
    began, here, beside = threading.Event(), [], []

    def first(item: str) -> str:
        assert began.wait(10), "the other lane runs at the same time"
        here.append(item)
        return item.upper()

    def second(item: str) -> str:
        beside.append(item)
        began.set()
        return item.upper()

    assert in_lanes(ITEMS, [1, 3, 5], first, second, give_up=never) == list("ABCDEF")
    assert sorted(here + beside) == ITEMS
    assert beside[0] == "f" and here[:3] == ["a", "c", "e"] and set(beside) <= set("bdf")


def test_what_the_other_lane_cannot_do_is_done_here() -> None:
    assert in_lanes(ITEMS, [0, 5], str.upper, lambda item: None, give_up=never) == list("ABCDEF")


def test_an_error_here_ends_the_other_lane() -> None:
    ended = threading.Event()

    def broken(item: str) -> str:
        raise KeyboardInterrupt

    def waits(item: str) -> str:
        assert ended.wait(10)
        return item

    with pytest.raises(KeyboardInterrupt):
        in_lanes(ITEMS, [5], broken, waits, give_up=ended.set)
    assert ended.is_set()


def test_an_error_beside_is_not_lost() -> None:
    def broken(item: str) -> str:
        raise RuntimeError(item)

    with pytest.raises(RuntimeError, match="f"):
        in_lanes(ITEMS, [5], str.upper, broken, give_up=lambda: None)
