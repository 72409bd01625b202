"""Opens the deployed online store for reading only, over a private copy of the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from skewguard.errors.store import NoOnlineStore, StoreUnreachable
from skewguard.feature_store.applying import Applied
from skewguard.feature_store.clients import client_errors
from skewguard.feature_store.load import Repo
from skewguard.feature_store.memory import overrides_serving
from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.registry import CREDENTIALS, private_copy, shortened
from skewguard.feature_store.settings import live_config
from skewguard.feature_store.sides import unreachable
from skewguard.feature_store.sqlite_store import open_read_only

if TYPE_CHECKING:
    from feast import FeatureStore

PROBE = "skewguard-probe"
UNKNOWN = {"INT32": 7 - 2**31, "INT64": 7 - 2**63, "BYTES": PROBE.encode(), "UNIX_TIMESTAMP": 7 - 2**33}
# Where one view cannot be asked for an unknown key, none can: a wrong connection string, or another kind of server.
WITHOUT_TABLES = ("redis",)


def open_serving(repo: Repo, folder: Path, applied: Applied, *, timeout: float) -> tuple[FeatureStore, list[str]]:
    """The store that the yaml configures, and what is worth saying about it.

    Errors: NoOnlineStore, ClientMissing, StoreUnreachable.
    """
    from feast import FeatureStore
    from feast.infra.online_stores.sqlite import SqliteOnlineStore

    if str(repo.settings.get("online_store", "sqlite")).lower() in ("none", "null"):  # None, or Feast's words for it
        raise NoOnlineStore(str(repo.yaml))
    registry = folder / "registry.db"
    private_copy(repo.registry, registry, applied.aliases | applied.services, repo.project)
    config = live_config(repo.settings, repo.folder, repo.yaml, registry, timeout=timeout)
    store = FeatureStore(config=config)
    with quiet(), client_errors(f"The online store {config.online_store.type}", config.online_store.type):
        online = store._get_provider().online_store
        if isinstance(online, SqliteOnlineStore):
            return store, open_read_only(online, config, _tables(repo), folder, timeout=timeout)
        _look_first(store, repo.folder)
        _refuse_aliases(online, applied)
        _tell_apart(store, online)
        _probe(store, repo, timeout)
    return store, []


def _look_first(store: FeatureStore, folder: Path) -> None:
    """Other stores in a file make it when they open it."""
    path = getattr(store.config.online_store, "path", None)
    if isinstance(path, str) and path and "://" not in path and not (folder / path).exists():
        raise unreachable_store(store, "the file does not exist")


def _refuse_aliases(online: Any, applied: Applied) -> None:
    """A feature server answers for the services of its own registry, not for those that a check makes up."""
    if not overrides_serving(online):
        return
    for name in applied.aliases:
        applied.errors.setdefault(
            name, "it is asked for under an alias, for which a feature server must have a service of just this view"
        )


def _tell_apart(store: FeatureStore, online: Any) -> None:
    """Reads of this object that get no answer raise StoreUnreachable, whatever the store's client raises."""

    def told(read: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(read)
        def telling(*arguments: Any, **options: Any) -> Any:
            with telling_apart(store):
                return read(*arguments, **options)

        return telling

    for name in ("get_online_features", "online_read"):
        setattr(online, name, told(getattr(online, name)))


@contextmanager
def telling_apart(store: FeatureStore) -> Iterator[None]:
    """What a client raises inside for want of an answer is StoreUnreachable; anything else passes."""
    try:
        yield
    except Exception as error:
        if isinstance(error, StoreUnreachable) or not unreachable(error):
            raise
        raise unreachable_store(store, shortened(error)) from error


def _tables(repo: Repo) -> list[Any]:
    """Feast's view objects whose rows an online store keeps, on-demand ones that are written to it included."""
    written = [each for each in repo.gathered.on_demand.values() if each.write_to_online_store]
    return [*repo.gathered.views.values(), *written]


def _probe(store: FeatureStore, repo: Repo, timeout: float) -> None:
    """Reads one key that no entity has: a store that does not answer is told before the work begins."""
    view = next((each for each in repo.gathered.views.values() if each.online), None)
    if view is None:
        return
    key = _unknown_key(view)
    names = [each.name for each in view.features]
    raised: list[BaseException] = []

    def read() -> None:
        try:
            store._get_provider().online_store.online_read(store.config, view, [key], names)
        except Exception as error:
            raised.append(error)

    # A daemon, left behind when it hangs: not every client lets its timeout be set.
    reading = Thread(target=read, name=PROBE, daemon=True)
    reading.start()
    reading.join(timeout)
    if reading.is_alive():
        raise unreachable_store(store, f"no answer within {timeout:g} s")
    if raised and isinstance(raised[0], StoreUnreachable):
        raise raised[0]
    if raised and store.config.online_store.type in WITHOUT_TABLES:
        problem = f"{type(raised[0]).__name__}: {shortened(raised[0])}"
        raise unreachable_store(store, problem) from raised[0]
    # Any other error, of a table that is missing say, is the view's own when it is read.


def _unknown_key(view: Any) -> Any:
    """A key that no entity has, of the declared types: a store that is a server converts it to them first."""
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.type_map import python_values_to_proto_values

    types = {each.name: each.dtype.to_value_type() for each in view.entity_columns}
    values = [
        python_values_to_proto_values([UNKNOWN.get(types[name].name, PROBE)], types[name])[0] for name in view.join_keys
    ]
    return EntityKey(join_keys=view.join_keys, entity_values=values)


def unreachable_store(store: FeatureStore, problem: str) -> StoreUnreachable:
    """The error that names the store and where it is, without credentials."""
    settings: Any = store.config.online_store
    secrets = [str(each) for name in ("password", "secret", "token") if (each := getattr(settings, name, None))]
    for secret in secrets:
        problem = problem.replace(secret, "***")
    return StoreUnreachable(settings.type, where_is(settings), problem)


def where_is(settings: Any) -> str:
    """`host:port` of an online store's settings; empty where they name none."""
    text = getattr(settings, "connection_string", None) or getattr(settings, "path", None)
    if isinstance(text, str) and text:
        # Redis: `host:port,db=0,password=...`; a URL may carry user and password before the host.
        parts = [part for part in CREDENTIALS.sub("", text).split(",") if "=" not in part]
        return ",".join(parts).partition("?")[0]
    host, port = getattr(settings, "host", None), getattr(settings, "port", None)
    return f"{host}:{port}" if host and port else str(host or "")
