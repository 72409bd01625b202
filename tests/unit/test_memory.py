"""How much memory a diff may take before it spills."""

from __future__ import annotations

import re

import pytest

from skewguard import sql
from skewguard.pipeline.memory import memory_limit


@pytest.mark.parametrize(("machine", "limit"), [(8 * 2**30, "4096MiB"), (24 * 2**30, "12288MiB"), (2**40, "12288MiB")])
def test_half_of_the_machine_but_never_more_than_12_gib(machine: int, limit: str) -> None:
    assert memory_limit(machine) == limit


def test_duckdb_takes_the_limit_of_this_machine() -> None:
    connection = sql.connect(memory_limit=memory_limit())
    ((said,),) = connection.sql("select current_setting('memory_limit')").fetchall()
    assert re.fullmatch(r"[\d.]+ (MiB|GiB)", said)
    amount, unit = said.split()
    asked = int(memory_limit().removesuffix("MiB"))
    assert float(amount) * (1024 if unit == "GiB" else 1) == pytest.approx(asked, rel=0.02)
