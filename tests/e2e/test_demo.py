"""`skewguard demo`: clean before, every bug caught under its own name after, and nothing else; and what refuses it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from building import Checked, run

from skewguard.pipeline import demo as playing
from skewguard.pipeline.demo_bugs import BUGS
from skewguard.vocabulary import Cause

pytestmark = [pytest.mark.feast, pytest.mark.slow]

CAUSES = {
    "not_yet_materialized": "route_delays",
    "late_arrival": "origin_weather",
    "ttl_not_enforced": "plane_registry",
    "rescaled": "plane_size",
    "online_only_push": "carrier_delays",
    "transform_version": "origin_weather",
}
FOUND = """
    select features.feature_view as view, causes.cause, sum(causes.cells) as cells
    from causes join features using (run_id, feature)
    where run_id = (select max(run_id) from runs)
    group by all
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Checked]:
    """A demo in a folder of its usual name, played once."""
    here = tmp_path_factory.mktemp("a person's folder")
    (here / "skewguard-demo").mkdir()  # what a demo that somebody interrupted left there is replaced
    (here / "skewguard-demo" / playing.MARK).write_text(playing.UNFINISHED)
    return here / "skewguard-demo", run("demo", "-q", cwd=here)


def rows(folder: Path, query: str) -> list[dict[str, object]]:
    from skewguard.ledger import query as ask

    found: list[dict[str, object]] = ask(folder / "skewguard.duckdb", query).to_pylist()
    return found


def test_each_bug_is_shown_under_its_own_name(played: tuple[Path, Checked]) -> None:
    _, told = played
    assert told.exit_code == 0, told.stdout + told.stderr
    assert "Clean before, and all 6 bugs caught" in told.stdout and "NOT CAUGHT" not in told.stdout
    for bug in BUGS:
        part = told.stdout.split(bug.title, 1)[1]
        assert f"Caught: {bug.cause}," in part and f"skewguard explain {bug.feature}" in part
        assert {"source", "offline", "online"} <= set(part.split("skewguard explain", 1)[0].split())


def test_the_ledger_has_the_clean_check_and_then_the_bugs_and_nothing_else(played: tuple[Path, Checked]) -> None:
    folder, _ = played
    verdicts = rows(folder, "select verdict, mode from runs order by run_id")
    assert verdicts == [{"verdict": "pass", "mode": "live"}, {"verdict": "fail", "mode": "live"}]
    found = {(row["view"], row["cause"]): row["cells"] for row in rows(folder, FOUND)}
    bugs = {(view, cause) for cause, view in CAUSES.items()}
    assert bugs <= set(found) and all(cells for cells in found.values())
    assert {cause for view, cause in set(found) - bugs} == {"inherited"}


def test_what_it_names_is_there_and_works(played: tuple[Path, Checked]) -> None:
    folder, told = played
    assert (folder / "report.html").as_uri() in told.stdout
    assert "plane_size" in (folder / "report.html").read_text(encoding="utf-8")
    assert run("compare", "latest~1", "latest", cwd=folder).exit_code == 1
    explained = run("explain", "plane_size:size_score", cwd=folder)
    assert explained.exit_code == 0 and "rescaled" in explained.stdout
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert all(f"skewguard explain {bug.feature} " in readme for bug in BUGS)


def test_a_folder_that_holds_something_is_left_alone(played: tuple[Path, Checked], tmp_path: Path) -> None:
    folder, _ = played
    refused = run("demo", "-q", cwd=folder.parent)
    assert refused.exit_code == 2 and "is not empty" in refused.stderr and "--again" in refused.stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("three years of work")
    refused = run("demo", "mine", "--again", "-q", cwd=tmp_path)
    assert refused.exit_code == 2 and (tmp_path / "mine" / "thesis.txt").read_text() == "three years of work"


def test_a_bug_that_is_not_caught_is_said_and_fails(played: tuple[Path, Checked]) -> None:
    """Of the check that was made, another cause is expected: it is not there, and what is there is of no bug."""
    from skewguard.pipeline.history import stored

    folder, _ = played
    db = folder / "skewguard.duckdb"
    before, after = (stored(name, db=db, here=folder) for name in ("latest~1", "latest"))
    caught = tuple(playing._caught(bug, after.features, db) for bug in BUGS)
    right = playing.Played(folder=folder, before=before, after=after, caught=caught, strays=())
    assert right.as_it_should and playing._strays(after) == []
    missed = playing._caught(replace(BUGS[0], cause=Cause.DELETED_UPSTREAM), after.features, db)
    assert missed.shown is None and missed.cells == 0
    assert not replace(right, caught=(missed, *caught[1:])).as_it_should
    assert not replace(right, strays=("origin_delays: unexplained",)).as_it_should
    assert not replace(right, before=after).as_it_should
