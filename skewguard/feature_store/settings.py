"""Reads feature_store.yaml as Feast does, and turns it into the configurations that a check uses."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml as yaml_parser

from skewguard.errors.base import near
from skewguard.errors.repo import RepoNotFound, YamlInvalid, YamlNotAFile, YamlNotFound
from skewguard.feature_store.clients import client_errors, missing_module

if TYPE_CHECKING:
    from feast import RepoConfig

YAML = "feature_store.yaml"
KEPT = ("offline_store", "entity_key_serialization_version", "coerce_tz_aware", "materialization", "flags")
REGISTRY_SWITCHES = ("enable_online_feature_view_versioning", "serve_features_while_materializing")
FILE_STORES = {"dask": "dask", "file": "dask", "duckdb": "duckdb"}
VARIABLE = re.compile(r"\$\{([^}]+)\}")
Settings = Mapping[str, Any]


def find_yaml(folder: Path, yaml: Path | None) -> Path:
    """The yaml to read. Errors: RepoNotFound, YamlNotFound, YamlNotAFile."""
    if not folder.is_dir():
        raise RepoNotFound(folder)
    if yaml is not None:
        if yaml.is_dir() or not yaml.exists():
            raise YamlNotAFile(yaml, yaml / YAML if (yaml / YAML).is_file() else None)
        return yaml
    if not (folder / YAML).is_file():
        raise YamlNotFound(folder / YAML, _repos_near(folder))
    return folder / YAML


def _repos_near(folder: Path) -> list[Path]:
    """Folders with a yaml below (two levels), then beside this one, and the nearest above."""
    found = (sorted(folder.glob(pattern)) for pattern in (f"*/{YAML}", f"*/*/{YAML}", f"../*/{YAML}"))
    near = dict.fromkeys(path.parent.resolve() for paths in found for path in paths)
    above = [parent for parent in folder.parents if (parent / YAML).is_file()]
    return [path for path in near if path != folder][:3] + above[:1]


def read_settings(path: Path) -> dict[str, Any]:
    """The yaml as a dict, `${VAR}` expanded as Feast does it. Errors: YamlInvalid."""
    try:
        settings = yaml_parser.safe_load(os.path.expandvars(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml_parser.YAMLError) as error:
        raise YamlInvalid(path, " ".join(str(error).split())) from error
    if not isinstance(settings, dict):
        raise YamlInvalid(path, "it holds no settings, where `project:`, `registry:` and others belong")
    if not isinstance(settings.get("project"), str):
        raise YamlInvalid(path, "`project:` is missing" if not settings.get("project") else "`project:` is not text")
    for section, word in (("offline_store", "name"), ("online_store", "name"), ("registry", "path")):
        if not isinstance(settings.get(section), str | dict | None):
            raise YamlInvalid(path, f"`{section}:` is neither a {word} nor settings")
    return settings


def unset_variables(path: Path) -> list[str]:
    """The `${VAR}` of the yaml that the environment does not have: they stay as they are, which seldom works."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    names = VARIABLE.findall("\n".join(lines))
    return sorted({name for name in names if name not in os.environ})


def offline_kind(settings: Settings) -> str:
    """`dask`, `duckdb`, or the yaml's own name for another offline store."""
    kind = store_type(settings, "offline_store", "dask")
    return FILE_STORES.get(kind, kind)


def store_type(settings: Settings, section: str, default: str) -> str:
    """The type that a section of the yaml names; Feast's default where it names none."""
    store = settings.get(section) or default
    return str(store.get("type", default)) if isinstance(store, dict) else str(store)


def sandbox_config(
    settings: Settings, folder: Path, path: Path, private: Path, *, on_files: bool = False
) -> RepoConfig:
    """A configuration that reaches nothing deployed: registry and online store are files in `private`.

    Only the offline store is the user's, or Feast's default where `on_files` asks for one that reads slices.
    """
    kept = {name: settings[name] for name in KEPT if settings.get(name) is not None}
    if on_files and offline_kind(settings) not in FILE_STORES.values():
        kept["offline_store"] = {"type": "dask"}
    config = {
        **kept,
        "project": settings["project"],
        "provider": "local",
        "registry": {**_switches(settings), "registry_type": "file", "path": str(private / "registry.db")},
        "online_store": {"type": "sqlite", "path": str(private / "online.db")},
    }
    return _made(config, folder, path)


