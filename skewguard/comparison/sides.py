"""Compares the source, offline and online values of one view: counts per feature, and the cells that do not match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression, Expression, FunctionExpression, StarExpression

from skewguard import sql
from skewguard.comparison.aligned import aligned
from skewguard.comparison.counted import NULL_EVERYWHERE, Comparison, FeatureCounts
from skewguard.comparison.masks import any_set, is_set, masks, set_anywhere
from skewguard.equality.forms import differs_in_form, note_on_form
from skewguard.equality.judge import Judge
from skewguard.equality.macros import define_macros
from skewguard.equality.pairs import Operand, Pair, pair_of
from skewguard.equality.rules import Rule
from skewguard.equality.text import distance_of, number_of, told_apart
from skewguard.model import Side, ViewSpec

KEPT = "skewguard_kept"


@dataclass(frozen=True, kw_only=True)
class Facing:
    """One feature of the aligned rows: its three values and the SQL that compares each two of them."""

    position: int
    rule: Rule
    source: Operand
    offline: Operand
    online: Operand
    served: Pair  # offline against online
    trained: Pair  # source against offline
    fresh: Pair  # source against online

    @property
    def known(self) -> Expression:
        """Whether there is a source value."""
        return ColumnExpression(f"k{self.position}")

    @property
    def departs(self) -> Expression:
        """Whether the cell is worth a second look: the two differ, or both differ from the source."""
        return self.served.differs | (self.known & self.trained.differs & self.fresh.differs)


def compare_sides(
    connection: duckdb.DuckDBPyConnection,
    *,
    view: ViewSpec,
    rules: Sequence[Rule],
    rows: pa.Table,
    source: Side | None,
    offline: Side,
    online: Side,
    freshness: Sequence[timedelta | None] = (),
) -> Comparison:
    """Compare the sides of `view` for `rows`; `rules` and `freshness` are by feature, in the view's order."""
    assert len(rules) == len(view.features)
    table = aligned(connection, rows=rows, count=len(rules), source=source, offline=offline, online=online)
    absent = [offline.absent.get(i) or online.absent.get(i) for i in range(len(rules))]
    define_macros(connection)
    for name in ("faced", "feature_names", "cells"):
        connection.execute(sql.text("skewguard.comparison", name))
    _name_features(connection, view, absent, freshness)
    with Judge(connection) as judge:
        relation = connection.from_arrow(table)
        facings = [_facing(relation, i, rule, judge) for i, rule in enumerate(rules)]
        try:
            _keep(relation, facings, any(absent)).create(KEPT)
            kept = connection.table(KEPT)
            for facing in _affected(kept, facings, absent):
                _cells(kept, facing, absent[facing.position], judge).insert_into("faced")
        finally:
            connection.execute(sql.text("skewguard.comparison", "drop_kept"))
        surveys = _survey(relation, facings, absent)
    counts = tuple(_counts(connection, view, rows.num_rows, surveys, _lag(relation)))
    return Comparison(counts=counts, cells=connection.table("cells").order("row_id, position").to_arrow_table())


def _name_features(
    connection: duckdb.DuckDBPyConnection,
    view: ViewSpec,
    absent: Sequence[str | None],
    freshness: Sequence[timedelta | None],
) -> None:
    for position, feature in enumerate(view.features):
        allowed = freshness[position] if freshness else None
        values = {
            "position": position,
            "feature": feature.ref,
            "absent": absent[position],
            "freshness": None if allowed is None else allowed.total_seconds(),
        }
        connection.execute(sql.text("skewguard.comparison", "name_feature"), values)


def _facing(relation: duckdb.DuckDBPyRelation, position: int, rule: Rule, judge: Judge) -> Facing:
    types = dict(zip(relation.columns, relation.types, strict=True))
    names = [f"{letter}{position}" for letter in "son"]
    source, offline, online = (Operand(value=ColumnExpression(name), physical=types[name]) for name in names)
    return Facing(
        position=position,
        rule=rule,
        source=source,
        offline=offline,
        online=online,
        served=pair_of(rule, offline, online, judge),
        trained=pair_of(rule, source, offline, judge),
        fresh=pair_of(rule, source, online, judge),
    )


