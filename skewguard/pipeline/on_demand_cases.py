"""Gathers what the causes of an on-demand view ask about: its transform run again on what either path gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skewguard.pipeline.bench import Bench
from skewguard.pipeline.comparing import contract_of, rules_of
from skewguard.pipeline.pace import paced
from skewguard.pipeline.readings import Reader, Reading

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.causes.on_demand import OnDemandCase
    from skewguard.comparison.counted import Comparison
    from skewguard.feature_store.reruns import Reruns


def on_demand_case(bench: Bench, reader: Reader, reading: Reading, comparison: Comparison) -> OnDemandCase | None:
    """The case of one on-demand view; None where its transform cannot be run again."""
    from skewguard.causes.on_demand import OnDemandCase
    from skewguard.equality.rules import rule_of

    again = _rerun(bench, reader, reading, comparison.cells)
    if again is None:
        return None
    return OnDemandCase(
        view=reading.view,
        rules=tuple(rules_of(bench, reader, reading)),
        rows=reading.rows,
        source=reading.source,
        offline=reading.offline,
        online=reading.online,
        cells=comparison.cells,
        live=bench.options.live,
        now=bench.now,
        inputs=again.inputs,
        input_rules=tuple(rule_of(each.dtype, contract_of(bench, each).tolerance) for each in again.inputs),
        offline_inputs=again.offline_inputs,
        online_inputs=again.online_inputs,
        fed_inputs=again.fed_inputs,
        runs=again.runs,
        facts=again.facts,
    )


def _rerun(bench: Bench, reader: Reader, reading: Reading, cells: pa.Table) -> Reruns | None:
    import pyarrow.compute as pc

    from skewguard.errors.base import SkewguardError
    from skewguard.feature_store.quiet import quiet
    from skewguard.feature_store.reruns import rerun

    options, view = bench.options, reading.view
    doubtful = cells.filter(pc.fill_null(cells["skewed"], False))["row_id"].unique()
    try:
        with quiet():
            return rerun(
                reader.sandbox.training, reader.sandbox.serving, view, reader.sandbox.request_for(view),
                reader.inputs_of(view), reading.rows, doubtful, request_size=options.request_size,
                batch=options.online_batch, pause=paced(options.max_qps), earlier=reader.earlier.get(view.name),
            )  # fmt: skip
    except SkewguardError:
        raise
    except Exception as error:  # a transform or a store that will not be asked again: no evidence, so no cause
        bench.note(view, f"its transform could not be run again to find causes: {type(error).__name__}: {error}")
        return None