def live_config(settings: Settings, folder: Path, path: Path, registry: Path, *, timeout: float) -> RepoConfig:
    """The deployed configuration, reading a private copy of the registry, and telling no lineage server about it.

    `timeout`, in seconds, is given to the one client that waits for ever by default and takes it from the settings.
    """
    dropped = ("openlineage", "mlflow", "data_quality_monitoring", "feature_server", "batch_engine", "embedding_model")
    config = {name: value for name, value in settings.items() if name not in dropped}
    config["registry"] = {**_switches(settings), "registry_type": "file", "path": str(registry)}
    kind = store_type(settings, "online_store", "sqlite")
    if kind == "redis":
        config["online_store"] = _patient_redis(settings["online_store"], timeout)
    with client_errors(f"The online store {kind}", kind):
        _import_online(kind, path)
    return _made(config, folder, path)


def deployed_config(settings: Settings, folder: Path, path: Path) -> RepoConfig:
    """The yaml's registry with nothing else of it: enough to read the registry."""
    wanted = ("project", "provider", "registry", "auth")
    config = {name: settings[name] for name in wanted if name in settings}
    return _made({**config, "online_store": None, "offline_store": {"type": "dask"}}, folder, path)


def _switches(settings: Settings) -> dict[str, Any]:
    registry = settings.get("registry")
    given = registry if isinstance(registry, dict) else {}
    return {name: given[name] for name in REGISTRY_SWITCHES if name in given}


def _patient_redis(store: Any, timeout: float) -> dict[str, Any]:
    given = dict(store) if isinstance(store, dict) else {"type": "redis"}
    text = str(given.get("connection_string") or "localhost:6379")
    for name in ("socket_timeout", "socket_connect_timeout"):
        text += "" if f"{name}=" in text else f",{name}={timeout:g}"
    return {**given, "connection_string": text}


def _import_online(kind: str, path: Path) -> None:
    """Names a missing client as the online store's, before the configuration as a whole is made."""
    from feast.errors import FeastOnlineStoreInvalidName
    from feast.repo_config import ONLINE_STORE_CLASS_FOR_TYPE as KNOWN
    from feast.repo_config import get_online_config_from_type

    if kind not in KNOWN and not kind.endswith("OnlineStore"):
        raise _unknown_store("online_store", kind, KNOWN, path)
    with suppress(FeastOnlineStoreInvalidName):
        get_online_config_from_type(kind)


def _made(config: dict[str, Any], folder: Path, path: Path) -> RepoConfig:
    from feast import RepoConfig
    from pydantic import ValidationError

    kind = store_type(config, "offline_store", "dask")
    _known_offline(kind, path)
    with client_errors(f"The offline store {kind}", kind):
        try:
            made = RepoConfig(**copy.deepcopy(config))  # Feast's validators write defaults into what they are given
            made.repo_path = folder
            with client_errors("The registry"):
                _ = made.registry  # made when it is first asked for, and refused then
        except ValidationError as error:
            raise YamlInvalid(path, _problems(error), unset=unset_variables(path)) from error
        except Exception as error:
            if type(error).__module__.startswith("feast.") and missing_module(error) is None:
                raise YamlInvalid(path, " ".join(str(error).split()), unset=unset_variables(path)) from error
            raise
    return made


def _known_offline(kind: str, path: Path) -> None:
    """Says what Feast has, where it would say only what a class of one's own must be called."""
    from feast.repo_config import OFFLINE_STORE_CLASS_FOR_TYPE as KNOWN

    if kind not in KNOWN and not kind.endswith("OfflineStore"):
        raise _unknown_store("offline_store", kind, KNOWN, path)


def _unknown_store(section: str, kind: str, known: Iterable[str], path: Path) -> YamlInvalid:
    problem = f"`{section}:` names {kind!r}, which is no store of Feast's and no class of your own"
    short = near(kind, (each for each in known if "." not in each))
    return YamlInvalid(path, problem, known=short, unset=unset_variables(path))


def _problems(error: Any) -> str:
    """What pydantic says, without its links: `field: message`."""
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, "))))
        for each in error.errors()
    )
