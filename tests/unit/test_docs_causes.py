"""docs/causes.md has every cause in the order of INTERFACE.md, its evidence, and what the reports say of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from skewguard.model import Cause
from skewguard.report.remedies import REMEDIES

PAGE = (Path(__file__).parents[2] / "docs" / "causes.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", PAGE, flags=re.MULTILINE | re.DOTALL))


def flowing(text: str) -> str:
    return " ".join(text.split())


def test_every_cause_has_a_section_in_order() -> None:
    assert list(SECTIONS) == [str(cause) for cause in Cause]


@pytest.mark.parametrize("cause", list(Cause))
def test_a_section_says_what_the_reports_say_and_the_evidence(cause: Cause) -> None:
    said, remedy = flowing(SECTIONS[cause]), REMEDIES[cause]
    assert f"When {flowing(remedy.is_when)}" in said
    assert f"**What leads to it:** {flowing(remedy.leads_to_it)}" in said
    assert f"**What to do:** {flowing(remedy.what_to_do)}" in said
    assert re.search(r"\*\*Evidence:\*\* \S", said)


def test_every_cause_has_a_proof_of_its_own() -> None:
    folder = Path(__file__).parents[2] / "skewguard" / "ledger" / "evidence"
    assert {path.stem for path in folder.glob("*.sql")} == set(map(str, Cause))


@pytest.mark.parametrize("cause", list(Cause)[: list(Cause).index(Cause.UNEXPLAINED)])
def test_the_evidence_on_the_page_is_what_the_code_writes(cause: Cause) -> None:
    """The first key that a section names is one that some file of the package writes."""
    named = re.search(r"\*\*Evidence:\*\*[^`]*`(\w+)`", SECTIONS[cause])
    assert named
    folder = Path(__file__).parents[2] / "skewguard" / "causes"
    written = "\n".join(path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file())
    assert re.search(rf"['\"]{named[1]}['\"]", written), f"no file of skewguard/causes writes {named[1]!r}"
