"""Writing a run: all of it as it was found, or nothing at all."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import ledger_runs as given
import pyarrow as pa
import pytest

from skewguard import ledger, sql
from skewguard.errors.ledger import LedgerUnwritable, LedgerWriteFailed
from skewguard.ledger.file import log_of
from skewguard.model import Mode


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "skewguard.duckdb"


def test_a_run_reads_back_as_it_was_written(path: Path) -> None:
    given.write(path, 1, cells=3)
    with ledger.open_ledger(path) as connection:
        stored = ledger.read_run(connection, "latest", examples=2)
    skewed, fine = given.features()
    assert stored.run == given.record(1)
    assert stored.features[0].causes == {"unexplained": 3}
    assert [each.feature for each in stored.features] == [skewed.feature, fine.feature]
    assert stored.features[1] == fine
    assert stored.features[0].notes == skewed.notes
    assert stored.features[0].max_freshness_lag == timedelta(hours=1, seconds=5)
    assert stored.features[0].max_abs_error == float("inf")
    assert [(each.row_id, each.entity, each.online_value) for each in stored.examples] == [
        (0, {"k": 0}, "0.0"),
        (1, {"k": 1}, str(1 / 9)),
    ]


def test_values_and_times_of_diffs_are_kept_exactly(path: Path) -> None:
    given.write(path, 1, cells=2)
    (row,) = ledger.query(path, "from diffs where row_id = 1").to_pylist()
    assert row["as_of"] == given.AS_OF
    assert row["online_number"] == 1 / 9
    assert row["freshness_lag"].nanoseconds == 90 * 10**9
    assert row["evidence"] is None
    assert row["run_id"] == given.run_id(1)


def test_relations_of_the_checks_connection_are_written_from_within_it(path: Path) -> None:
    with sql.connect() as check:
        check.from_arrow(given.diffs(5)).create("found")
        check.from_arrow(given.entity_rows()).create("asked")
        for number in (1, 2):
            ledger.write_run(
                path,
                run=given.record(number),
                features=given.features(),
                entity_rows=check.table("asked"),
                diffs=check.table("found"),
                connection=check,
            )
        assert check.table("found").shape[0] == 5  # the check can go on
        assert [name for (name,) in check.execute("show databases").fetchall()] == ["memory"]
    assert given.whole_runs(path, cells=5) == {given.run_id(1), given.run_id(2)}


def test_relations_of_another_connection_are_written_too(path: Path) -> None:
    with sql.connect() as check:
        ledger.write_run(
            path,
            run=given.record(1),
            features=given.features(),
            entity_rows=check.from_arrow(given.entity_rows()),
            diffs=check.from_arrow(given.diffs(3)),
        )
    assert given.whole_runs(path, cells=3) == {given.run_id(1)}


def test_laws_are_written(path: Path) -> None:
    laws = [
        {"transform": "m.f", "law": "deterministic", "verdict": "held", "examples": 100},
        {
            "transform": "m.f",
            "law": "null_parity",
            "verdict": "broken",
            "counterexample": {"x": [None]},
            "message": "!",
        },
    ]
    none = given.diffs(0)
    run = given.record(1, mode=Mode.TRANSFORMS)
    ledger.write_run(path, run=run, features=(), entity_rows=given.entity_rows(0), diffs=none, laws=laws)
    found = ledger.query(path, "select * exclude (run_id) from laws order by law").to_pylist()
    assert found[0] == {**laws[0], "counterexample": None, "message": None}
    assert found[1]["counterexample"] == '{"x": [null]}'


def test_a_run_of_laws_does_not_hide_the_newest_features(path: Path) -> None:
    given.write(path, 1)
    run = given.record(2, mode=Mode.TRANSFORMS)
    ledger.write_run(path, run=run, features=(), entity_rows=given.entity_rows(0), diffs=given.diffs(0))
    assert {row["run_id"] for row in ledger.query(path, "from latest_features").to_pylist()} == {given.run_id(1)}


def test_a_run_that_cannot_be_written_whole_is_not_written(path: Path) -> None:
    given.write(path, 1)
    broken = given.diffs(2).set_column(0, "row_id", [["0", "not a number"]])
    with pytest.raises(LedgerWriteFailed, match="not a number") as raised:
        ledger.write_run(
            path, run=given.record(2), features=given.features(), entity_rows=given.entity_rows(), diffs=broken
        )
    assert "earlier runs are as they were" in str(raised.value)
    assert given.whole_runs(path) == {given.run_id(1)}


def test_a_run_is_written_once(path: Path) -> None:
    given.write(path, 1)
    with pytest.raises(LedgerWriteFailed, match="has a run 20261121T010000Z-000001 already"):
        given.write(path, 1)
    assert given.whole_runs(path) == {given.run_id(1)}


def test_a_column_that_the_ledger_lacks_is_not_dropped_quietly(path: Path) -> None:
    odd = given.diffs(1).append_column("surprise", pa.array(["!"]))
    with pytest.raises(ValueError, match="surprise"):
        ledger.write_run(path, run=given.record(1), features=(), entity_rows=given.entity_rows(), diffs=odd)
    assert ledger.query(path, "from runs").num_rows == 0


def test_no_log_is_left_behind(path: Path) -> None:
    given.write(path, 1, cells=20_000)
    assert not log_of(path).exists()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


SMALL_DISK = """
import resource, sys
from pathlib import Path
import ledger_runs as given
from skewguard.errors import SkewguardError
path, limit = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    given.write(path, 9, cells=60_000)
except SkewguardError as error:
    print(type(error).__name__, error)
