"""Causes that are asked last, each by the real thing, and evidence of runs that failed and of sources that were cut."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from building import NOON, Project, hours
from deploying import CREATED, EVERYONE, VIEW, Deployed, Event, expect, history, play

pytestmark = pytest.mark.feast
FOREVER = 10**9


@pytest.fixture
def deployed(tmp_path: Path) -> Deployed:
    """Nothing is applied or written yet."""
    made = Deployed(Project(folder=tmp_path / "repo"))
    made.define()
    return made


@pytest.fixture
def expiring(tmp_path: Path, redis_server: str) -> Iterator[Callable[[int], Deployed]]:
    """Repos whose keys in Redis expire after so many seconds; it is emptied afterwards."""
    import redis

    host, _, port = redis_server.partition(":")

    def made(seconds: int) -> Deployed:
        online = f"type: redis\n    connection_string: {redis_server}\n    key_ttl_seconds: {seconds}"
        found = Deployed(Project(folder=tmp_path / "repo", online=online))
        found.define()
        return found

    yield made
    with redis.Redis(host=host, port=int(port)) as client:
        client.flushall()


@pytest.mark.redis
def test_keys_that_expired(expiring: Callable[[int], Deployed]) -> None:
    """Late rows and rows that wait for their window are what they were; the others expired."""
    deployed = expiring(1)
    play(deployed, [*history(20, 10), Event(3, 4, 77, created=1), Event(5, 1, 78)], (48, 2))
    time.sleep(1.2)
    wanted = {"late_arrival": {3}, "not_yet_materialized": {5}, "key_expired": EVERYONE - {3, 5}}
    evidence = expect(deployed.check(), deployed.project, wanted)
    assert any(each.get("key_ttl_seconds") == 1 for each in evidence)


@pytest.mark.redis
def test_keys_that_were_deleted_did_not_expire(expiring: Callable[[int], Deployed]) -> None:
    """By the age of their window they cannot have: who deleted them, nobody knows."""
    deployed = expiring(FOREVER)
    play(deployed, history(3, 10), (48, 2))
    store = deployed.store._get_provider().online_store
    store._get_client(deployed.store.config.online_store).flushall()
    checked = deployed.check()
    assert checked.feature("stats:trips")["causes"] == {"unexplained": 3}


def as_whole(deployed: Deployed) -> None:
    """`rate` is declared as whole numbers, though the source has fractions."""
    whole = VIEW.format(created=CREATED, ttl=deployed.ttl)
    deployed.define(whole.replace('Field(name="rate", dtype=Float32)', 'Field(name="rate", dtype=Int64)'))


def test_a_dtype_that_was_changed(deployed: Deployed) -> None:
    """Corrected, but what was stored before still has no fractions; new values have."""
    as_whole(deployed)
    play(deployed, history(20, 10, 4), (48, 2))
    deployed.define()
    deployed.apply()
    deployed.push(*(Event(driver, 4, 1000 * driver + 1) for driver in range(5)))
    deployed.write()  # what was written is the same: the time of a file is no better evidence
    wanted = {"dtype_changed": set(range(5, 20))}
    evidence = expect(deployed.check(), deployed.project, wanted, features=["stats:rate"])
    assert (evidence[0]["stored_as"], evidence[0]["declared_as"]) == ("INT64", "FLOAT")


def test_a_dtype_that_was_changed_and_written_again(deployed: Deployed) -> None:
    as_whole(deployed)
    play(deployed, history(20, 10, 4), (48, 2))
    deployed.define()
    deployed.apply()
    deployed.materialize(48, 2)
    expect(deployed.check(), deployed.project, {})


def test_another_value_in_another_dtype_is_not_explained(deployed: Deployed) -> None:
    """The dtype was changed, but that is not why these cells differ."""
    as_whole(deployed)
    play(deployed, history(3, 10, 4), (48, 2))
    deployed.push(*(Event(driver, 4, 31_337 + driver) for driver in range(3)))
    deployed.define()
    deployed.apply()
    checked = deployed.check()
    assert checked.feature("stats:rate")["causes"] == {"unexplained": 3}


UNPUSHED = VIEW.replace("source=pushed,", "source=source,").replace(
    'pushed = PushSource(name="pushed", batch_source=source)\n', ""
)


def test_a_run_that_failed_part_way(deployed: Deployed) -> None:
    """Feast writes batch by batch, and records the window of a run that came to its end."""
    yaml = deployed.project.folder / "feature_store.yaml"
    yaml.write_text(yaml.read_text() + "materialization:\n    online_write_batch_size: 10\n")
    deployed.define(UNPUSHED.format(created=CREATED, ttl=deployed.ttl))
    play(deployed, history(40, 10), (48, 5))
    deployed.events += [Event(driver, 1, 7) for driver in range(40)]
    deployed.write()
    breaking = deployed.store._get_provider().online_store
    written, write = [], breaking.online_write_batch

    def fails(*arguments: object, **options: object) -> None:
        if len(written) == 2:
            raise ConnectionError("the store went away")
        written.append(write(*arguments, **options))

    breaking.online_write_batch = fails
    with pytest.raises(ConnectionError):
        deployed.materialize(5, 0)
    checked = deployed.check()
    causes = checked.feature("stats:trips")["causes"]
    evidence = expect(checked, deployed.project, {"not_yet_materialized": unwritten(checked, deployed)})
    assert causes == {"not_yet_materialized": 20}
    assert evidence[0]["rows_of_no_window"] == 20


def unwritten(checked: object, deployed: Deployed) -> set[int]:
    from deploying import diffs

    return {driver for _, driver, _, _, _ in diffs(checked, deployed.project)}  # type: ignore[arg-type]


def test_a_source_cut_by_retention(deployed: Deployed) -> None:
    """Entities whose every event was cut; single rows that were deleted are no cut."""
    play(deployed, [*history(20, 10), *(Event(driver, 4, 9) for driver in range(15))], (48, 2))
    deployed.events = [each for each in deployed.events if each.age == 4 and each.driver != 7]
    deployed.write()
    asked = deployed.project.folder / "asked.csv"
    asked.write_text("driver_id\n" + "\n".join(map(str, range(20))) + "\n")
    cut = {*range(15, 20), 7}
    evidence = expect(deployed.check("--entities", str(asked)), deployed.project, {"deleted_upstream": cut})
    older = [each["older_than_the_source"] for each in evidence]
    assert (older.count(True), older.count(False)) == (10, 2)
    assert {each["source_begins"] for each in evidence} == {(NOON - hours(4)).isoformat(timespec="microseconds")}
