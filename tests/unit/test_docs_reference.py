"""docs/reference/ is what scripts/reference.py makes of the code, and scripts/meanings.toml knows all words."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from documentation import ROOT

from skewguard import config
from skewguard.pipeline.given import READERS

AGAIN = "run `python scripts/reference.py`, and commit docs/reference/"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date(reference: ModuleType) -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in reference.FOLDER.iterdir()}
    made = reference.made()
    assert sorted(there) == sorted(made), AGAIN
    for name, text in made.items():
        assert there[name] == text, f"docs/reference/{name} is out of date: {AGAIN}"


def test_an_outdated_page_is_found(reference: ModuleType, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "reference")
    assert reference.main(["--check"]) == 1
    assert not (tmp_path / "reference").exists()
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    (tmp_path / "reference" / "laws.md").write_text("old")
    assert reference.main(["--check"]) == 1


def leaves(table: dict[str, Any], *path: str) -> Iterator[tuple[str, ...]]:
    for name, each in table.items():
        if isinstance(each, dict):
            yield from leaves(each, *path, name)
        else:
            yield (*path, name)


def test_every_meaning_is_used(reference: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file says of something that the code does not have any more is to be deleted."""
    used = set()
    ask = reference.meaning

    def noting(table: dict[str, str], name: str, where: str) -> str:
        used.add((id(table), name))
        return ask(table, name, where)

    monkeypatch.setattr(reference, "meaning", noting)
    reference.made()
    for path in leaves(reference.MEANINGS):
        table = reference.MEANINGS
        for name in path[:-1]:
            table = table[name]
        assert (id(table), path[-1]) in used, f"scripts/meanings.toml: {'.'.join(path)} is about nothing there is"


@pytest.mark.parametrize(
    "path",
    [
        ("tables", "features", "owner"),
        ("kinds", "match"),
        ("exit_codes", "130"),
        ("json", "ledger"),
        ("waivers", "owner"),
    ],
)
def test_a_meaning_that_is_missing_fails(
    path: tuple[str, ...], reference: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = reference.MEANINGS
    for name in path[:-1]:
        table = table[name]
    monkeypatch.delitem(table, path[-1])
    with pytest.raises(reference.MeaningMissing, match=path[-1]):
        reference.made()


def test_every_setting_is_there(reference: ModuleType) -> None:
    page = (reference.FOLDER / "config.md").read_text(encoding="utf-8")
    for key in (*READERS, *config.READERS, *config.OF_A_WAIVER):
        assert f"| `{key}` |" in page, key
