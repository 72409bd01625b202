"""docs/contracts_and_waivers.md: every TOML block is one that skewguard reads, and its words are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from skewguard import config, sql
from skewguard.config import OF_A_WAIVER
from skewguard.ledger.schema import make_tables
from skewguard.pipeline.given import READERS, check_options
from skewguard.pipeline.redacting import KEY
from skewguard.redaction import MARK

PAGE = (Path(__file__).parents[2] / "docs" / "contracts_and_waivers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_there_are_blocks() -> None:
    assert len(BLOCKS) == 3


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_read(block: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
    found = config.load(tmp_path, known_options=READERS)
    assert found.contracts or found.waivers or found.options
    options = check_options(here=tmp_path)
    assert (options.contracts, options.waivers) == (found.contracts, found.waivers)


def test_every_key_of_a_contract_and_a_waiver_is_there() -> None:
    for name in (*config.READERS, *OF_A_WAIVER):
        assert re.search(rf"^{name} = ", PAGE, re.MULTILINE), name
    assert KEY in PAGE
    assert MARK in PAGE


def test_the_questions_are_some_that_the_ledger_answers() -> None:
    questions = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    with sql.connect() as connection:
        make_tables(connection)
        assert [connection.sql(each).columns[0] for each in questions] == ["feature", "owner"]
