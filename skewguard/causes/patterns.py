"""Names the patterns that all unexplained cells of a feature share, in the order of INTERFACE.md section 6."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pyarrow as pa

from skewguard import sql
from skewguard.causes.case import NAMED, named
from skewguard.causes.pattern_cells import FEWEST_CELLS, FEWEST_VALUES, Feature, Finding, lay_out
from skewguard.causes.pattern_cells import OtherFeature as OtherFeature
from skewguard.causes.pattern_cells import PatternCase as PatternCase
from skewguard.causes.pattern_forms import element_order, null_default, text_form, timezone_shift
from skewguard.causes.pattern_numbers import rescaled, unit_scale
from skewguard.causes.pattern_swaps import swapped_entity, swapped_feature
from skewguard.equality.judge import Judge
from skewguard.equality.macros import define_macros
from skewguard.vocabulary import Cause

# Each is asked whether it holds on all cells; the first that does names them all.
PATTERNS: Mapping[Cause, Callable[[Feature], Finding | None]] = {
    Cause.TIMEZONE_SHIFT: timezone_shift,
    Cause.NULL_DEFAULT: null_default,
    Cause.TEXT_FORM: text_form,
    Cause.ELEMENT_ORDER: element_order,
    Cause.UNIT_SCALE: unit_scale,
    Cause.RESCALED: rescaled,
    Cause.SWAPPED_FEATURE: swapped_feature,
    Cause.SWAPPED_ENTITY: swapped_entity,
}
_OF_FEW_VALUES = {Cause.NULL_DEFAULT}


def name_patterns(connection: sql.Connection, case: PatternCase) -> pa.Table:
    """A table of NAMED: every cell of `case.cells` of each feature whose cells share a pattern."""
    define_macros(connection)
    sizes = case.cells["position"].value_counts().to_pylist()
    positions = sorted(each["values"] for each in sizes if each["counts"] >= FEWEST_CELLS)
    with Judge(connection) as judge:
        found = [_named(lay_out(connection, case, position, judge)) for position in positions]
    return pa.concat_tables([named([]), *found])


def _named(feature: Feature) -> pa.Table:
    few = min(feature.counts["offline_distinct"], feature.counts["online_distinct"]) < FEWEST_VALUES
    for cause, holds in PATTERNS.items():
        if few and cause not in _OF_FEW_VALUES:
            continue
        finding = holds(feature)
        if finding is not None:
            return _told(feature, cause, finding)
    return named([])


def _told(feature: Feature, cause: Cause, finding: Finding) -> pa.Table:
    connection = feature.connection
    details = finding.details
    if details is None:
        details = feature.cells.select(sql.column("row_id"), sql.constant(None).cast("VARCHAR").alias("detail"))
    sql.bind(connection, "pattern_details", details)
    evidence = json.dumps({**finding.evidence, "cells": feature.size}, ensure_ascii=False)
    answer = sql.run(
        connection, __package__, "pattern_named", position=feature.position, cause=str(cause), evidence=evidence
    )
    return answer.to_arrow_table().cast(NAMED)
