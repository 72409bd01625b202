"""Several processes and threads at one ledger, and processes that are killed: no run is lost, none is half there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ledger_runs as given
import pytest

from skewguard import ledger
from skewguard.errors.ledger import LedgerLocked
from skewguard.ledger.file import log_of, pauses


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "skewguard.duckdb"


def said(process: object) -> list[str]:
    output, problems = process.communicate(timeout=120)  # type: ignore[attr-defined]
    assert not problems, problems
    return [line for line in output.splitlines() if not line.startswith("begin")]


def test_pauses_grow_and_add_up() -> None:
    waits = list(pauses(5))
    assert sum(waits) == pytest.approx(5)
    assert waits[0] < 0.05
    assert max(waits) <= 0.5
    assert list(pauses(0)) == []


def test_processes_that_make_the_ledger_at_once_lose_no_run(path: Path) -> None:
    writers = [given.process("write", path, first, first + 4, 2000, 60) for first in (10, 20, 30)]
    lines = [line for writer in writers for line in said(writer)]
    numbers = [first + each for first in (10, 20, 30) for each in range(4)]
    assert lines == [f"done {number}" for number in numbers]
    assert given.whole_runs(path, cells=2000) == {given.run_id(number) for number in numbers}
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_threads_that_write_and_read_at_once_lose_no_run(path: Path) -> None:
    def work(number: int) -> int:
        given.write(path, number)
        return ledger.query(path, f"from runs where run_id = '{given.run_id(number)}'", patience=60).num_rows

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(8))) == [1] * 8
    assert given.whole_runs(path) == {given.run_id(number) for number in range(8)}


def test_a_writer_waits_until_the_lock_is_free(path: Path) -> None:
    given.write(path, 1)
    waited: list[float] = []
    with given.held(path):
        release = threading.Event()

        def pause(seconds: float) -> None:
            waited.append(seconds)
            release.set()
            time.sleep(seconds)

        def write() -> None:
            ledger.write_run(
                path,
                run=given.record(2),
                features=given.features(),
                entity_rows=given.entity_rows(),
                diffs=given.diffs(),
                pause=pause,
            )

        writer = threading.Thread(target=write)
        writer.start()
        assert release.wait(30), "it never met the lock"
    writer.join(30)
    assert waited
    assert given.whole_runs(path) == {given.run_id(1), given.run_id(2)}


@pytest.mark.parametrize("writing", [True, False])
def test_a_lock_that_stays_is_said_and_the_run_kept_beside(path: Path, writing: bool) -> None:
    given.write(path, 1)
    with given.held(path, writing=writing) as holder, pytest.raises(LedgerLocked) as raised:
        given.write(path, 2, patience=0.2)
    text = str(raised.value)
    assert f"locked by python3.11 (process {holder})" in text or f"(process {holder})" in text
    kept = path.with_name(f"skewguard-{given.run_id(2)}.duckdb")
    assert raised.value.kept == kept
    assert str(kept) in text
    assert given.whole_runs(kept) == {given.run_id(2)}
    assert given.whole_runs(path) == {given.run_id(1)}


def test_a_reader_waits_and_then_says_who_holds_the_lock(path: Path) -> None:
    given.write(path, 1)
    with given.held(path) as holder, pytest.raises(LedgerLocked, match=f"process {holder}"):
        ledger.query(path, "from runs", patience=0.2)
    with given.held(path, writing=False):
        assert ledger.query(path, "from runs", patience=0).num_rows == 1


def test_a_ledger_that_is_locked_may_be_checked_for_later(path: Path) -> None:
    given.write(path, 1)
    with given.held(path):
        ledger.check_writable(path)


def test_an_error_does_not_keep_the_lock(path: Path) -> None:
    given.write(path, 1)
    with pytest.raises(Exception, match="no_such") as raised:
        ledger.query(path, "select no_such from runs")
    assert raised.traceback  # whoever holds the error does not hold the file
    writer = given.process("write", path, 2, 3, 1, 0)
    assert said(writer) == ["done 2"]


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_writer_leaves_a_ledger_that_opens_with_the_earlier_runs(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    done: set[str] = set()
    first = 0
    for _ in range(2):
        writer = given.process("write", path, first, first + 50, 15_000, 60)
        assert writer.stdout is not None
        spared = chance.randrange(3)  # so many runs are written before the one that is interrupted
        for line in writer.stdout:
            word, number = line.split()
            first = int(number) + 1
            if word == "done":
                done.add(given.run_id(int(number)))
            elif spared == 0:
                break
            else:
                spared -= 1
        time.sleep(chance.uniform(0, 0.25))
        writer.send_signal(signal.SIGKILL)
        rest, problems = writer.communicate()
        assert not problems
        for line in rest.splitlines():
            word, number = line.split()
            first = int(number) + 1
            if word == "done":
                done.add(given.run_id(int(number)))
        found = given.whole_runs(path, cells=15_000) if path.exists() else set()
        assert done <= found  # the interrupted one may be there too, but then whole
        assert len(found) <= len(done) + 1
        done = found
    before = done
    given.write(path, 999, cells=15_000)
    assert given.whole_runs(path, cells=15_000) == before | {given.run_id(999)}
    assert not log_of(path).exists()


def test_a_log_left_by_a_killed_writer_is_read_without_being_touched(path: Path) -> None:
    given.write(path, 1)
    code = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); os.kill(os.getpid(), 9)"
    insert = "insert into laws (run_id, law) values ('x', 'left in the log')"
    subprocess.run([sys.executable, "-c", code, str(path), insert], check=False)
    log = log_of(path).read_bytes()
    assert log
    assert ledger.query(path, "select law from laws").to_pylist() == [{"law": "left in the log"}]
    assert log_of(path).read_bytes() == log
    log_of(path).write_bytes(log[:-3])  # cut off in the middle of a write
    assert ledger.query(path, "from laws").num_rows == 0
    given.write(path, 2)
    assert given.whole_runs(path) == {given.run_id(1), given.run_id(2)}
