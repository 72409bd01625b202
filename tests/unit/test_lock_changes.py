"""A lock as text and back, under any name; and what two locks differ in, in words."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skewguard.code.pieces import pieces, text_pieces
from skewguard.code.walk import reach
from skewguard.errors.lock import LockUnreadable, LockUnwritable
from skewguard.locking import Lock, LockedView, changes, lock_text, read_lock, write_lock
from skewguard.locking.code import code_changes
from skewguard.locking.locked import Facts
from skewguard.locking.words import duration

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TEXTS = st.one_of(NAMES, st.lists(NAMES, max_size=3).map(tuple))
FACTS = st.dictionaries(NAMES, TEXTS, max_size=3)
VIEWS = st.builds(
    LockedView,
    facts=st.dictionaries(st.sampled_from(["ttl", "kind", "inputs"]), TEXTS),
    features=st.dictionaries(NAMES, FACTS, max_size=3),
    source=FACTS,
    events=st.dictionaries(NAMES, st.dictionaries(NAMES, TEXTS, min_size=1, max_size=2), max_size=2),
    transform=FACTS,
    code=st.dictionaries(NAMES, NAMES, max_size=3),
)
LISTED = st.lists(NAMES, max_size=3, unique=True).map(lambda each: tuple(sorted(each)))
LOCKS = st.builds(
    Lock,
    project=NAMES,
    views=st.dictionaries(NAMES, VIEWS, max_size=3),
    services=st.dictionaries(NAMES, st.dictionaries(NAMES, LISTED, max_size=2), max_size=2),
    aliases=st.dictionaries(NAMES, st.fixed_dictionaries({"view": NAMES}), max_size=2),
    libraries=st.dictionaries(NAMES, NAMES, max_size=2),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(LOCKS)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, lock: Lock) -> None:
    path = tmp_path_factory.getbasetemp() / "any.lock"
    path.write_bytes(lock_text(lock).encode("utf-8"))
    read = read_lock(path)
    assert read == lock
    assert lock_text(read) == lock_text(lock)
    assert changes(lock, read) == ()


@settings(max_examples=50, deadline=None, derandomize=True)
@given(LOCKS, LOCKS)
def test_two_locks_differ_exactly_where_their_texts_do(one: Lock, other: Lock) -> None:
    assert bool(changes(one, other)) == bool(changes(other, one))
    if changes(one, other):
        assert lock_text(one) != lock_text(other)


def test_a_name_that_no_text_file_can_hold_is_written_as_far_as_it_can() -> None:
    text = lock_text(Lock(project="a\ud800b\x7f\u202e", views={}))
    assert tomllib.loads(text.encode().decode())["project"] == "a\ufffdb\x7f\u202e"


@pytest.mark.parametrize(
    "shape", ["[views]\nx = 1", "[services.a]\nb = 1", "[libraries]\na = []", "[aliases.a]\nb = ''"]
)
def test_a_lock_of_another_shape_is_refused(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "skewguard.lock"
    path.write_text(f'version = 1\nproject = "p"\n{shape}\n')
    with pytest.raises(LockUnreadable):
        read_lock(path)


def test_a_lock_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LockUnwritable):
        write_lock(tmp_path / "no" / "skewguard.lock", Lock(project="p", views={}))
    assert not list(tmp_path.iterdir())


def test_code_is_named_by_what_it_is() -> None:
    old = {"m.own": "function 1", "m.help": "function 1", "m.C": "class 1", "m.N": "constant 1", "m.gone": "value 1"}
    new = {"m.own": "function 2", "n.help": "function 1", "m.C": "class 2", "m.N": "value 9", "m.come": "function 1"}
    assert list(code_changes(old, new, {"m.own"})) == [
        "code of helper class `C` changed",
        "value `N` changed",
        "helper `come` is reached now",
        "value `gone` is not reached any more",
        "helper `m.help` moved from m to n",
        "code of `own` changed",
    ]
    assert not list(code_changes(old, old, set()))


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(days=7), "7 d"),
        (timedelta(days=1, hours=12), "1 d 12 h"),
        (timedelta(minutes=90, seconds=1, microseconds=500), "1 h 30 m 1.0005 s"),
    ],
)
def test_durations_are_told_exactly(length: timedelta, words: str) -> None:
    assert duration(length) == words


PLAIN = LockedView(
    facts={"kind": "feature_view", "join_keys": ("shop: Int64", "day: Int64"), "ttl": "2 d"},
    features={"x": {"dtype": "Int64"}},
    source={"kind": "FileSource", "path": "a.parquet", "timestamp": "at"},
)
WITH_UDF = replace(
    PLAIN,
    facts={**PLAIN.facts, "libraries": ("numpy",)},
    transform={"fingerprint": "1", "function": "defs.scored", "mode": "pandas"},
    code={"defs.scored": "function 1", "defs.helper": "function 2"},
)
DECORATED = replace(
    WITH_UDF,
    source={**PLAIN.source, "path": "built/a.parquet"},
    events={"events": {"path": "a.parquet", "timestamp": "at"}},
    transform={"fingerprint": "2", "function": "tr.scored", "form": "pandas", "lookback": "7 d", "created": "none"},
)


def told(old: LockedView, new: LockedView) -> list[str]:
    """What is said of a view that another replaces."""
    locks = (Lock(project="p", views={"v": each}) for each in (old, new))
    return [each.words for each in changes(*locks)]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"online": "no"}, "online yes -> no"),
        ({"stored": "yes"}, "stored no -> yes"),
        ({"ttl": "none"}, "ttl 2 d -> none"),
        ({"join_keys": ("shop: String", "day: Int64")}, "join keys shop Int64 -> String"),
        ({"join_keys": ("shop: Int64",)}, "join keys lost day: Int64"),
        (
            {"join_keys": ("shop: String", "hour: Int64")},
            "join keys shop Int64 -> String and gained hour: Int64 and lost day: Int64",
        ),
        ({"entities": ()}, None),
    ],
)
def test_a_fact_is_told_as_people_say_it(facts: Facts, words: str | None) -> None:
    assert told(PLAIN, replace(PLAIN, facts={**PLAIN.facts, **facts})) == ([] if words is None else [words])


def test_a_column_of_times_is_named_as_one() -> None:
    source = {**PLAIN.source, "timestamp": "ts", "created": "made"}
    assert told(PLAIN, replace(PLAIN, source=source)) == [
        "source: created timestamp column none -> made",
        "source: timestamp column at -> ts",
    ]


def test_a_view_that_is_computed_otherwise_is_told_in_one_sentence() -> None:
    read, function = "read from its source", "computed by the function defs.scored"
    decorated = "computed by the decorated transform tr.scored"
    assert told(PLAIN, DECORATED) == [
        f"it was {read}, and is {decorated} now",
        "source: path a.parquet -> built/a.parquet",
    ]
    assert told(PLAIN, WITH_UDF) == [f"it was {read}, and is {function} now"]
    assert told(WITH_UDF, PLAIN) == [f"it was {function}, and is {read} now"]
    assert told(DECORATED, WITH_UDF)[0] == f"it was {decorated}, and is {function} now"
    assert len(told(DECORATED, WITH_UDF)) == 2


def test_what_only_has_another_name_was_renamed() -> None:
    old = Lock(project="p", views={"a": PLAIN, "b": WITH_UDF}, services={"s": {"a": ("x",)}})
    new = Lock(project="p", views={"c": PLAIN, "b": WITH_UDF}, services={"t": {"a": ("x",)}})
    view, service = changes(old, new)
    assert (view.subject, view.words, view.features) == ("c", "the view was renamed from a", ("a:x", "c:x"))
    assert (service.subject, service.words) == ("service t", "the feature service was renamed from s")
    assert service.services == ("s", "t")


def test_a_view_that_cannot_be_read_is_not_said_to_be_gone() -> None:
    old = Lock(project="p", views={"a": PLAIN})
    assert [each.words for each in changes(old, Lock(project="p", views={}))] == ["the view is gone"]
    assert changes(old, Lock(project="p", views={}), unknown=["a"]) == ()


def test_an_alias_is_new_or_gone() -> None:
    none, one = Lock(project="p", views={}), Lock(project="p", views={}, aliases={"o": {"view": "a", "join_keys": ()}})
    assert [each.words for each in changes(none, one)] == ["the alias of a is new"]
    assert [each.words for each in changes(one, none)] == ["the alias of a is gone"]


def plus(number: float, step: float = 1) -> float:
    return number + step


def factory(step: float):  # type: ignore[no-untyped-def]
    def stepped(number: float) -> float:
        return plus(number, step)

    return stepped


class Adder:
    def add(self, number: float) -> float:
        return plus(number)


def test_functions_are_followed_wherever_they_were_made() -> None:
    here = __name__
    twice = lambda number: plus(plus(number))  # noqa: E731
    for function in (twice, factory(2), functools.partial(plus, step=3), Adder().add):
        assert f"{here}.plus" in pieces(function).code, function
    assert pieces(factory(2)).code != pieces(factory(3)).code, "a value that is closed over counts"
    assert pieces(functools.partial(plus, step=3)).code != pieces(functools.partial(plus, step=4)).code
    assert pieces(twice).fingerprint != pieces(lambda number: plus(number)).fingerprint
    assert reach(len).unread, "a function without Python code is told apart by its name at least"


def test_a_text_alone_is_compared_as_code_where_it_is_code() -> None:
    assert text_pieces("def f(x):\n    return x", "v") == text_pieces("def f( x ): # why\n  return x", "v")
    assert text_pieces("def f(x):\n    return x", "v") != text_pieces("def f(x):\n    return -x", "v")
    assert text_pieces("select a b", "v") != text_pieces("select a, b", "v")
