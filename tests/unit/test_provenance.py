"""Run ids: in the order in which the runs began, and never the same twice; the commit that a run looked at."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from skewguard.pipeline.provenance import git_commit, git_root, new_run_id

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_ids_sort_by_when_the_runs_began_even_within_a_second() -> None:
    moments = [BEGAN + timedelta(microseconds=count) for count in (0, 1, 999_999, 1_000_000, 86_400_000_000)]
    ids = [new_run_id(moment) for moment in moments]
    assert ids == sorted(ids)


def test_two_runs_that_began_together_have_ids_of_their_own() -> None:
    assert len({new_run_id(BEGAN) for _ in range(20)}) == 20


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, and a folder in it."""
    monkeypatch.delenv("GIT_DIR", raising=False)
    place = tmp_path / "checkout"
    (place / "inner").mkdir(parents=True)
    (place / "inner" / "file.txt").write_text("one")
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "one")):
        subprocess.run(["git", *words], cwd=place, check=True)
    return place


def test_the_commit_of_a_checkout_and_whether_files_differ(checkout: Path) -> None:
    commit = git_commit(checkout / "inner")
    assert commit is not None and len(commit) == 40
    assert git_root(checkout / "inner") == checkout
    (checkout / "inner" / "file.txt").write_text("two")
    assert git_commit(checkout / "inner") == f"{commit}-dirty"


def test_a_checkout_is_found_through_a_link_and_where_the_environment_says(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(checkout / "inner")
    commit = git_commit(tmp_path / "link")
    assert commit is not None
    (tmp_path / "elsewhere").mkdir()
    assert git_commit(tmp_path / "elsewhere") is None and git_root(tmp_path / "elsewhere") is None
    monkeypatch.setenv("GIT_DIR", str(checkout / ".git"))
    assert git_commit(tmp_path / "elsewhere") == f"{commit}-dirty", "its files are not there"
