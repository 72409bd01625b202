"""The time of a source's file alone says little: what earlier runs saw of a cell may tell that it was not rewritten."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from building import Project
from deploying import BOTH, CREATED, VIEW, Deployed, Event, history, play
from seeding import note

pytestmark = pytest.mark.feast


@pytest.fixture
def deployed(tmp_path: Path) -> Deployed:
    """Nothing is applied or written yet."""
    made = Deployed(Project(folder=tmp_path / "repo"))
    made.define()
    return made


def served_by_hand(deployed: Deployed, driver: int, value: int) -> None:
    """Another value in the place of the one that online has, at the same event."""
    import pandas as pd

    row = pd.read_parquet(deployed.project.folder / "stats.parquet").query(f"driver_id == {driver}")
    deployed.store.write_to_online_store("stats", row.assign(trips=value, rate=value / 8))


def rewrite(deployed: Deployed, driver: int, value: int) -> None:
    """Another value in the place of the one that the source has, at the same event; nobody says when."""
    deployed.events = [
        Event(each.driver, each.age, value) if each.driver == driver else each for each in deployed.events
    ]
    deployed.write()


def named(deployed: Deployed, wanted: dict[str, set[int]], *words: str) -> None:
    checked = deployed.check(*words)
    note(checked, {ref: {cause: len(drivers) for cause, drivers in wanted.items()} for ref in BOTH})
    cells = deployed.project.rows(
        "select feature, cause, (entity->>'driver_id')::int as driver from latest_diffs where skewed"
    )
    told = {(each["feature"], each["cause"], each["driver"]) for each in cells}
    assert told == {(ref, cause, driver) for ref in BOTH for cause, drivers in wanted.items() for driver in drivers}


def test_a_cell_that_was_unexplained_is_not_explained_by_a_file_written_since(deployed: Deployed) -> None:
    play(deployed, history(20, 10), (48, 2))
    served_by_hand(deployed, 3, 31337)
    named(deployed, {"unexplained": {3}})
    deployed.events += [Event(5, 1, 501)]
    rewrite(deployed, 9, 31338)
    wanted = {"unexplained": {3}, "rewritten_history": {9}, "not_yet_materialized": {5}}
    named(deployed, wanted)
    # The same file again, but for 3, of which online had departed before: what was named stays so.
    rewrite(deployed, 3, 31339)
    named(deployed, wanted)


def test_a_cell_that_matched_since_the_file_was_written_is_not_explained_by_that(deployed: Deployed) -> None:
    play(deployed, history(20, 10), (48, 2))
    deployed.events += [Event(5, 1, 501)]
    deployed.write()
    named(deployed, {"not_yet_materialized": {5}})
    served_by_hand(deployed, 3, 31337)
    named(deployed, {"not_yet_materialized": {5}, "unexplained": {3}})
    rewrite(deployed, 4, 31338)
    named(deployed, {"not_yet_materialized": {5}, "unexplained": {3}, "rewritten_history": {4}})


def test_a_nightly_table_is_not_rewritten_for_landing_after_its_windows(deployed: Deployed) -> None:
    """All its rows are created after the window's end, and are online: that one of them was says nothing."""
    play(deployed, [Event(driver, 10, 1000 * driver, created=1) for driver in range(20)], (48, 2))
    served_by_hand(deployed, 3, 31337)
    named(deployed, {"unexplained": {3}})
    deployed.events = [Event(9, 10, 31338, created=0.5) if each.driver == 9 else each for each in deployed.events]
    deployed.write()
    deployed.apply()
    named(deployed, {"unexplained": {3}, "rewritten_history": {9}})


def test_a_file_that_is_added_to_a_folder_rewrites_none_of_the_others(tmp_path: Path) -> None:
    deployed = Deployed(Project(folder=tmp_path / "repo", offline="dask"))
    place = deployed.project.folder / "stats.parquet"
    (deployed.project.folder / "parts").mkdir()
    deployed.define(VIEW.format(created=CREATED, ttl="timedelta(hours=96)").replace("/stats.parquet", "/parts"))

    def write(part: str, events: list[Event]) -> None:
        deployed.events = events
        deployed.write()
        shutil.copyfile(place, deployed.project.folder / "parts" / part)

    first = history(20, 10)
    write("first.parquet", first)
    deployed.apply()
    deployed.materialize(48, 2)
    served_by_hand(deployed, 3, 31337)
    write("second.parquet", [Event(5, 1, 501)])
    named(deployed, {"not_yet_materialized": {5}, "unexplained": {3}})
    write("first.parquet", [Event(each.driver, each.age, 31338) if each.driver == 9 else each for each in first])
    named(deployed, {"not_yet_materialized": {5}, "unexplained": {3}, "rewritten_history": {9}})
