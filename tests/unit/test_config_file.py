"""`[tool.skewguard]`: what it may say, what is refused, and which contract wins."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from skewguard.config import Config, ContractRule, contract_for, load, unmatched
from skewguard.contract import Contract, Tolerance
from skewguard.errors.config import BadValue, ConfigError, ConfigUnreadable, UnknownKey

OPTIONS = ("sample", "seed", "max_skew_rate")


def written(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_file_with_a_table_is_read(tmp_path: Path) -> None:
    inner = tmp_path / "inner" / "deep"
    inner.mkdir(parents=True)
    path = written(tmp_path, '[tool.skewguard]\nrepo = "feature_repo"\nsample = 50\nmax-skew-rate = 0.01\n')
    written(tmp_path / "inner", "[tool.other]\nx = 1\n")
    found = load(inner, known_options=OPTIONS)
    assert found.path == path
    assert found.folder == tmp_path
    assert found.repo == tmp_path / "feature_repo"
    assert found.options == {"sample": 50, "max_skew_rate": 0.01}


def test_no_file_is_no_config(tmp_path: Path) -> None:
    assert load(tmp_path, known_options=OPTIONS) == Config()


def test_contracts_are_read(tmp_path: Path) -> None:
    written(
        tmp_path,
        """
        [tool.skewguard.contracts."driver:rate"]
        nullable = false
        range = [0, inf]
        categories = ["a", "b"]
        tolerance = { relative = 1e-3 }
        max-skew-rate = "0.1%"
        freshness = "2h"
        owner = "ops"
        """,
    )
    (rule,) = load(tmp_path, known_options=OPTIONS).contracts
    assert rule == ContractRule(
        pattern="driver:rate",
        contract=Contract(
            nullable=False,
            range=(0.0, None),
            categories=("a", "b"),
            tolerance=Tolerance(relative=1e-3),
            max_skew_rate=0.001,
            freshness=timedelta(hours=2),
            owner="ops",
        ),
    )


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("[tool.skewguard]\nsampel = 3", UnknownKey, "`sampel` is not a key.*sample"),
        ('[tool.skewguard.contracts."a:b"]\ntollerance = 1', UnknownKey, r'contracts\."a:b"\].*tolerance'),
        ('[tool.skewguard.contracts."a:b"]\nrange = [2, 1]', BadValue, r"two numbers \[least, most\]"),
        ('[tool.skewguard.contracts."a:b"]\nrange = [nan, 1]', BadValue, "two numbers"),
        ('[tool.skewguard.contracts."a:b"]\ntolerance = 0.1', BadValue, "table"),
        ('[tool.skewguard.contracts."a:b"]\ntolerance = {}', BadValue, "`absolute`, `relative` or both"),
        ('[tool.skewguard.contracts."a:b"]\ntolerance = {absolute = -1}', BadValue, "at least 0"),
        ('[tool.skewguard.contracts."a:b"]\nnullable = "no"', BadValue, "true or false"),
        ('[tool.skewguard.contracts."a:b"]\nfreshness = 90', BadValue, "length of time"),
        ('[tool.skewguard.contracts."a"]\nnullable = true', BadValue, r'"a:\*"'),
        ('[tool.skewguard.contracts]\n"a:b" = 1', BadValue, "a table is needed"),
        ("[tool.skewguard]\ncontracts = 1", BadValue, "a table is needed"),
        ("[tool.skewguard]\nrepo = 1", BadValue, "some text"),
        ("[tool]\nskewguard = 1", BadValue, "a table is needed"),
        ("[tool.skewguard\n", ConfigUnreadable, "cannot be read"),
    ],
)
def test_what_it_cannot_mean_is_an_error_that_says_where(
    tmp_path: Path, text: str, error: type[ConfigError], said: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(error, match=said) as caught:
        load(tmp_path, known_options=OPTIONS)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 2


def rule(pattern: str, **promises: object) -> ContractRule:
    return ContractRule(pattern=pattern, contract=Contract(**promises))  # type: ignore[arg-type]


def test_the_most_specific_pattern_wins_promise_by_promise() -> None:
    rules = (
        rule("driver:rate", max_skew_rate=0.3),
        rule("driver:*", max_skew_rate=0.2, owner="drivers"),
        rule("*", max_skew_rate=0.1, owner="all", freshness=timedelta(1)),
    )
    declared = Contract(nullable=False, owner="tag", max_skew_rate=0.9)
    assert contract_for("driver:rate", declared, rules) == Contract(
        nullable=False, max_skew_rate=0.3, owner="drivers", freshness=timedelta(1)
    )
    assert contract_for("driver:trips", declared, rules).max_skew_rate == 0.2
    assert contract_for("rider:age", declared, rules).owner == "all"
    assert contract_for("rider:age", declared, ()) == declared


def test_of_equally_specific_patterns_the_later_wins() -> None:
    rules = (rule("driver:r*", owner="first"), rule("driver:*e", owner="second"))
    assert contract_for("driver:rate", Contract(), rules).owner == "second"
    assert contract_for("driver:rate", Contract(), rules[::-1]).owner == "first"


def test_a_tolerance_is_replaced_whole() -> None:
    declared = Contract(tolerance=Tolerance(absolute=5))
    merged = contract_for("a:b", declared, [rule("a:b", tolerance=Tolerance(relative=0.1))])
    assert merged.tolerance == Tolerance(absolute=0, relative=0.1)


def test_names_with_the_characters_of_patterns_are_themselves() -> None:
    assert rule("a[1]:b.c").covers("a[1]:b.c")
    assert not rule("a[1]:b.c").covers("a1:b.c")
    assert not rule("a[1]:b.c").covers("a[1]:bxc")
    assert rule("a:?").covers("a:ü")
    assert not rule("a:?").covers("a:bb")
    assert rule("*:b").covers("line\nbreak:b")


def test_patterns_that_match_nothing_are_told() -> None:
    rules = (rule("driver:*", owner="x"), rule("divers:*", owner="x"))
    assert unmatched(rules, ["driver:rate"]) == ("divers:*",)
