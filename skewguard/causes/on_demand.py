"""Names the cause of skewed cells of on-demand features: the first in the list whose rerun of the transform fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from skewguard import sql
from skewguard.causes.case import NAMED, Case, named
from skewguard.causes.stored_events import known_in, only
from skewguard.equality.judge import Judge
from skewguard.equality.macros import define_macros
from skewguard.equality.pairs import Operand, pair_of
from skewguard.equality.readable import readable
from skewguard.equality.rules import Rule
from skewguard.equality.text import text_of
from skewguard.model import Cause, FeatureSpec, Side

# The order of INTERFACE.md section 6. Each is a question of its own: on_demand_<cause>.sql.
CAUSES = (
    Cause.NONDETERMINISTIC,
    Cause.STORED_ON_DEMAND,
    Cause.INHERITED,
    Cause.UNDECLARED_INPUT,
    Cause.NULL_HANDLING,
    Cause.INPUT_TYPE,
    Cause.BATCH_DEPENDENT,
    Cause.OFFLINE_DROPPED,
)
# What is asked of a run: the side that it must equal. Runs have the names that `OnDemandCase.runs` gives them.
SAME = {
    "same_training": ("offline_0", "o"),
    "same_serving": ("served", "n"),
    "served_offline": ("served", "o"),
    "fed_offline": ("fed", "o"),
    "fed_online": ("fed", "n"),
    **{f"{run}_offline": (run, "o") for run in ("declared", "alone", "nulls", "types")},
}
# Of these runs either form may be the online value: the transform's own, or as serving types it.
EITHER = {f"{run}_online": (run, "n") for run in ("swapped", "declared", "alone", "nulls", "types")}
SHOWN = ("served", "fed", "swapped", "declared", "alone", "nulls", "types")


@dataclass(frozen=True, kw_only=True)
class OnDemandCase(Case):
    """An on-demand view, with its transform run again for the rows that have a skewed cell.

    `runs`, the sides of the `inputs` and `facts`, as `feature_store.reruns.Reruns` describes them, have those rows.
    """

    inputs: tuple[FeatureSpec, ...]
    input_rules: tuple[Rule, ...]
    offline_inputs: Side
    online_inputs: Side
    fed_inputs: Side
    runs: Mapping[str, Side]
    facts: pa.Table


def name_on_demand_causes(connection: sql.Connection, case: OnDemandCase) -> pa.Table:
    """A table of NAMED for the cells of `case` that a cause explains; the others are not in it."""
    cells = case.cells.filter(pc.fill_null(case.cells["skewed"], False))
    positions = sorted(set(cells["position"].to_pylist()))
    if not positions:
        return named([])
    define_macros(connection)
    with Judge(connection) as judge:
        _bind_inputs(connection, case, judge)
        relations = [_tests(connection, case, position, judge) for position in positions]
        sql.keep(connection, "rerun_tests", _stacked(relations))
    sql.bind(connection, "skewed_cells", connection.from_arrow(cells.select(["row_id", "position"])))
    sql.keep(connection, "rerun_facts", connection.from_arrow(case.facts))
    connection.execute(sql.text(__package__, "on_demand_cells"))
    settings = {"live": [case.live], "stored": [case.view.stored]}
    sql.keep(connection, "rerun_view", connection.from_arrow(pa.table(settings)))
    connection.execute(sql.text(__package__, "stored_named"))
    for cause in CAUSES:
        sql.bind(connection, "cause_found", sql.run(connection, __package__, f"on_demand_{cause}"))
        connection.execute(sql.text(__package__, "stored_name"), {"cause": str(cause)})
    return connection.table("cause_named").to_arrow_table().cast(NAMED)


def _stacked(relations: Sequence[sql.Relation]) -> sql.Relation:
    whole, *more = relations
    for each in more:
        whole = whole.union(each)
    return whole


def _bind_inputs(connection: sql.Connection, case: OnDemandCase, judge: Judge) -> None:
    """Make `input_skew` and `unfaithful` readable: the inputs that differ, and rows that no online store can hold."""
    connection.execute(sql.text(__package__, "on_demand_inputs"))
    for index, (feature, rule) in enumerate(zip(case.inputs, case.input_rules, strict=True)):
        sides = {"o": case.offline_inputs, "n": case.online_inputs, "f": case.fed_inputs}
        columns = {letter: readable(connection, each.table[f"v{index}"]) for letter, each in sides.items()}
        relation = connection.from_arrow(pa.table({"row_id": case.facts["row_id"], **columns}))
        offline, online, fed = (_operand(relation, letter) for letter in "onf")
        texts = (text_of(each, (offline, online), judge) for each in (offline, online))
        differing = relation.filter(pair_of(rule, offline, online, judge).differs)
        differing.select(sql.column("row_id"), sql.constant(feature.ref), *texts).insert_into("input_skew")
        relation.filter(pair_of(rule, offline, fed, judge).differs).select("row_id").insert_into("unfaithful")


def _operand(relation: sql.Relation, name: str) -> Operand:
    types = dict(zip(relation.columns, relation.types, strict=True))
    return Operand(value=sql.column(name), physical=types[name])


def _tests(connection: sql.Connection, case: OnDemandCase, position: int, judge: Judge) -> sql.Relation:
    """What the reruns say of one feature: a row per row id, a boolean per question, a text per output."""
    relation = connection.from_arrow(_values(connection, case, position))
    asking = _Asking(relation, case.rules[position], judge)
    unsteady = sql.constant(False)
    for path in ("offline", "online"):
        for name in case.runs:
            if name.startswith(f"{path}_") and name != f"{path}_0":
                unsteady = unsteady | asking.differ(f"{path}_0", name)
    tests = {
        "unsteady": unsteady,
        **{name: asking.same(*each) for name, each in SAME.items()},
        **{name: asking.same(*each) | asking.same(f"{each[0]}_typed", each[1]) for name, each in EITHER.items()},
        "alone_there": asking.there("alone"),
        "source_known": sql.column("known"),
        "source_null": asking.operand("s").null,
    }
    texts = {f"{name}_text": asking.text(name) for name in (*SHOWN, "offline_0", "offline_1", "online_0", "online_1")}
    chosen = [expression.alias(name) for name, expression in {**tests, **texts}.items()]
    # Computed at once: the functions that compare go with the judge.
    kept = relation.select(sql.column("row_id"), sql.constant(position).alias("position"), *chosen).to_arrow_table()
    return connection.from_arrow(kept)


def _values(connection: sql.Connection, case: OnDemandCase, position: int) -> pa.Table:
    """s, o, n: the three values; known: whether there is a source value; v, e and r of each run: value, error, made."""
    row_ids = case.facts["row_id"].combine_chunks()
    columns: dict[str, pa.ChunkedArray | pa.Array] = {"row_id": row_ids}
    for letter, each in (("s", case.source), ("o", case.offline), ("n", case.online)):
        columns[letter] = readable(connection, _column(each, position, row_ids))
    columns["known"] = known_in(case.source, position, len(case.rows)).filter(pc.is_in(case.rows["row_id"], row_ids))
    for letter, each in (("o", case.offline), ("n", case.online)):
        columns[f"e_{letter}"] = only(each.table, row_ids)["error"]
    for name in dict.fromkeys([*_runs(), *case.runs]):
        run = case.runs.get(name, _nowhere(len(row_ids)))
        values = run.table[f"v{position}"] if f"v{position}" in run.table.column_names else pa.nulls(len(row_ids))
        columns |= {f"v_{name}": readable(connection, values), f"e_{name}": run.table["error"]}
        columns[f"r_{name}"] = run.table["returned"]
    return pa.table(columns)


def _nowhere(size: int) -> Side:
    """A run that could not be made for any row."""
    return Side(table=pa.table({"error": pa.nulls(size, pa.string()), "returned": pa.array([False] * size)}))


def _runs() -> Iterator[str]:
    """The runs that the questions are about, made or not."""
    yield from ("offline_0", "offline_1", "online_0", "online_1", *SHOWN)
    yield from (f"{run}_typed" for run, _ in EITHER.values())


def _column(each: Side | None, position: int, row_ids: pa.Array) -> pa.ChunkedArray | pa.Array:
    name = f"v{position}"
    if each is None or position in each.absent or name not in each.table.column_names:
        return pa.nulls(len(row_ids))
    return only(each.table, row_ids)[name]


class _Asking:
    """Questions about the columns of `_values`."""

    def __init__(self, relation: sql.Relation, rule: Rule, judge: Judge) -> None:
        self._types = dict(zip(relation.columns, relation.types, strict=True))
        self._rule, self._judge = rule, judge

    def operand(self, name: str) -> Operand:
        """A value column."""
        return Operand(value=sql.column(name), physical=self._types[name])

    def there(self, run: str) -> sql.Expression:
        """Whether the run could be made."""
        return sql.column(f"r_{run}")

    def same(self, run: str, letter: str) -> sql.Expression:
        """Whether the run gave what the side has: the same value, or an error of the same class."""
        differs = pair_of(self._rule, self.operand(letter), self.operand(f"v_{run}"), self._judge).differs
        return sql.function("run_agrees", self.there(run), sql.column(f"e_{letter}"), sql.column(f"e_{run}"), differs)

    def differ(self, run: str, other: str) -> sql.Expression:
        """Whether two runs were made and gave different outputs."""
        differs = pair_of(self._rule, self.operand(f"v_{run}"), self.operand(f"v_{other}"), self._judge).differs
        errors = (sql.column(f"e_{each}") for each in (run, other))
        agrees = sql.function("run_agrees", self.there(other), *errors, differs)
        return self.there(run) & self.there(other) & ~agrees

    def text(self, run: str) -> sql.Expression:
        """The output of a run as text; null where there is none, or where it was not made."""
        operand = self.operand(f"v_{run}")
        peers = [self.operand(each) for each in ("o", "n")]
        error = sql.column(f"e_{run}")
        return sql.case(error.isnotnull(), error).otherwise(text_of(operand, peers, self._judge))
