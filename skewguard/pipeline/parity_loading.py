"""Loads what a target holds, inside the worker: on-demand views, batch transforms, rows of their sources."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from skewguard import sql
from skewguard.code.constants import constants
from skewguard.definition import BatchTransform, OnDemandTransform
from skewguard.errors import SkewguardError
from skewguard.feature_store.imports import repo_files
from skewguard.feature_store.load import Repo, open_repo
from skewguard.feature_store.parity_modules import transforms_in
from skewguard.feature_store.parity_world import Surroundings
from skewguard.feature_store.workspace import workspace
from skewguard.pipeline.parity_rows import Sources, with_real_rows
from skewguard.pipeline.parity_target import Target
from skewguard.proofs.batch_code import BatchCode
from skewguard.proofs.subject import OnDemandSubject


@dataclass(kw_only=True)
class Found:
    """What a target holds. `recipes` say how another process makes a batch code again."""

    on_demand: list[tuple[OnDemandSubject, Any]] = field(default_factory=list)
    batch: list[BatchCode] = field(default_factory=list)
    recipes: dict[str, Any] = field(default_factory=dict)
    views: dict[str, tuple[OnDemandSubject, bytes]] = field(default_factory=dict)
    real: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)
    files: tuple[Path, ...] = ()
    looked_in: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    project: str | None = None
    feast_version: str | None = None


def enter(target: Target, stack: ExitStack) -> None:
    """Make the project importable, and nothing more. Without Feast, if a repo's files are known: it takes seconds."""
    if target.repo is not None:
        stack.enter_context(workspace(target.repo, target.files or repo_files(target.repo)))
    else:
        stack.enter_context(workspace(target.root, target.files))


@dataclass(frozen=True, kw_only=True)
class How:
    """How to load a target.

    `redacted`: rows of the sources, which a counterexample would show, are left out. `without`: batch transforms that
    are not to be tried; `trying` is told the name of each other one before it is.
    """

    seed: int
    redacted: bool = False
    without: Collection[str] = ()
    trying: Callable[[str], None] = lambda name: None


def load(target: Target, how: How, around: Surroundings, stack: ExitStack) -> Found:
    """Everything that can be tested; the project stays importable until `stack` is closed."""
    found = _repo(target, how, around, stack) if target.repo is not None else _modules(target, how, around, stack)
    if not found.on_demand:
        return found
    from skewguard.feature_store import parity_subjects

    for at, (subject, registered) in enumerate(found.on_demand):
        subject = _with_named(subject, registered)
        found.on_demand[at] = (subject, registered)
        try:
            found.views[subject.name] = (subject, parity_subjects.serialized(registered))
        except Exception as error:  # Feast's own: it cannot be registered
            found.errors.append((subject.name, f"Feast cannot write it to a registry: {error}"))
    return found


def _with_named(subject: OnDemandSubject, registered: Any) -> OnDemandSubject:
    """The subject with the constants of its code, those apart that only name a column."""
    function = getattr(registered.feature_transformation, "udf", None)
    if subject.origin is not None:
        module, _, name = subject.origin.rpartition(".")
        function = getattr(sys.modules.get(module), name, function)
    if function is None:  # substrait: a plan, and no code
        return subject
    columns = {each.name for each in subject.inputs} | {each.name for each in subject.features}
    found = tuple(each for each in constants(function) if each not in columns)
    return replace(subject, inputs=tuple(replace(each, named=found) for each in subject.inputs))


def _repo(target: Target, how: How, around: Surroundings, stack: ExitStack) -> Found:
    assert target.repo is not None
    repo = stack.enter_context(open_repo(folder=target.repo, yaml=target.yaml))
    from skewguard.feature_store import parity_subjects  # only now: Feast imported by it would take three times as long

    found = Found(project=repo.project, feast_version=repo.feast_version)
    found.errors += [(each.feature, each.message) for each in repo.errors]
    found.files = tuple(repo_files(repo.folder))
    found.looked_in = [str(each.relative_to(repo.folder)) for each in found.files]
    views = {view.name: view for view in repo.views}
    bases = {view.base_name: view for view in repo.views if view.name == view.base_name}
    connection = stack.enter_context(sql.connect())
    sources = Sources(views=views, folder=repo.folder, connection=connection)
    for subject, registered in parity_subjects.in_repo(repo):
        subject, rows = with_real_rows(subject, bases[registered.name], sources, seed=how.seed)
        found.real[subject.name] = [] if how.redacted else rows
        found.on_demand.append((subject, registered))
    _add_batch_of_repo(found, repo, how, around, connection)
    return found


def _add_batch_of_repo(found: Found, repo: Repo, how: How, around: Surroundings, connection: sql.Connection) -> None:
    from skewguard.pipeline import parity_batch

    made = parity_batch.in_repo(repo, connection, around, seed=how.seed)
    found.batch += [replace(code, real={}) if how.redacted else code for code in made.codes]
    found.recipes |= {name: recipe.without_rows() if how.redacted else recipe for name, recipe in made.recipes.items()}
    found.errors += [(each.feature, each.message) for each in made.errors]


def _modules(target: Target, how: How, around: Surroundings, stack: ExitStack) -> Found:
    """Feast, whose import takes seconds, only once there is something for it."""
    enter(target, stack)
    transforms, errors = transforms_in(target.modules, target.root)
    if errors and not transforms:
        raise errors[0]
    found = Found(files=target.files, looked_in=[str(each.relative_to(target.root)) for each in target.files])
    found.errors += [(module_of(each), str(each)) for each in errors]
    on_demand = [each for each in transforms if isinstance(each, OnDemandTransform)]
    if on_demand:
        found.feast_version, found.on_demand = _described(on_demand)
    batch = [each for each in transforms if isinstance(each, BatchTransform) and each.path not in how.without]
    if batch:
        from skewguard.pipeline import parity_batch

        made = parity_batch.of_transforms(batch, stack.enter_context(sql.connect()), around, trying=how.trying)
        found.batch += made.codes
        found.recipes |= made.recipes
        found.errors += [(each.feature, each.message) for each in made.errors]
    return found


def _described(transforms: Sequence[OnDemandTransform]) -> tuple[str, list[tuple[OnDemandSubject, Any]]]:
    from skewguard.feature_store.arrival import import_feast
    from skewguard.feature_store.quiet import quiet

    with quiet():
        version = import_feast()
    from skewguard.feature_store import parity_subjects

    return version, parity_subjects.decorated(transforms)


def module_of(error: SkewguardError) -> str:
    """The module that an error of importing names."""
    return str(getattr(error, "module", "a module"))


def recreated(recipe: Any, around: Surroundings) -> tuple[BatchCode, bool]:
    """A batch code made anew in a process that has imported nothing yet, and whether that went well."""
    from skewguard.pipeline import parity_batch

    return parity_batch.recreated(recipe, around)
