"""What a null outside the sample would do to whole numbers inside it, held to Feast itself."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pyarrow as pa
import pytest
from building import NOON, Project, hours

pytestmark = pytest.mark.feast

DEFINITIONS = """
account = Entity(name="account", join_keys=["k"], value_type=ValueType.INT64)
counts = FeatureView(
    name="counts", entities=[account], ttl=timedelta(days=9),
    schema=[Field(name="large", dtype=Int64), Field(name="small", dtype=Int64), Field(name="code", dtype=String)],
    source=FileSource(path=HERE + "/counts.parquet", timestamp_field="at"),
)
"""
LARGE = 2**53 + 1
HIDDEN = "has nulls in the source and none in the sample"


def project_of(folder: Path, *, third: int | None) -> Project:
    """Accounts 1, 2 and 3, of which only the third may have nulls."""
    project = Project(folder=folder)
    whole = {name: pa.int64() for name in ("k", "large", "small", "code")}
    columns = {"large": [LARGE, LARGE, third], "small": [1, 2, third], "code": [3, 4, third]}
    project.source("counts", {"k": [1, 2, 3], "at": [NOON - hours(1)] * 3, **columns}, **whole)
    project.define(DEFINITIONS)
    (folder / "asked.csv").write_text("k\n1\n2\n")
    return project


@pytest.mark.parametrize("third", [None, 7])
def test_whole_numbers_that_a_null_outside_the_sample_would_change(tmp_path: Path, third: int | None) -> None:
    project = project_of(tmp_path, third=third)
    checked = project.check("--entities", str(tmp_path / "asked.csv"))
    notes = {name: " ".join(checked.feature(f"counts:{name}")["notes"]) for name in ("large", "small", "code")}
    told = [part for part in notes["large"].split("'") if part in ("large", "small", "code")]
    assert told == ([] if third else ["large", "code"])
    assert (HIDDEN in notes["large"]) == (third is None)
    assert checked.counts("counts:large") == {"requested": 2, "compared": 2, "matched": 2}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        store = project.apply()
        store.materialize(NOON - hours(9), NOON)
        served = store.get_online_features(["counts:large", "counts:code"], [{"k": 1}]).to_dict()
    assert (served["large"], served["code"]) == (([LARGE], ["3"]) if third else ([LARGE - 1], ["3.0"]))
