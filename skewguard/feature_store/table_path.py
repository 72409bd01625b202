"""Where the built table of a view lies when its binding does not say."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

FOLDER = Path("data", "built")
CONFIGURATION = "feature_store.yaml"


def default_table(folder: Path, view: str) -> Path:
    """`data/built/<view>.parquet` in the repo `folder`, as an absolute path.

    Absolute, because Feast's duckdb store takes a relative path from the working directory and its default store
    from the repo (FEAST.md 1.1): only an absolute path is one file to both.
    """
    return folder / FOLDER / f"{file_stem(view)}.parquet"


def repo_of(file: str) -> Path:
    """The nearest Feast repo at or above a Python file; its own folder where there is none."""
    folder = Path(file).resolve().parent
    return next((each for each in (folder, *folder.parents) if (each / CONFIGURATION).is_file()), folder)


def file_stem(view: str) -> str:
    """A view's name as a file name: itself where it is plain, else with a hash that keeps different names apart."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,80}", view):
        return view
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", view)[:40].strip("_")
    return f"{plain or 'view'}-{hashlib.sha256(view.encode()).hexdigest()[:12]}"