def _keep(relation: duckdb.DuckDBPyRelation, facings: Sequence[Facing], everything: bool) -> duckdb.DuckDBPyRelation:
    """The rows with at least one cell that may not be a match, and the masks of which cells those are."""
    masked = relation.select(StarExpression(), *masks([facing.departs for facing in facings]))
    if everything:
        return masked
    failed = ColumnExpression("offline_error").isnotnull() | ColumnExpression("online_error").isnotnull()
    return masked.filter(any_set(len(facings)) | failed)


def _affected(
    kept: duckdb.DuckDBPyRelation, facings: Sequence[Facing], absent: Sequence[str | None]
) -> Iterator[Facing]:
    """The features that have a cell to look at: in a clean check none, and that is worth knowing before asking."""
    failed = kept.aggregate("count(offline_error) + count(online_error)").fetchall()[0][0]
    differing = set(set_anywhere(kept, len(facings)))
    for facing in facings:
        if failed or absent[facing.position] is not None or facing.position in differing:
            yield facing


def _cells(kept: duckdb.DuckDBPyRelation, facing: Facing, absent: str | None, judge: Judge) -> duckdb.DuckDBPyRelation:
    """The cells of one feature, as rows of faced.sql."""
    column = ColumnExpression
    if absent is None:
        failed = column("offline_error").isnotnull() | column("online_error").isnotnull()
        kept = kept.filter(is_set(facing.position) | failed)
    return kept.select(
        column("row_id"),
        ConstantExpression(facing.position),
        facing.served.code,
        facing.known,
        facing.trained.code,
        facing.fresh.code,
        *_texts(facing, judge),
        *(number_of(each) for each in (facing.source, facing.offline, facing.online)),
        distance_of(facing.offline, facing.online),
        *(column(f"{side}_event_timestamp") for side in ("source", "online")),
        *(column(f"{side}_error") for side in ("offline", "online")),
    )


def _texts(facing: Facing, judge: Judge) -> Iterator[Expression]:
    source, offline, online = facing.source, facing.offline, facing.online
    peers = (source, offline, online)
    yield told_apart(source, offline, peers, judge, facing.trained.differs & facing.known)
    yield told_apart(offline, online, peers, judge, facing.served.differs)
    yield told_apart(online, offline, peers, judge, facing.served.differs)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What all cells of a feature say together."""

    all_null: bool
    notes: tuple[str, ...]


def _survey(relation: duckdb.DuckDBPyRelation, facings: Sequence[Facing], absent: Sequence[str | None]) -> list[Survey]:
    asked: list[Expression] = []
    failed = ColumnExpression("offline_error").isnotnull() | ColumnExpression("online_error").isnotnull()
    for facing in facings:
        form = differs_in_form(facing.rule, facing.offline, facing.online, facing.served)
        asked.append(FunctionExpression("bool_or", ~facing.offline.null | ~facing.online.null | failed))
        asked.append(FunctionExpression("bool_or", ConstantExpression(False) if form is None else form))
    answers: Any = sql.project(relation, [each.alias(f"a{i}") for i, each in enumerate(asked)]).fetchall()[0]
    surveys = []
    for facing, any_value, form in zip(facings, answers[::2], answers[1::2], strict=True):
        all_null = any_value is False and absent[facing.position] is None
        notes = [NULL_EVERYWHERE] if all_null else []
        notes += [note_on_form(facing.offline, facing.online)] if form else []
        surveys.append(Survey(all_null=all_null, notes=tuple(notes)))
    return surveys


def _lag(relation: duckdb.DuckDBPyRelation) -> timedelta | None:
    """The most that an online row is behind the source's, in whole seconds."""
    seconds = ("date_trunc('second', source_event_timestamp)", "date_trunc('second', online_event_timestamp)")
    found: Any = relation.aggregate(f"max({seconds[0]} - {seconds[1]})").fetchall()[0]
    return found[0] if found[0] is not None and found[0] >= timedelta(0) else None


def _counts(
    connection: duckdb.DuckDBPyConnection,
    view: ViewSpec,
    requested: int,
    surveys: Sequence[Survey],
    lag: timedelta | None,
) -> Iterator[FeatureCounts]:
    answer = connection.execute(sql.text("skewguard.comparison", "counts"))
    names = [column[0] for column in answer.description]
    found = {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in answer.fetchall()}
    for position, (feature, survey) in enumerate(zip(view.features, surveys, strict=True)):
        yield FeatureCounts(
            feature=feature.ref,
            requested=requested,
            max_freshness_lag=lag,
            all_null=survey.all_null,
            notes=survey.notes,
            **found.get(position, {}),
        )
