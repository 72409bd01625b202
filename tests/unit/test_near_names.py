"""Which known names an error offers in place of an unknown one."""

from __future__ import annotations

import pytest

from skewguard.errors.base import near

KNOWN = ["a:one", "b:two", "c:three", "driver_hourly_stats:conv_rate", "driver_hourly_stats", "ID", "id"]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("driver_hourly_stat", "driver_hourly_stats"),
        ("DRIVER_HOURLY_STATS:Conv_Rate", "driver_hourly_stats:conv_rate"),
        ("conv_rate", "driver_hourly_stats:conv_rate"),
        ("Id", "ID"),
    ],
)
def test_what_was_meant_comes_first(name: str, first: str) -> None:
    assert near(name, KNOWN).removeprefix("Known names near it: ").rstrip(".").split(", ")[0] == first


def test_names_that_differ_in_case_alone_are_both_offered() -> None:
    assert near("iD", KNOWN) == "Known names near it: ID, id."


def test_where_nothing_is_like_it_some_are_named() -> None:
    assert near("zzzzzz", KNOWN) == "Known names near it: ID, a:one, b:two."
    assert near("", KNOWN) == "Known names near it: ID, a:one, b:two."
    assert near("x", []) == ""
