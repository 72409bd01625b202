"""Feast's own commands on a repo, run in this process: what `feast apply` and `feast materialize` call, and jobs."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from feast import FeatureStore
from feast.repo_config import load_repo_config
from feast.repo_operations import apply_total, get_repo_files

from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.workspace import workspace


def apply(folder: Path) -> None:
    """`feast apply` in the repo `folder`."""
    with _in_repo(folder):
        apply_total(load_repo_config(folder, folder / "feature_store.yaml"), folder, skip_source_validation=True)


def materialize(folder: Path, start: datetime, end: datetime, views: Sequence[str]) -> None:
    """`feast materialize START END -v VIEW ...`."""
    with _in_repo(folder):
        FeatureStore(str(folder)).materialize(start, end, feature_views=list(views))


def view_names(folder: Path) -> tuple[str, ...]:
    """The feature views that the registry of the repo `folder` has."""
    with _in_repo(folder):
        return tuple(sorted(each.name for each in FeatureStore(str(folder)).list_feature_views()))


def run_job(folder: Path, job: Path) -> None:
    """`python JOB`, for a project whose packages are importable."""
    with _in_repo(folder):
        runpy.run_path(str(job), run_name="__main__")


@contextmanager
def _in_repo(folder: Path) -> Iterator[None]:
    """The project importable, its modules read anew and dropped afterwards, and Feast silent."""
    with quiet(), workspace(folder, get_repo_files(folder)):
        yield
