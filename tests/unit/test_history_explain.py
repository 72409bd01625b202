"""One feature explained: its causes with their shares, one worked cell, what to do, and SQL that runs as printed."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import ledger_runs as given
import pyarrow as pa
import pytest

from skewguard import ledger
from skewguard.errors.ledger import FeatureUnknown, NoRuns, RunUnknown
from skewguard.ledger.explain import literal
from skewguard.model import Cause
from skewguard.pipeline.history import explain
from skewguard.report import explained
from skewguard.report.remedies import REMEDIES, UNKNOWN, remedy_of

NASTY = ["v:n", "v:it's", 'v:a "b" $cause `c` \\ !', "v:größe\n\u202e\x1b[2J", "v:select * from runs; --", "v:'; drop"]


def write(path: Path, number: int, feature: str, *cells: dict[str, Any], skewed: int | None = None) -> None:
    """A run in which each of `cells` is one skewed cell of `feature`."""
    usual = {
        "feature": feature, "as_of": given.AS_OF, "kind": "mismatch", "skewed": True, "cause": "unexplained",
        "blame": "online", "source_value": "9.0", "offline_value": "9.0", "online_value": "1.0", "offline_number": 9.0,
        "online_number": 1.0, "source_event_timestamp": None, "online_event_timestamp": None, "freshness_lag": None,
        "evidence": None,
    }  # fmt: skip
    rows = [{**usual, "row_id": at, "entity": json.dumps({"k": at}), **each} for at, each in enumerate(cells)]
    times = {each: pa.timestamp("us", "UTC") for each in ("source_event_timestamp", "online_event_timestamp")}
    kinds = {**times, "freshness_lag": pa.duration("us"), "evidence": pa.string()}
    names = list(rows[0]) if rows else ["row_id"]
    diffs = pa.table({name: pa.array([row[name] for row in rows], kinds.get(name)) for name in names})
    count = len(cells) if skewed is None else skewed
    result = replace(
        given.features()[0], feature=feature, skewed=count, mismatched=count, compared=10, requested=10,
        matched=10 - count, notes=("a note",),
    )  # fmt: skip
    ledger.write_run(
        path, run=given.record(number), features=[result], entity_rows=given.entity_rows(max(count, 1)), diffs=diffs
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "skewguard.duckdb"


def test_each_cause_with_its_share_and_the_cell_that_shows_most(path: Path) -> None:
    event = given.AS_OF - timedelta(hours=1)
    shown = {
        "cause": "stale_online", "row_id": 7, "entity": '{"k": "x\\u001b"}', "freshness_lag": timedelta(hours=2),
        "source_event_timestamp": event, "online_event_timestamp": event - timedelta(hours=2),
        "evidence": '{"window_end": "2026-11-20T11:00:00Z", "unheard_of": [1, {"a": null}]}',
    }  # fmt: skip
    cells = [{"cause": "stale_online", "online_value": None}, shown, {"cause": "precision"}, {**shown, "row_id": 9}]
    write(path, 1, "v:n", *cells)
    found = explain("v:n", run=None, db=path, here=path.parent)
    assert [(each.cause, each.cells, each.share) for each in found.causes] == [
        ("stale_online", 3, 0.75), ("precision", 1, 0.25),
    ]  # fmt: skip
    said = explained.text(found, columns=400)
    assert "4 of 10 rows differ (40 %)" in said
    assert "stale_online: 3 cells (75 %); who departs from the source: online in 3" in said
    assert "For example k='x\\x1b'" in said or "For example k=x\\x1b" in said
    assert "source   9.0  of the event at 2026-11-20T11:30:00Z" in said
    assert "online   1.0  of the event at 2026-11-20T09:30:00Z" in said
    assert "online is 2:00:00 behind the source" in said
    assert "window end: 2026-11-20T11:00:00Z" in said
    assert 'unheard of: [1, {"a": null}]' in said
    assert REMEDIES[Cause.STALE_ONLINE].what_to_do in said
    result = json.loads(explained.as_json(found))
    first = result["causes"][0]
    assert first["departs"] == {"online": 3, "offline": 0, "both": 0}
    assert first["example"]["evidence"]["unheard_of"] == [1, {"a": None}]
    assert first["example"]["freshness_lag"] == 7200
    assert first["what_to_do"] == REMEDIES[Cause.STALE_ONLINE].what_to_do


def test_a_source_that_nobody_could_compute_is_not_said_to_be_null(path: Path) -> None:
    none, reason = {"source_value": None}, '{"reason": "ValueError: one row\\u001b only"}'
    raised = {"cause": "input_type", "kind": "serving_error", "online_value": None, "evidence": reason}
    write(path, 1, "v:n", {**none, "blame": "unknown", **raised}, {**none, "cause": "precision"})
    said = explained.text(explain("v:n", run=None, db=path, here=path.parent), columns=400).splitlines()
    assert [line.strip() for line in said if line.startswith(("    source", "    offline", "    online"))] == [
        r"offline  9.0", r"online   ValueError: one row\x1b only", "source   null", "offline  9.0", "online   1.0",
    ]  # fmt: skip


def test_a_feature_without_skew(path: Path) -> None:
    write(path, 1, "v:n")
    found = explain("v:n", run="latest", db=path, here=path.parent)
    assert found.causes == ()
    assert "nothing to explain" in explained.text(found)


def test_the_newest_run_that_has_the_feature_unless_one_is_named(path: Path) -> None:
    write(path, 1, "v:n", {})
    write(path, 2, "v:n", {}, {})
    write(path, 3, "w:n", {})
    assert explain("v:n", run=None, db=path, here=path.parent).run.run_id == given.run_id(2)
    assert explain("v:n", run="latest~2", db=path, here=path.parent).run.run_id == given.run_id(1)
    with pytest.raises(FeatureUnknown, match=r"No run in the ledger has a feature 'v:m'.*near it: v:n"):
        explain("v:m", run=None, db=path, here=path.parent)
    with pytest.raises(FeatureUnknown, match=rf"Run {given.run_id(3)} has no feature 'v:n'.*near it: w:n"):
        explain("v:n", run="latest", db=path, here=path.parent)
    with pytest.raises(RunUnknown):
        explain("v:n", run="nope", db=path, here=path.parent)


def test_a_ledger_without_runs(path: Path) -> None:
    given.write(path, 1)
    ledger.keep_runs(path, 0)
    with pytest.raises(NoRuns):
        explain("v:n", run=None, db=path, here=path.parent)


@pytest.mark.parametrize("feature", NASTY)
def test_each_proof_runs_as_it_is_printed(path: Path, feature: str) -> None:
    causes = [*map(str, Cause), "of_a_later_version"]
    write(path, 1, feature, *({"cause": each} for each in causes), {"cause": "precision"}, skewed=10)
    found = explain(feature, run=None, db=path, here=path.parent)
    assert {each.cause for each in found.causes} == set(causes)
    with ledger.open_ledger(path) as connection:
        for each in found.causes:
            assert each.proof.isprintable()
            answer = ledger.ask(connection, each.proof).to_pylist()
            assert len(answer) == (2 if each.cause == "precision" else 1)
            assert shlex.split(explained.command(each.proof, None)) == ["skewguard", "sql", each.proof]
            assert {row["cells"] for row in answer} == {len(answer)}
            assert not any(row.get("proved") for row in answer), f"nothing is noted of {each.cause}"
            if "ratio" in answer[0]:
                assert answer[0]["ratio"] == pytest.approx(1 / 9)


def test_the_printed_command_names_the_ledger_that_was_named(path: Path) -> None:
    write(path, 1, "v:n", {})
    place = str(path.with_name("it's mine.duckdb"))
    path.rename(place)
    said = explained.text(explain("v:n", run=None, db=place, here=path.parent))
    (line,) = re.findall(r"skewguard sql .*", said)
    assert shlex.split(line)[2:4] == ["--db", place]


@pytest.mark.parametrize("text", ["", "a", "'", "\n", "a\nb'c\u202e", "\n\n'", "größe 日本", "\\n"])
def test_a_literal_is_its_text_in_characters_that_can_be_shown(text: str) -> None:
    from skewguard import sql

    written = literal(text)
    assert written.isprintable()
    with sql.connect() as connection:
        assert connection.sql(f"select {written} = $text", params={"text": text}).fetchall() == [(True,)]


def test_every_cause_says_what_it_is_and_what_to_do() -> None:
    assert set(REMEDIES) == set(Cause)
    texts = [(each.is_when, each.leads_to_it, each.what_to_do) for each in (*REMEDIES.values(), UNKNOWN)]
    assert all(text.endswith(".") and "  " not in text for each in texts for text in each)
    assert len({each[2] for each in texts}) == len(texts), "two causes with one remedy are one cause"
    assert remedy_of("of_a_later_version") is UNKNOWN
    assert remedy_of("precision") is REMEDIES[Cause.PRECISION]
