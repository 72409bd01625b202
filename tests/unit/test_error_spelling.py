"""Errors name an option as whoever gave it wrote it: with dashes on the command line, as an argument in Python."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from building import run

import skewguard
from skewguard import SkewguardError, redaction
from skewguard.errors.base import called_in_python
from skewguard.errors.check import AsOfBeforeWindow, UnknownName
from skewguard.errors.config import OptionError
from skewguard.errors.spelling import BEGIN, END, OR
from skewguard.errors.store import ScanRefused
from skewguard.errors.tables import MappedTwice
from skewguard.pipeline.redacting import redacted_errors

PACKAGE = Path(skewguard.__file__).parent


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: skewguard.check(".", sample=0), "Argument `sample=0`: a whole number from 1 up "),
        (lambda: skewguard.check(".", as_of="noon"), "Argument `as_of='noon'`: latest, materialized, now, or an ISO"),
        (lambda: skewguard.check(".", sample=3, all=True), "Arguments `all` and `sample` cannot be given together: "),
        (lambda: skewguard.check(".", scan_online=True), "Argument `scan_online` needs `live`: "),
        (lambda: skewguard.check(".", smaple=3), "There is no argument `smaple`. Known names near it: sample"),
        (lambda: skewguard.check(5), "Argument `repo=5`: some text is needed."),
        (lambda: skewguard.diff("a", "b", key=[]), "Argument `key` is not given: a diff needs the columns"),
        (lambda: skewguard.diff("a", "b", key="k", map={"a": 1}), "Argument `map={'a': 1}`: some text is needed."),
        (lambda: skewguard.diff("", "b", key="k"), "Argument `offline=''`: some text is needed."),
        (lambda: skewguard.parity(".", examples=-1), "Argument `examples=-1`: "),
        (lambda: skewguard.diff("a", "b", key=pd.Series(["k"])), "Argument `key=0    k"),  # type: ignore[arg-type]
        (lambda: skewguard.lock(".", lock=3), "Argument `lock=3`: some text is needed."),  # type: ignore[arg-type]
        (lambda: skewguard.check(".", chdir="nowhere"), "There is no folder "),
    ],
)
def test_a_call_is_told_of_its_argument(
    call: Callable[[], Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SkewguardError) as caught:
        call()
    assert str(caught.value).startswith(said)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert not re.search(f"--[a-z]|[{BEGIN}{OR}{END}]", shown)


def test_the_command_line_is_told_of_its_option(tmp_path: Path) -> None:
    assert "Option `--sample` is '0': " in run("check", "--sample", "0", cwd=tmp_path).stderr
    assert "Argument `REPO` is '': " in run("check", "", cwd=tmp_path).stderr
    assert "Argument `OFFLINE` is '': " in run("diff", "", "b", "--key", "k", cwd=tmp_path).stderr


def test_each_error_has_both_forms() -> None:
    def in_python(error: SkewguardError) -> str:
        with pytest.raises(SkewguardError) as caught, called_in_python():
            raise error
        return str(caught.value)

    window = AsOfBeforeWindow("stats", "2026-01-01", "2026-02-01")
    assert str(window).startswith("--as-of 2026-01-01 is before 2026-02-01")
    assert "Use --as-of now, --as-of materialized or a later instant; or check without --live." in str(window)
    assert "Use `as_of='now'`, `as_of='materialized'` or a later instant; or check without `live=True`." in in_python(
        window
    )
    unknown = UnknownName("feature", "x", ["y"])
    assert str(unknown).startswith("--feature 'x' names nothing")
    assert in_python(unknown).startswith("`feature='x'` names nothing")
    assert "After `map`, the columns" in in_python(MappedTwice("a", ["b", "c"]))


def test_what_is_hidden_stays_hidden_in_both_forms() -> None:
    hiding = redaction.Redaction(patterns=("*",), key=b"key")
    with pytest.raises(ScanRefused) as caught, called_in_python(), redacted_errors(hiding):
        raise ScanRefused("redis", "ValueError: of 'secret'")
    assert "secret" not in str(caught.value)
    assert str(caught.value).startswith("`scan_online` cannot list the keys")


def test_a_value_cannot_choose_the_form() -> None:
    forged = f"{BEGIN}a{OR}b{END}"
    assert "\\ufdd0a\\ufdd1b\\ufdd2" in str(OptionError("since", forged, "it is odd"))


def test_no_error_that_a_call_can_raise_spells_an_option_by_itself() -> None:
    areas = ("base", "check", "config", "ledger", "repo", "selection", "source", "store", "tables")
    texts = [
        node.value
        for area in areas
        for node in ast.walk(ast.parse((PACKAGE / "errors" / f"{area}.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert len(texts) > 300
    # What stands in the words of a command is typed there, wherever it is read.
    spelt = [re.sub(r"`skewguard [^`]*", "", text) for text in texts]
    assert not [text for text in spelt if re.search(r"(?<!`)--[a-z]", text)]
