"""Opens the deployed online store for reading only, over a private copy of the registry."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitedTooLong
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.errors.store import NoOnlineStore, StoreUnreachable
from skewguard.feature_store.applying import Applied
from skewguard.feature_store.clients import client_errors
from skewguard.feature_store.load import Repo
from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.registry import CREDENTIALS, private_copy, shortened
from skewguard.feature_store.settings import live_config
from skewguard.feature_store.sides import unreachable
from skewguard.feature_store.sqlite_store import open_read_only

if TYPE_CHECKING:
    from feast import FeatureStore

PROBE = "skewguard-probe"


def open_serving(repo: Repo, folder: Path, applied: Applied, *, timeout: float) -> tuple[FeatureStore, list[str]]:
    """The store that the yaml configures, and what is worth saying about it.

    Errors: NoOnlineStore, ClientMissing, StoreUnreachable.
    """
    from feast import FeatureStore

    registry = folder / "registry.db"
    private_copy(repo.registry, registry, applied.aliases | applied.services, repo.project)
    config = live_config(repo.settings, repo.folder, repo.yaml, registry)
    if config.online_store is None:
        raise NoOnlineStore(str(repo.yaml))
    store = FeatureStore(config=config)
    with quiet(), client_errors(f"The online store {config.online_store.type}"):
        online = store._get_provider().online_store
        if hasattr(online, "_get_db_path"):
            return store, open_read_only(online, config, _tables(repo), folder)
        _probe(store, repo, timeout)
    return store, []


def _tables(repo: Repo) -> list[Any]:
    """Feast's view objects whose rows an online store keeps, on-demand ones that are written to it included."""
    written = [each for each in repo.gathered.on_demand.values() if each.write_to_online_store]
    return [*repo.gathered.views.values(), *written]


def _probe(store: FeatureStore, repo: Repo, timeout: float) -> None:
    """Reads one key that no entity has: a store that does not answer is told before the work begins."""
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value

    view = next((each for each in repo.gathered.views.values() if each.online), None)
    if view is None:
        return
    key = EntityKey(join_keys=view.join_keys, entity_values=[Value(string_val=PROBE) for _ in view.join_keys])
    names = [each.name for each in view.features]
    # A thread of its own, left behind when it hangs: clients differ in how their own timeouts are set.
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=PROBE)
    try:
        reading = pool.submit(store._get_provider().online_read, store.config, view, [key], names)
        reading.result(timeout=timeout)
    except WaitedTooLong as error:
        raise unreachable_store(store, f"no answer within {timeout:g} s") from error
    except Exception as error:
        if unreachable(error):
            raise unreachable_store(store, shortened(error)) from error
        # A view whose table is missing, say: the view's own error when it is read.
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def reaching(store: FeatureStore) -> Iterator[None]:
    """Turns what a store's client raises when nothing answers into StoreUnreachable; anything else passes."""
    try:
        yield
    except Exception as error:
        if not unreachable(error):
            raise
        raise unreachable_store(store, shortened(error)) from error


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
