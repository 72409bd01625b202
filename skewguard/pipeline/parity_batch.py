"""Batch transforms as code for the laws, for the worker process: those of a repo, and decorated ones on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from skewguard import sql
from skewguard.definition import BatchTransform
from skewguard.feature_store.load import Repo
from skewguard.model import ViewError
from skewguard.parity.batch_code import BatchCode


@dataclass(frozen=True, kw_only=True)
class Made:
    """Batch codes, what another process makes each of them again from, and what could not be made."""

    codes: tuple[BatchCode, ...] = ()
    recipes: dict[str, Any]
    errors: tuple[ViewError, ...] = ()


def in_repo(repo: Repo, connection: sql.Connection, *, seed: int) -> Made:
    """The decorated batch transforms that an open repo binds, and its batch and stream views with a function."""
    return Made(recipes={})


def of_transforms(transforms: Sequence[BatchTransform], connection: sql.Connection, *, seed: int) -> Made:
    """Decorated batch transforms without a repo: their event tables are found by trial."""
    return Made(recipes={})


def recreated(recipe: Any) -> BatchCode:
    """A batch code made anew, in a process that has imported nothing yet."""
    raise NotImplementedError
