"""Where views are defined, as a pull request names it: files from the root of the repository, and lines."""

from __future__ import annotations

from pathlib import Path

from skewguard.model import Place
from skewguard.pipeline.bench import Bench
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


def _root(folder: Path, here: Path) -> Path:
    return (git_root(folder) or here).resolve()


def _shown(file: Path, root: Path) -> str:
    resolved = file.resolve()
    return (resolved.relative_to(root) if resolved.is_relative_to(root) else resolved).as_posix()
