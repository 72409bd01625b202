"""Where the views of an open repo are defined: the code of a decorated transform, else the repo's own Python."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from skewguard.code.placed import view_lines
from skewguard.definition import find_transform
from skewguard.definition.tags import read
from skewguard.errors import SkewguardError
from skewguard.feature_store.imports import repo_files
from skewguard.feature_store.load import Repo


def places_of(repo: Repo, names: Collection[str]) -> Mapping[str, tuple[Path, int]]:
    """File and line of each view among `names` (Feast's own, not aliases) whose definition can be found."""
    written = view_lines(repo_files(repo.folder), names)
    views = {**repo.gathered.views, **repo.gathered.on_demand}
    transforms = {name: _transform(views[name]) for name in names if name in views}
    return {**written, **{name: place for name, place in transforms.items() if place is not None}}


def _transform(view: Any) -> tuple[Path, int] | None:
    """The first line of the decorated function behind a view; None where there is none, or none can be imported."""
    try:
        declared = read(view.tags)
        if declared is None:
            return None
        code = inspect.unwrap(find_transform(declared.transform).function).__code__
    except (SkewguardError, AttributeError):
        return None
    file = Path(code.co_filename)
    return (file, code.co_firstlineno) if file.is_file() else None
