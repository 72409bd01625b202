"""Reports of 1,000 features and 100,000 diffs, read from the ledger, take no time beside the check of them."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hostile import example, feature, run_record, skewed

from skewguard import ledger
from skewguard.cli.forms import FORMS
from skewguard.model import FeatureResult, Outcome, Place
from skewguard.report import text

FEATURES, CELLS = 1000, 200
SECONDS = 2.0  # of this process's own time; a check of so many features takes a minute


def results() -> tuple[FeatureResult, ...]:
    """Every second one is skewed, for two causes."""
    found = []
    for at in range(FEATURES):
        view, name = f"view {at // 20}", f"feature {at}"
        both = {"ttl_not_enforced": CELLS // 2, "late_arrival": CELLS // 2}
        red = replace(skewed(view, name, CELLS, "ttl_not_enforced"), causes=both)
        found.append(red if at % 2 else feature(view, name))
    return tuple(found)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "skewguard.duckdb"
    features = results()
    names = [each.feature for each in features if each.skewed]
    cells = len(names) * CELLS
    columns = {
        "row_id": [row for _ in names for row in range(CELLS)],
        "feature": [name for name in names for _ in range(CELLS)],
        "entity": [f'{{"key": {row}}}' for _ in names for row in range(CELLS)],
        "cause": ["ttl_not_enforced", "late_arrival"] * (cells // 2),
    }
    same = {"kind": "mismatch", "skewed": True, "blame": "online", "offline_value": "1.25", "online_value": "1.5"}
    diffs = pa.table(columns | {name: [value] * cells for name, value in same.items()})
    outcome = Outcome(
        run=run_record(config={}),
        exit_code=1,
        features=features,
        examples=tuple(replace(example(name, "", None), row_id=row) for name in names for row in range(3)),
        places=tuple(Place(feature_view=f"view {at}", file="views.py", line=at + 1) for at in range(FEATURES // 20)),
    )
    ledger.write_outcome(path, outcome, entity_rows=pa.table({"row_id": pa.array([], pa.int64())}), diffs=diffs)
    return path


@pytest.mark.parametrize("form", ["text", *FORMS])
def test_every_form_is_rendered_at_once(large: Path, form: str) -> None:
    began = time.process_time()
    with ledger.open_ledger(large) as connection:
        outcome = ledger.read_outcome(connection, "latest", ledger=large)
    said = text.render(outcome) if form == "text" else FORMS[form].render(outcome, large)
    assert time.process_time() - began < SECONDS
    assert len(outcome.features) == FEATURES
    assert len(outcome.examples) == FEATURES // 2 * 3
    assert len(said) > 1000