else:
    print("written")
"""


def outside(code: str, *words: object) -> str:
    """What Python code prints in a process of its own."""
    here = Path(given.__file__).parent
    run = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{here}:{here.parent}"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def beyond(path: Path, limit: int) -> str:
    """What a process says that writes a large run where no file may grow beyond `limit` bytes."""
    return outside(SMALL_DISK, path, limit)


@pytest.mark.parametrize("limit", [200_000, 3_000_000])
def test_a_full_disk_loses_only_the_new_run(path: Path, limit: int) -> None:
    given.write(path, 1)
    said = beyond(path, limit)
    assert said.startswith("LedgerWriteFailed")
    assert "free some space" in said
    assert given.whole_runs(path) == {given.run_id(1)}
    given.write(path, 2)
    assert given.whole_runs(path) == {given.run_id(1), given.run_id(2)}


@pytest.mark.parametrize("room", [1000, 150_000])
def test_what_is_said_of_a_run_on_an_almost_full_disk_is_so(path: Path, room: int) -> None:
    """The log takes the run, and the file cannot take it over: nobody may be told that nothing was written."""
    given.write(path, 1)
    said = outside(SMALL_DISK.replace("cells=60_000", "cells=3"), path, path.stat().st_size + room)
    assert said == "written\n"
    assert given.run_id(9) in ledger.query(path, "from runs")["run_id"].to_pylist()
    given.write(path, 2)
    assert ledger.query(path, "from runs").num_rows == 3
    assert not log_of(path).exists()


def test_a_disk_that_is_full_from_the_start_leaves_no_file(path: Path) -> None:
    assert beyond(path, 1000).startswith("LedgerWriteFailed")
    assert list(path.parent.iterdir()) == []
    assert beyond(path, 100_000_000) == "written\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 8 MB, where we may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.xfail("mounting a file system needs root")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_really_full_disk_keeps_the_earlier_runs(small_disk: Path) -> None:
    path = small_disk / "skewguard.duckdb"
    written: set[str] = set()
    with pytest.raises(LedgerWriteFailed, match="No space left"):
        for number in range(1, 10):
            given.write(path, number, cells=30_000)
            written.add(given.run_id(number))
    assert written
    assert given.whole_runs(path, cells=30_000) == written
    with pytest.raises(LedgerWriteFailed, match="No space left"):
        given.write(small_disk / "another.duckdb", 1, cells=200_000)


TRY_AS_NOBODY = """
import os, sys
from pathlib import Path
import ledger_runs as given
from skewguard import ledger
from skewguard.errors import SkewguardError
path = Path(sys.argv[1])
given.write(path, 1)  # as ourselves, so that all that it needs is loaded
given.whole_runs(path)
os.chmod(path, int(sys.argv[2], 8))
os.chmod(path.parent, int(sys.argv[3], 8))
if os.getuid() == 0:  # whom no permission stops
    os.setgid(65534)
    os.setuid(65534)
for attempt in (lambda: ledger.check_writable(path), lambda: given.write(path, 2)):
    try:
        attempt()
    except SkewguardError as error:
        print(type(error).__name__, error)
print(sorted(given.whole_runs(path)))
"""


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "said"),
    [("444", "755", "the file may not be written"), ("666", "555", "nothing may be written to the folder")],
)
def test_a_read_only_ledger_or_folder_is_said_and_still_read(file_mode: str, folder_mode: str, said: str) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        path = Path(folder) / "skewguard.duckdb"
        output = outside(TRY_AS_NOBODY, path, file_mode, folder_mode)
        Path(folder).chmod(0o755)
    assert output.count("LedgerUnwritable") == 2
    assert output.count(said) == 2
    assert output.endswith(f"['{given.run_id(1)}']\n")


def test_something_that_is_not_a_file_is_refused() -> None:
    with pytest.raises(LedgerUnwritable, match="it is not a file"):
        ledger.check_writable("/dev/null")


def test_a_ledger_survives_other_clients_with_newer_storage(path: Path) -> None:
    with duckdb.connect(config={"storage_compatibility_version": "latest"}) as client:
        client.execute("attach ? as made", [str(path)])
    given.write(path, 1)
    assert given.whole_runs(path) == {given.run_id(1)}
