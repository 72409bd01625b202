"""Reads from the repo's Python files what a batch or stream view's transform is now, beside the registry's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from skewguard.feature_store.imports import parse_python
from skewguard.feature_store.load import Repo
from skewguard.model import ViewSpec


@dataclass(frozen=True, kw_only=True)
class WorkingTransform:
    """`udf` is None where the files define the view without a transform; the fingerprints are of the code's text."""

    udf: Callable[[Any], Any] | None
    registered: str
    fingerprint: str


def working_transform(repo: Repo, view: ViewSpec) -> WorkingTransform | None:
    """What the files of the repo, which must still be open, define for the view; None where they lack it.

    Executes them, as `feast apply` does. Errors: RepoImportFailed.
    """
    contents, _ = parse_python(repo.folder)
    views = [*contents.feature_views, *contents.stream_feature_views]
    found = next((each for each in views if each.name == view.base_name), None)
    if found is None:
        return None
    now = getattr(found, "feature_transformation", None)
    then = getattr(repo.gathered.views[view.base_name], "feature_transformation", None)
    return WorkingTransform(udf=getattr(now, "udf", None), registered=_text(then), fingerprint=_text(now))


def _text(transformation: Any) -> str:
    return sha256((getattr(transformation, "udf_string", None) or "").encode()).hexdigest()[:16]
