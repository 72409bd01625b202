"""Holds the values of every side to the contracts, beside the comparison: what is wrong on both sides is not green."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from skewguard.model import ContractFinding, FeatureResult, Origin, Verdict, ViewKind, ViewSpec
from skewguard.pipeline.bench import Bench
from skewguard.pipeline.comparing import contract_of, rules_of
from skewguard.pipeline.readings import Reader, Reading

if TYPE_CHECKING:
    import pyarrow as pa

    from skewguard.promises import Promised

Findings: TypeAlias = Mapping[str, tuple[ContractFinding, ...]]


def look_at_promises(bench: Bench, reader: Reader, readings: Sequence[Reading]) -> Findings:
    """What the promises of each feature came to, by reference; features of which nothing is to tell are left out."""
    found: dict[str, tuple[ContractFinding, ...]] = {}
    for reading in readings:
        promised = _promised(bench, reader, reading)
        by_position = _looked(bench, reader, reading, promised)
        if _made_up(bench, reading.view):
            _note_made_up(bench, reading.view, by_position)
            continue
        for position, findings in by_position.items():
            found[reading.view.features[position].ref] = tuple(findings)
    return found


def with_promises(result: FeatureResult, findings: Findings) -> FeatureResult:
    """`result` with what its promises came to; a broken one is a warning, and more where it is more already."""
    contract = findings.get(result.feature, ())
    notes = tuple(_notes(contract))
    verdict = Verdict.WARN if notes and result.verdict is Verdict.PASS else result.verdict
    return replace(result, contract=contract, verdict=verdict, notes=(*result.notes, *notes))


def _promised(bench: Bench, reader: Reader, reading: Reading) -> list[Promised]:
    from skewguard.promises import Promised

    rules = rules_of(bench, reader, reading)
    return [
        Promised(
            position=position,
            dtype=feature.dtype,
            contract=contract_of(bench, feature),
            absolute=rule.absolute,
            relative=rule.relative,
        )
        for position, (feature, rule) in enumerate(zip(reading.view.features, rules, strict=True))
    ]


def _looked(
    bench: Bench, reader: Reader, reading: Reading, promised: Sequence[Promised]
) -> dict[int, list[ContractFinding]]:
    from skewguard.promises import look

    present = _present(reader, reading, promised)
    found: dict[int, list[ContractFinding]] = {}
    for origin, side in (
        (Origin.SOURCE, reading.source),
        (Origin.OFFLINE, reading.offline),
        (Origin.ONLINE, reading.online),
    ):
        if side is not None:
            looked = look(bench.connection, origin, side, promised, present=present[origin])
            for position, findings in looked.items():
                ref = reading.view.features[position].ref
                found.setdefault(position, []).extend(_hidden(bench, ref, each) for each in findings)
    return found


def _hidden(bench: Bench, ref: str, finding: ContractFinding) -> ContractFinding:
    if bench.redaction is None or not bench.redaction.covers(ref):
        return finding
    return replace(finding, example_value=bench.redaction.value(ref, finding.example_value))


def _present(reader: Reader, reading: Reading, promised: Sequence[Promised]) -> dict[Origin, pa.Array | None]:
    """On each side, the rows of which a null is a value and not the want of a row.

    The source knows: a row at or before as-of, within TTL; the online store knows its own. What training gets it cannot
    tell apart, so it is held to the rows that the source has. An on-demand feature has a value where its inputs have.
    """
    import pyarrow.compute as pc

    if all(each.contract.nullable is not False for each in promised):
        return dict.fromkeys(Origin)
    if reading.view.kind is ViewKind.ON_DEMAND:
        return dict.fromkeys(Origin, reader.rows_with_inputs(reading.view, reading.rows))
    online = reading.online.table["returned"]
    if reading.source is None:
        return {Origin.SOURCE: None, Origin.OFFLINE: None, Origin.ONLINE: online}
    source = reading.source.table["returned"]
    return {
        Origin.SOURCE: source,
        Origin.OFFLINE: pc.and_(source, reading.offline.table["returned"]),
        Origin.ONLINE: online,
    }


def _made_up(bench: Bench, view: ViewSpec) -> bool:
    """Whether request data were generated for the view: what follows from them breaks no promise to a real caller."""
    if not view.request:
        return False
    if bench.options.entities is None:
        return True
    from skewguard.sample import read_entities

    given = read_entities(bench.connection, bench.options.entities).table.column_names
    return any(each.name not in given for each in view.request)


def _note_made_up(bench: Bench, view: ViewSpec, by_position: Mapping[int, Sequence[ContractFinding]]) -> None:
    for position, findings in by_position.items():
        for note in _notes(findings):
            ref = view.features[position].ref
            bench.note(view, f"{ref}: of generated request data, so not held against it (--entities): {note}")


def _notes(contract: Sequence[ContractFinding]) -> list[str]:
    """One sentence for each promise that is broken anywhere."""
    notes = []
    for rule in dict.fromkeys(each.rule for each in contract if each.broken):
        broken = [each for each in contract if each.rule is rule and each.broken]
        sides = ", ".join(f"{each.broken:,} of {each.checked:,} {each.side.value} values" for each in broken)
        first = next((each for each in broken if each.example_value is not None), None)
        shown = "" if first is None else f" (row {first.example_row_id}: {first.example_value})"
        notes.append(f"the contract promises {rule.value} {broken[0].expected}: broken by {sides}{shown}")
    return notes
