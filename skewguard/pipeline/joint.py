"""Asks for each service of `--service` as training does, all its views in one query, and counts the rows it loses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from skewguard.model import ViewKind
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.population import Population
from skewguard.pipeline.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.feature_store.sandbox import Sandbox


def joint_notes(bench: Bench, selection: Selection, population: Population, stores: Sandbox) -> Iterator[str]:
    """What one historical query for each whole service loses, which the queries per view do not show."""
    from skewguard.feature_store.joint import count_joint_losses
    from skewguard.feature_store.quiet import quiet

    for name in bench.options.services:
        service = stores.service(name)
        views = {ref.partition(":")[0] for ref in bench.repo.services[name]}
        if service is None or not views.isdisjoint(bench.failures.reasons):
            continue
        rows = _joint_rows(bench, views, selection, population)
        if rows is not None:
            with quiet():
                yield from count_joint_losses(stores.training, service, rows).notes


def _joint_rows(bench: Bench, views: set[str], selection: Selection, population: Population) -> pa.Table | None:
    """Entity rows with the keys of all views of the service, and the request data of its on-demand views."""
    import pyarrow as pa

    from skewguard.sample import add_request_data, join_inputs

    on_demand = [view for view in bench.repo.views if view.kind is ViewKind.ON_DEMAND and view.name in views]
    wanted = views | {name for view in on_demand for name in view.inputs}
    stored = [view for view in selection.stored if view.name in wanted]
    if not stored or any(view.name not in population.rows for view in stored):
        return None
    keys = {view.name: population.rows[view.name] for view in stored}
    rows = join_inputs(stored, keys, rows=bench.options.sample)
    for view in on_demand:
        rows = add_request_data(rows, view.name, view.request, as_of=population.as_of, seed=bench.options.seed)
    instants = pa.array([population.as_of] * rows.num_rows, pa.timestamp("us", "UTC"))
    numbered = rows.append_column("as_of", instants)
    return numbered.add_column(0, "row_id", pa.array(range(rows.num_rows), pa.int64()))
