"""Gets the rows of sources that are no files: what Feast's own offline store pulls of them, as a Parquet file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skewguard.errors.source import SourceNotPulled
from skewguard.feature_store.clients import client_errors, missing_module
from skewguard.feature_store.quiet import quiet
from skewguard.feature_store.registry import shortened
from skewguard.feature_store.settings import FILE_STORES, sandbox_config
from skewguard.model import SourceSpec, ViewKind, ViewSpec

if TYPE_CHECKING:
    from feast import RepoConfig

    from skewguard.feature_store.load import Repo

PULLED = "pulled"  # the `file_format` of a source that is no file


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """How much a pull will read, as the warehouse's planner guesses it."""

    rows: int
    size: int


@dataclass(frozen=True, kw_only=True)
class Pull:
    """A pull that was prepared, and has read nothing yet. `estimate` is None where the store cannot be asked."""

    source: SourceSpec
    estimate: Estimate | None
    job: Any

    def write(self, out: Path) -> int:
        """Reads the rows and writes them to `out`; how many they were. Errors: SourceNotPulled."""
        import pyarrow.parquet as pq

        with quiet(), _refused(self.source):
            table = self.job.to_arrow()
        pq.write_table(table, out)
        return int(table.num_rows)


def pulled_sources(views: Mapping[str, ViewSpec], gathered: Mapping[str, Any], kind: str) -> tuple[ViewSpec, ...]:
    """The views, those over sources that are no files with a source that the offline store `kind` pulls.

    Feast's stores for files read nothing else: there such a view stays without a source.
    """
    if kind in FILE_STORES.values():
        return tuple(views.values())
    known: list[Any] = []
    return tuple(_with_source(view, gathered.get(view.base_name), kind, known) for view in views.values())


def _with_source(view: ViewSpec, feast_view: Any, kind: str, known: list[Any]) -> ViewSpec:
    if view.kind is ViewKind.ON_DEMAND or view.source is not None or feast_view is None:
        return view
    source = feast_view.batch_source
    stored = {mapped: column for column, mapped in (source.field_mapping or {}).items()}
    described = SourceSpec(
        name=source.name,
        path=f"{kind}://{source.name}{_number(source, known)}",
        file_format=PULLED,
        timestamp_column=stored.get(source.timestamp_field, source.timestamp_field),
        created_column=stored.get(source.created_timestamp_column, source.created_timestamp_column) or None,
        field_mapping=dict(source.field_mapping or {}),
    )
    return replace(view, source=described)


def _number(source: Any, known: list[Any]) -> str:
    """What tells two sources of one name apart: Feast registers no such two, but a check meets them."""
    if source not in known:
        known.append(source)
    place = [each for each in known if each.name == source.name].index(source)
    return f"#{place + 1}" if place else ""


def is_pulled(view: ViewSpec) -> bool:
    """Whether the view's rows come from a warehouse."""
    return view.source is not None and view.source.file_format == PULLED


def prepare(repo: Repo, views: Iterable[ViewSpec], folder: Path, *, start: datetime, end: datetime) -> Pull:
    """A pull of one source from `start` to `end`, both included, with what all `views` over it read of it.

    Errors: SourceNotPulled.
    """
    readers = [view for view in views if view.source is not None]
    source = readers[0].source
    assert source is not None
    config = sandbox_config(repo.settings, repo.folder, repo.yaml, folder)
    with quiet(), client_errors(f"The offline store {repo.offline_kind}", repo.offline_kind), _refused(source):
        job = _store(config).pull_all_from_table_or_query(
            config=config,
            data_source=repo.gathered.views[readers[0].base_name].batch_source,
            timestamp_field=source.timestamp_column,
            created_timestamp_column=source.created_column,
            start_date=start,
            end_date=end,
            **_columns(source, readers),
        )
        return Pull(source=source, job=job, estimate=_estimate(config, job))


def _store(config: RepoConfig) -> Any:
    from feast import FeatureStore

    return FeatureStore(config=config)._get_provider().offline_store


def _columns(source: SourceSpec, readers: Iterable[ViewSpec]) -> dict[str, list[str]]:
    """No features at all are all columns, in Feast's words: what a view with a transform of its own may read."""
    readers = list(readers)
    times = {source.timestamp_column, source.created_column}
    keys = dict.fromkeys(source.column_of(key.column) for view in readers for key in view.join_keys)
    features = dict.fromkeys(source.column_of(each.name) for view in readers for each in view.features)
    wanted = [name for name in features if name not in keys and name not in times]
    whole = any(view.has_udf for view in readers)
    return {"join_key_columns": list(keys), "feature_name_columns": [] if whole else wanted}


def _estimate(config: RepoConfig, job: Any) -> Estimate | None:
    """What PostgreSQL's planner expects; asking it reads no rows. Other warehouses are not asked."""
    if type(job).__name__ != "PostgreSQLRetrievalJob":
        return None
    from feast.infra.utils.postgres.connection_utils import _get_conn

    with _get_conn(config.offline_store) as connection, connection.cursor() as cursor:
        connection.read_only = True
        cursor.execute("explain (format json) " + job.to_sql())
        (answer,) = cursor.fetchone()
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return Estimate(rows=int(plan["Plan Rows"]), size=int(plan["Plan Rows"]) * int(plan["Plan Width"]))


@contextmanager
def _refused(source: SourceSpec) -> Iterator[None]:
    """Whatever a warehouse, its client or Feast raises inside is about this source."""
    try:
        yield
    except Exception as error:
        if missing_module(error) is not None:
            raise
        raise SourceNotPulled(source.name, source.path.partition(":")[0], shortened(error)) from error
