"""Builds the two Feast stores of one check: the one that trains, over slices, and the one that serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.errors.store import MaterializationFailed
from skewguard.feature_store.applying import Applied, apply_all
from skewguard.feature_store.exits import exits_as_errors
from skewguard.feature_store.live import open_serving
from skewguard.feature_store.load import Repo
from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.registry import shortened
from skewguard.feature_store.settings import FILE_STORES, sandbox_config
from skewguard.feature_store.uncollected import uncollected
from skewguard.feature_store.unhashed import unhashed
from skewguard.model import ViewError, ViewKind, ViewSpec

if TYPE_CHECKING:
    from feast import FeatureService, FeatureStore


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """`training` answers get_historical_features, `serving` answers get_online_features; never the other way round.

    One store for both would not do: after a historical read Feast's cached entity-less views can no longer be served.
    """

    training: FeatureStore
    serving: FeatureStore
    errors: tuple[ViewError, ...]
    notes: tuple[str, ...] = ()
    applied: Applied = field(repr=False)

    def request_for(self, view: ViewSpec) -> list[str] | FeatureService:
        """What to ask Feast for, offline and online: references, or a service where only one can express the alias."""
        service = self.applied.aliases.get(view.name)
        return service if service is not None else [feature.ref for feature in view.features]

    def service(self, name: str) -> FeatureService | None:
        """The repo's own feature service, for asking the joint query of `--service`."""
        return self.applied.services.get(name)

    def materialize(self, view: ViewSpec, start: datetime, end: datetime) -> None:
        """Feast's own materialization of one view into the private online store. Errors: MaterializationFailed."""
        with quiet(), unhashed(), uncollected():
            try:
                with exits_as_errors():
                    self.serving.materialize(start, end, feature_views=[view.base_name])
            except Exception as error:
                raise MaterializationFailed(view.base_name, shortened(error)) from error

    def close(self) -> None:
        """Lets go of the stores' connections, so that the folder can be removed."""
        for store in (self.training, self.serving):
            provider = store._provider
            connection = getattr(getattr(provider, "_online_store", None), "_conn", None)
            if connection is not None:
                connection.close()


def build(repo: Repo, slices: Mapping[str, Path], folder: Path, *, timeout: float = 60.0) -> Sandbox:
    """The stores of a check, with everything private in `folder`; `slices` are by base view name.

    Where the repo is open live, `serving` reads the deployed online store, and may raise StoreUnreachable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with quiet():
        training, applied = _training(repo, slices, folder)
        serving, notes = _serving(repo, slices, folder, training, applied, timeout)
    errors = tuple(ViewError(feature=name, message=message) for name, message in applied.errors.items())
    return Sandbox(training=training, serving=serving, errors=errors, notes=tuple(notes), applied=applied)


def _training(repo: Repo, slices: Mapping[str, Path], folder: Path) -> tuple[FeatureStore, Applied]:
    """Reads slices where the offline store reads files; else the configured warehouse itself."""
    from feast import FeatureStore

    on_files = repo.offline_kind in FILE_STORES.values()
    config = sandbox_config(repo.settings, repo.folder, repo.yaml, _made(folder / "training"))
    applied = apply_all(repo, config, slices if on_files else {}, everything=not on_files)
    return FeatureStore(config=config), applied


def _serving(
    repo: Repo, slices: Mapping[str, Path], folder: Path, training: FeatureStore, applied: Applied, timeout: float
) -> tuple[FeatureStore, list[str]]:
    from feast import FeatureStore

    if repo.live:
        return open_serving(repo, _made(folder / "serving"), applied, timeout=timeout)
    if repo.offline_kind in FILE_STORES.values():
        return FeatureStore(config=training.config), []
    config = sandbox_config(repo.settings, repo.folder, repo.yaml, _made(folder / "serving"), on_files=True)
    applied.errors |= apply_all(repo, config, slices).errors
    return FeatureStore(config=config), []


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def stored_views(views: tuple[ViewSpec, ...]) -> tuple[str, ...]:
    """The views with rows in an online store, each once."""
    return tuple(dict.fromkeys(view.base_name for view in views if view.kind is not ViewKind.ON_DEMAND))


def online_kind(store: FeatureStore) -> str:
    """The type of a store's online store, as the yaml names it."""
    settings: Any = store.config.online_store
    return str(settings.type)
