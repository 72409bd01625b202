"""The figures of one run for a report that draws them: each by one question to the ledger, kept with its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from skewguard import sql
from skewguard.ledger.explain import literal
from skewguard.ledger.file import PACKAGE

HERE = f"{PACKAGE}.figures"
# Figure -> the questions whose answers its SQL reads under their names.
FIGURES: Mapping[str, tuple[str, ...]] = {
    "measures": (),
    "causes": (),
    "cells": (),
    "errors": (),
    "spread": (),
    "lag": (),
    "times": (),
    "events": (),
    "slices": ("conditions", "measured"),
    "predicate": ("conditions", "measured"),
    "trend": (),
    "rows": (),
}
# Figures of tables that ledgers of an older schema lack.
LATER: Mapping[str, str] = {"events": "main.event_times"}
# What a page can hold and a browser draw at once, over all features that differ.
MOST_POINTS, POINTS_OF_A_FEATURE = 25_000, 400
MOST_ROWS, ROWS_OF_A_FEATURE = 2_000, 8
MOST_TEXT, LONGEST_VALUE = 200_000, 400


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One question as it was asked, and its answer: columns by name, first of them `feature`."""

    text: str
    rows: pa.Table


def read_figures(connection: duckdb.DuckDBPyConnection, run_id: str) -> dict[str, Figure]:
    """All figures of the run, from an open ledger; what is drawn of a feature shrinks as more features differ."""
    ((differing,),) = connection.execute(sql.text(HERE, "differing"), {"run_id": run_id}).fetchall()
    differing = max(1, differing)
    values: dict[str, Any] = {
        "run_id": run_id,
        "points": min(POINTS_OF_A_FEATURE, max(20, MOST_POINTS // differing)),
        "rows": min(ROWS_OF_A_FEATURE, max(2, MOST_ROWS // differing)),
        "longest": min(LONGEST_VALUE, max(60, MOST_TEXT // differing)),
    }
    there = {name for (name,) in connection.execute(sql.text(PACKAGE, "tables")).fetchall()}
    found = {}
    for name in FIGURES:
        if name in LATER and LATER[name] not in there:
            continue
        text = question(name, values)
        found[name] = Figure(text=text, rows=connection.sql(text).to_arrow_table())
    return found


def question(name: str, values: Mapping[str, Any]) -> str:
    """The SQL of a figure with `values` written in: what is run here, and runs anywhere as it is printed."""
    before = [f"{each} as materialized (\n{_indented(_written(each, values))}\n)" for each in FIGURES[name]]
    text = _written(name, values)
    if not before:
        return text
    joined = ",\n".join(before)
    return f"with {joined},\n{text.removeprefix('with ')}" if text.startswith("with ") else f"with {joined}\n{text}"


def of_feature(feature: str) -> str:
    """What asks a figure of one feature, put after its SQL in brackets."""
    return f"where feature = {literal(feature)}"


def _written(name: str, values: Mapping[str, Any]) -> str:
    lines = [line for line in sql.text(HERE, name).splitlines() if not line.lstrip().startswith("--")]
    text = "\n".join(lines)
    for parameter, value in values.items():
        text = text.replace(f"${parameter}", literal(value) if isinstance(value, str) else str(value))
    return text


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
