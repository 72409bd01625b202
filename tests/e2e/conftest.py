"""The flights example in a folder of its own: as committed, and as deployed by Feast's own commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from building import run
from feasting import alone, feast

from skewguard.feature_store.arrival import import_feast

import_feast()  # as skewguard does, before a test does it plainly: that takes three times as long

ROOT = Path(__file__).resolve().parents[2]
# Everything the example holds; materialization never looks at what the built tables do not have.
YEAR = ("2013-01-01T00:00:00", "2014-01-02T00:00:00")


@pytest.fixture(scope="session")
def flights_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `transforms/` and `feature_repo/` as committed: nothing built, applied or materialized.

    For reading: a test that changes it takes a copy of its own.
    """
    return copy_flights(ROOT, tmp_path_factory.mktemp("flights"))


@pytest.fixture(scope="session")
def deployed_flights(flights_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a folder after `skewguard build`, `feast apply` and `feast materialize`; for reading, too."""
    project = copy_flights(flights_project, tmp_path_factory.mktemp("deployed"))
    run_in(project, "skewguard", "build", "feature_repo")
    feast(project / "feature_repo", "apply", root=project)
    feast(project / "feature_repo", "materialize", *YEAR, root=project)
    return project


@pytest.fixture
def flights_copy(flights_project: Path, tmp_path: Path) -> Path:
    """As `flights_project`, for one test to change."""
    return copy_flights(flights_project, tmp_path)


@pytest.fixture(scope="session")
def in_project() -> Callable[..., str]:
    """Runs `skewguard` or `feast` in such a folder: `in_project(folder, "feast", "-c", "feature_repo", "apply")`."""
    return run_in


def copy_flights(origin: Path, folder: Path) -> Path:
    made = shutil.ignore_patterns("__pycache__", "built", "*.db", "*.duckdb*")
    for name in ("transforms", "feature_repo"):
        shutil.copytree(origin / name, folder / name, ignore=made)
    return folder


def run_in(project: Path, command: str, *words: str) -> str:
    """A command line in the project's folder, with the project's own transforms, and not the checkout's, importable."""
    if command == "feast":
        return feast(project, *words, root=project)
    with alone(project / "feature_repo", project):
        ran = run(*words, cwd=project)
    assert ran.exit_code == 0, ran.stdout + ran.stderr
    return ran.stdout
