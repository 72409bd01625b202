"""Reads a deployed registry whole, whatever kind it is, without creating or writing anything there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.errors.base import SkewguardError
from skewguard.errors.repo import ProjectNotInRegistry, RegistryMissing, RegistryUnreachable, RegistryUnreadable
from skewguard.feature_store.clients import client_errors, missing_module
from skewguard.feature_store.quiet import quiet

if TYPE_CHECKING:
    from feast import RepoConfig

CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")
LONGEST = 300
OF_A_PROJECT = (
    *("entities", "data_sources", "feature_views", "stream_feature_views", "on_demand_feature_views"),
    *("label_views", "feature_services"),
)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
UNREACHABLE = re.compile(r"Rpc|Connection|Connect|Timeout|OperationalError")  # in the names of clients' errors
SQLITE = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>[^?]*)(?:\?.*)?")


def read_registry(config: RepoConfig, folder: Path, version: str) -> tuple[Any, str]:
    """The registry's message and where it is. Errors: RegistryMissing, RegistryUnreadable, ProjectNotInRegistry."""
    where = _where(config, folder)
    with quiet(), client_errors(f"The registry {where}"):
        try:
            proto = _read(config, folder, where)
        except FileNotFoundError as error:
            raise RegistryMissing(where) from error
        except Exception as error:
            if isinstance(error, SkewguardError) or missing_module(error) is not None:
                raise
            if UNREACHABLE.search(type(error).__name__) and "sqlite" not in str(error):
                raise RegistryUnreachable(where, shortened(_problem(error))) from error
            raise RegistryUnreadable(where, shortened(error), version) from error
    _has_project(proto, config.project, where)
    return proto, where


def shortened(error: BaseException, *, longest: int | None = LONGEST) -> str:
    """An error's text on one line of bounded length, credentials and terminal colours cut out."""
    text = CREDENTIALS.sub("", " ".join(COLOURS.sub("", str(error)).split())) or type(error).__name__
    if isinstance(error, KeyError):  # whose text is the key alone
        text = f"KeyError: {text}"
    return text if longest is None or len(text) <= longest else text[: longest - 1] + "…"


def _problem(error: Exception) -> Exception:
    """The error; of a call of gRPC what it says went wrong, without its state."""
    details = getattr(error, "details", None)
    said = details() if callable(details) else None
    return error if said is None else ConnectionError(said)


def _where(config: RepoConfig, folder: Path) -> str:
    path = CREDENTIALS.sub("", str(config.registry.path))
    return path if "://" in path or config.registry.registry_type == "remote" else str(folder / path)


def _read(config: RepoConfig, folder: Path, where: str) -> Any:
    settings = config.registry
    match settings.registry_type:
        case "sql":
            return _read_sql(settings, config.project)
        case "remote":
            return _read_remote(settings, config)
        case "file" | "":
            return _read_file(settings, folder)
        case other:
            raise ValueError(f"a registry of the type {other} cannot be opened without writing to it")


def _read_file(settings: Any, folder: Path) -> Any:
    """A file, or an object of S3, GCS or another store that Feast has a class for."""
    from feast.infra.registry import registry

    if settings.registry_store_type is None:
        made = registry.get_registry_store_class_from_scheme(settings.path)
    else:
        made = registry.get_registry_store_class_from_type(str(settings.registry_store_type))
    return made(settings, folder).get_registry_proto()


def _read_remote(settings: Any, config: RepoConfig) -> Any:
    """What a registry server holds of the project. Its whole message does not say what belongs to which project."""
    from feast.infra.registry.remote import RemoteRegistry

    served = RemoteRegistry(settings, config.project, None, config.auth_config)
    proto = served.proto()
    for kind in OF_A_PROJECT:
        proto.ClearField(kind)
        for each in getattr(served, f"list_{kind}")(config.project, allow_cache=False):
            message = each.to_proto()
            (message if kind == "data_sources" else message.spec).project = config.project
            getattr(proto, kind).append(message)
    return proto


def _read_sql(settings: Any, project: str) -> Any:
    """Feast's SQL registry without its habits of creating tables and writing metadata when it is opened."""
    from feast.infra.registry.sql import SqlRegistry

    class ReadOnly(SqlRegistry):  # type: ignore[misc]
        def _sync_feast_metadata_to_projects_table(self) -> None:
            """Would write."""

        def _maybe_init_project_metadata(self, project: str) -> None:
            """Would write."""

    opened = settings.model_copy(update={"schema_mode": "verify", "cache_mode": "sync", "purge_feast_metadata": True})
    opened.path = _read_only_url(settings.path)
    opened.read_path = None if not settings.read_path else _read_only_url(settings.read_path)
    registry = ReadOnly(opened, project, None)
    try:
        return registry.proto()
    finally:
        registry.write_engine.dispose()
        registry.read_engine.dispose()


def _read_only_url(url: str) -> str:
    """SQLite would make the file that it does not find; any other database has to be there."""
    found = SQLITE.fullmatch(url)
    if found is None:
        return url
    path = Path(found["path"]).absolute()
    if not path.is_file():
        raise RegistryMissing(str(path))
    return f"sqlite:///file:{path}?mode=ro&uri=true"


def _has_project(proto: Any, project: str, where: str) -> None:
    projects = {each.spec.name for each in proto.projects} | {each.project for each in proto.project_metadata}
    for objects in (proto.feature_views, proto.on_demand_feature_views, proto.stream_feature_views, proto.entities):
        projects |= {each.spec.project for each in objects}
    if project not in projects:
        raise ProjectNotInRegistry(project, where, sorted(projects))


def private_copy(proto: Any, path: Path, services: Mapping[str, Any], project: str) -> None:
    """Writes the message to a file of our own, with services of our own added."""
    copy = type(proto)()
    copy.CopyFrom(proto)
    for service in services.values():
        message = service.to_proto()
        message.spec.project = project
        copy.feature_services.append(message)
    path.write_bytes(copy.SerializeToString())
