"""Patterns of form: the same instants, texts or elements written another way, and nulls that became a constant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from duckdb.func import PythonUDFType

from skewguard import sql
from skewguard.causes.pattern_cells import MOST_LUCK, Feature, Finding
from skewguard.equality.pairs import Operand
from skewguard.equality.physical import MOMENTS, Family
from skewguard.equality.rules import Form
from skewguard.equality.text import text_of

_QUARTER = 900  # seconds: no zone is off by less
_FOLDED = "skewguard_folded"
# A flag that lost its value in five cells shares a constant by luck alone, if most cells of it have that value.
_MOST_LUCK_OF_CONSTANT = 1e-2


def timezone_shift(feature: Feature) -> Finding | None:
    """Timestamps that are equal after one shift by a multiple of 15 minutes, not 0."""
    instants = [_nanoseconds(feature, feature.operand(name)) for name in ("offline", "online")]
    offline, online = instants
    if offline is None or online is None:
        return None
    whole = feature.rule.form is Form.SECONDS
    if whole:
        offline, online = (sql.function("second_below", each) for each in (offline, online))
    sql.bind(
        feature.connection,
        "pattern_instants",
        feature.cells.select(offline.alias("offline"), online.alias("online")),
    )
    second = 1 if whole else 10**9
    facts = feature.facts("pattern_shift", second=second)
    if facts["missing"] or facts["shifts"] != 1 or not facts["shift"]:
        return None
    seconds, rest = divmod(facts["shift"], second)
    if rest or seconds % _QUARTER or facts["luck"] > MOST_LUCK:
        return None
    return Finding(evidence={"shift_seconds": seconds})


def _nanoseconds(feature: Feature, operand: Operand) -> sql.Expression | None:
    """Since 1970; a whole number declared to be a timestamp is one in seconds."""
    if operand.family in MOMENTS:
        fine = operand.family is Family.FINE_MOMENT
        return sql.function("nanoseconds_of_fine" if fine else "nanoseconds_of", operand.value)
    if operand.family is Family.INTEGER and feature.rule.form is Form.SECONDS:
        return operand.value.cast("HUGEINT") * sql.constant(10**9)
    return None


def null_default(feature: Feature) -> Finding | None:
    """One side null where the other has one constant, and not one that most cells of the feature have anyway."""
    values = {name: feature.counts[f"{name}_values"] for name in ("offline", "online")}
    for filled, empty in (("online", "offline"), ("offline", "online")):
        if values[filled] == feature.size and not values[empty] and feature.counts[f"{filled}_distinct"] == 1:
            operand = feature.operand(filled)
            text = text_of(operand, [operand], feature.judge).alias("text")
            constant = feature.cells.select(text).limit(1).fetchall()[0][0]
            share = feature.facts(f"pattern_{filled}_share")["share"]
            if share**feature.size <= _MOST_LUCK_OF_CONSTANT:
                return Finding(evidence={"null": empty, "constant": constant})
    return None


def text_form(feature: Feature) -> Finding | None:
    """Texts that are equal after Unicode normalisation (NFKC), case folding and trimming."""
    offline, online = feature.operand("offline"), feature.operand("online")
    if not (offline.family is online.family is Family.TEXT) or feature.rule.form is Form.JSON:
        return None
    with _folding(feature.connection):
        folded = [sql.function(_FOLDED, each.value.cast("VARCHAR")) for each in (offline, online)]
        sql.keep(
            feature.connection,
            "pattern_texts",
            feature.cells.select(sql.column("row_id"), folded[0].alias("offline"), folded[1].alias("online")),
        )
    if feature.facts("pattern_same_texts")["differing"]:
        return None
    details = sql.run(feature.connection, __package__, "pattern_text_details")
    return Finding(evidence={"equal_after": "NFKC, case folding, trimming"}, details=details)


@contextmanager
def _folding(connection: sql.Connection) -> Iterator[None]:
    """DuckDB knows neither NFKC nor case folding."""

    def folded(texts: pa.ChunkedArray) -> pa.Array:
        return pa.array([None if text is None else fold(text) for text in texts.to_pylist()], pa.string())

    connection.create_function(_FOLDED, folded, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW)
    try:
        yield
    finally:
        connection.remove_function(_FOLDED)


def fold(text: str) -> str:
    """What two texts of the same form in this sense have in common; folding may undo a normal form, hence twice."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def element_order(feature: Feature) -> Finding | None:
    """Lists that are equal once both are sorted."""
    offline, online = feature.operand("offline"), feature.operand("online")
    if not (offline.family is online.family is Family.LIST) or feature.rule.form is Form.SET:
        return None
    if any(each.physical.id == "array" for each in (offline, online)):
        return None
    ordered = [
        Operand(value=sql.function("list_sort", each.value), physical=each.physical) for each in (offline, online)
    ]
    differing = sql.function("count_if", feature.differs(*ordered)).alias("differing")
    if feature.cells.aggregate([differing]).fetchall()[0][0]:
        return None
    return Finding(evidence={"equal_as": "multisets"})
