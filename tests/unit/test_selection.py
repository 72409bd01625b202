"""Which features a check compares: what --feature, --service and --exclude leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skewguard.errors.check import NothingToCompare, UnknownName
from skewguard.model import FeatureSpec, ViewKind, ViewSpec
from skewguard.pipeline.options import CheckOptions
from skewguard.pipeline.selection import select

SERVICES = {"first": ("a:x", "b:y"), "second": ("b:z",)}


def view(name: str, *features: str) -> ViewSpec:
    specs = tuple(FeatureSpec(view=name, name=each, dtype="Int64") for each in features)
    return ViewSpec(name=name, base_name=name, kind=ViewKind.FEATURE_VIEW, join_keys=(), features=specs)


def selected(**options: Any) -> list[str]:
    asked = CheckOptions(repo=Path("repo"), db=Path("ledger"), **options)
    chosen = select(asked, [view("a", "x", "w"), view("b", "y", "z")], SERVICES, [], [])
    return [feature.ref for each in chosen.views for feature in each.features]


def test_each_option_alone() -> None:
    assert selected() == ["a:x", "a:w", "b:y", "b:z"]
    assert selected(features=("a:x", "b")) == ["a:x", "b:y", "b:z"]
    assert selected(services=("first",)) == ["a:x", "b:y"]
    assert selected(services=("first", "second")) == ["a:x", "b:y", "b:z"]
    assert selected(excludes=("a:x", "b:z")) == ["a:w", "b:y"]


def test_two_options_restrict_more_than_either() -> None:
    assert selected(services=("first",), features=("b",)) == ["b:y"]
    assert selected(services=("first", "second"), features=("b", "a:w")) == ["b:y", "b:z"]
    assert selected(services=("first",), features=("a", "b"), excludes=("a",)) == ["b:y"]


def test_what_nothing_is_left_of_is_an_error() -> None:
    with pytest.raises(NothingToCompare):
        selected(services=("second",), features=("a",))
    with pytest.raises(UnknownName, match="--service 'frist'"):
        selected(services=("frist",), features=("a",))
