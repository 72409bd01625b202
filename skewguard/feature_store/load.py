"""Opens a Feast repo: its definitions from its Python files, or from its registry, described without Feast."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skewguard.errors.repo import NoViews
from skewguard.feature_store.arrival import import_feast
from skewguard.feature_store.definitions import Described, describe
from skewguard.feature_store.gathered import Gathered, from_python, from_registry
from skewguard.feature_store.imports import repo_files
from skewguard.feature_store.inference import infer_all
from skewguard.feature_store.projections import Asking, asking
from skewguard.feature_store.pull import pulled_sources
from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.registry import read_registry
from skewguard.feature_store.settings import deployed_config, find_yaml, offline_kind, read_settings, sandbox_config
from skewguard.feature_store.uncollected import set_aside
from skewguard.feature_store.workspace import workspace
from skewguard.model import Skipped, ViewError, ViewSpec


@dataclass(frozen=True, kw_only=True)
class Repo:
    """An open repo. What follows `said` is Feast's own and stays inside this package.

    `services` maps a feature service to the references it lists; `said` is what the repo's code printed.
    """

    folder: Path
    yaml: Path
    project: str
    live: bool
    feast_version: str
    views: tuple[ViewSpec, ...]
    services: Mapping[str, tuple[str, ...]]
    skipped: tuple[Skipped, ...]
    errors: tuple[ViewError, ...]
    notes: tuple[str, ...]
    offline_kind: str
    said: str = field(default="", repr=False)
    settings: Mapping[str, Any] = field(repr=False)
    gathered: Gathered = field(repr=False)
    asking: Asking = field(repr=False)
    registry: Any = field(default=None, repr=False)

    @property
    def has_file_sources(self) -> bool:
        """Whether some view reads a file that slices can be cut from."""
        return any(view.source is not None for view in self.views)

    def batch_transform(self, view: ViewSpec) -> Callable[[Any], Any] | None:
        """The function that Feast applies to a batch or stream view's rows when it materializes them."""
        transformation = getattr(self.gathered.views.get(view.base_name), "feature_transformation", None)
        return getattr(transformation, "udf", None)


@contextmanager
def open_repo(*, folder: Path, yaml: Path | None = None, live: bool = False) -> Iterator[Repo]:
    """The repo in `folder`, whose settings are `yaml` or `feature_store.yaml` there.

    While it is open the working directory is the repo's, and the project is importable: Feast re-creates transforms by
    importing it. Errors: those of `skewguard.errors.repo`.
    """
    folder = folder.resolve()
    path = find_yaml(folder, yaml.absolute() if yaml is not None else None)
    settings = read_settings(path)
    with quiet():
        version = import_feast()
    with set_aside(), workspace(folder, repo_files(folder)):
        yield _opened(folder, path, settings, version, live=live)


def _opened(folder: Path, yaml: Path, settings: Mapping[str, Any], version: str, *, live: bool) -> Repo:
    project, proto, failed = settings["project"], None, {}
    with quiet():
        if live:
            proto, where = read_registry(deployed_config(settings, folder, yaml), folder, version)
            gathered = from_registry(proto, project, where, version)
        else:
            where = str(folder)
            # Nothing is read from or written to these paths: inference looks at sources only.
            config = sandbox_config(settings, folder, yaml, folder)
            gathered = from_python(folder, project, yaml)
            failed = infer_all(gathered, config)
        asked = asking(gathered)
        described = describe(gathered, asked, failed, folder, live=live)
    if not (described.views or described.skipped or described.errors):
        raise NoViews(where, None if live else [str(each.relative_to(folder)) for each in repo_files(folder)])
    return Repo(
        folder=folder,
        yaml=yaml,
        project=project,
        live=live,
        feast_version=version,
        views=pulled_sources(described.views, gathered.views, offline_kind(settings)),
        services={name: asked.refs(name) for name in asked.services},
        skipped=described.all_skipped(),
        errors=described.all_errors(),
        notes=(*gathered.notes, *_notes(asked, described)),
        offline_kind=offline_kind(settings),
        said=gathered.said,
        settings=settings,
        gathered=gathered,
        asking=asked,
        registry=proto,
    )


def _notes(asked: Asking, described: Described) -> Iterator[str]:
    for each in asked.asked.values():
        if each.aliased and each.name in described.views and each.alias != each.name:
            yield f"{each.name} is skewguard's own name for {_request(each.base, each.alias, dict(each.join_key_map))}"


def _request(base: str, alias: str | None, renamed: Mapping[str, str]) -> str:
    keys = ", ".join(f"{old} from {new}" for old, new in renamed.items())
    return f"{base}{f' under the alias {alias}' if alias else ''}{f' with {keys}' if keys else ''}"
