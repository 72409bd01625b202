"""Where views are defined, as a pull request names it: files from the root of the repository, and lines."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from skewguard.code.placed import function_line, view_lines
from skewguard.model import Place
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.given import YAML
from skewguard.pipeline.provenance import git_root

REPO = ""  # stands for the repo as a whole: its feature_store.yaml


def placed(bench: Bench) -> tuple[Place, ...]:
    """A place for each view, and one for the repo; a view whose definition is not found has the repo's."""
    from skewguard.feature_store.placing import places_of

    repo = bench.repo
    root = _root(repo.folder, bench.here)
    found = places_of(repo, {view.base_name for view in repo.views})
    whole = (repo.yaml, 1)
    places = {REPO: whole, **{view.name: found.get(view.base_name, whole) for view in repo.views}}
    return tuple(
        Place(feature_view=view, file=_shown(file, root), line=line) for view, (file, line) in sorted(places.items())
    )


def placed_table(file: Path, here: Path) -> tuple[Place, ...]:
    """The place of a diff, which has no definitions: the table that the other one is held to."""
    return (Place(feature_view=REPO, file=_shown(file, _root(file.parent, here)), line=1),)


def placed_transforms(names: Iterable[str], target: Path, roots: Iterable[Path], here: Path) -> tuple[Place, ...]:
    """A place for each of the transforms `names`, and one for the target: `module.function` is looked for below
    `roots`, a view in the Python of a target that is a repo."""
    wanted, searched = sorted(set(names)), [*roots]
    folder = target if target.is_dir() else target.parent
    whole = (target / YAML if (target / YAML).is_file() else target, 1)
    views = view_lines(sorted(target.rglob("*.py")), wanted) if target.is_dir() else {}
    root = _root(folder, here) if folder.is_dir() else here.resolve()
    places = {REPO: whole, **{name: _function(name, searched) or views.get(name, whole) for name in wanted}}
    return tuple(Place(feature_view=name, file=_shown(file, root), line=line) for name, (file, line) in places.items())


def _function(name: str, roots: Iterable[Path]) -> tuple[Path, int] | None:
    module, _, function = name.rpartition(".")
    for root in roots:
        file = root.joinpath(*module.split(".")).with_suffix(".py")
        line = function_line(file, function) if module else None
        if line is not None:
            return file, line
    return None


def _root(folder: Path, here: Path) -> Path:
    return (git_root(folder) or here).resolve()


def _shown(file: Path, root: Path) -> str:
    resolved = file.resolve()
    return (resolved.relative_to(root) if resolved.is_relative_to(root) else resolved).as_posix()
