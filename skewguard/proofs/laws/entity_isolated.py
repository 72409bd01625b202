"""entity_isolated: each entity's outputs are the same computed alone as among all."""

from __future__ import annotations

from skewguard.proofs.batch_code import BatchCall, BatchCode, BatchExample
from skewguard.proofs.batch_judge import entity_text, found_as, parted, says
from skewguard.proofs.batch_rows import Key, Outputs, entities, of_entity, outputs
from skewguard.proofs.batch_spread import spread
from skewguard.proofs.laws.rule import Fault, NotTried

ENTITIES = 3


def entity_isolated(code: BatchCode, example: BatchExample) -> Fault | None:
    """Several entities, each with its events alone; event tables without its keys (a calendar) stay whole."""
    whole = example.tables
    named = entities(code, whole)
    if len(named) < 2:
        raise NotTried("the events are of one entity")
    chosen = spread(named, ENTITIES)
    calls = [whole, *(of_entity(code, whole, entity) for entity in chosen)]
    answers = code.ask([BatchCall(tables=tables, typed_with=whole) for tables in calls])
    among = outputs(code, answers[0])
    tried = 0
    for entity, answer in zip(chosen, answers[1:], strict=True):
        try:
            alone = outputs(code, answer)
        except NotTried:
            continue
        tried += 1
        found = parted(code, whole, _of(code, among, entity), _of(code, alone, entity), among, alone)
        if found is not None:
            other = f"from the events of {entity_text(code, entity)} alone"
            detail = {"entity": dict(zip(code.entity, entity, strict=True)), **found_as(found)}
            return Fault(says=says(code, found, "among all entities", other), detail=detail)
    if not tried:
        raise NotTried("no entity has outputs alone")
    return None


def _of(code: BatchCode, rows: Outputs, entity: Key) -> Outputs:
    end = 1 + len(code.entity)
    return {key: row for key, row in rows.items() if key[1:end] == entity}
