"""Answers calls of an on-demand view through Feast's own transformation objects, with inputs typed as Feast types them.

Offline a transform is given the table of a historical query, with the columns of all its sources (FEAST.md 1.5); online
what `OnlineResponse` makes of the protobuf values of one request. Both go through the view's own preprocessing.
"""

from __future__ import annotations

import copy
import time
import traceback
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa
from feast.online_response import OnlineResponse
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus, GetOnlineFeaturesResponse
from feast.type_map import python_values_to_proto_values
from feast.value_type import ValueType

from skewguard.definition import Mode, OnDemandTransform, transform_of
from skewguard.definition.serve import typed_inputs
from skewguard.feature_store.calling import Caller, Given
from skewguard.feature_store.feast_dtypes import feast_dtype
from skewguard.feature_store.matching import chunked
from skewguard.feature_store.parity_world import Surroundings
from skewguard.feature_store.sides import one_line
from skewguard.feature_store.transform import _arrow_ready as plain
from skewguard.model import ViewKind, ViewSpec
from skewguard.proofs.calls import Answer, Call, Path, Raised, Row
from skewguard.proofs.subject import InputColumn, OnDemandSubject
from skewguard.proofs.typed import offline_table
from skewguard.proofs.values import is_null

# What is kept of inputs as the offline path types them, by rows; and how much waiting counts as much as work: what is
# tested should not hang on what else the machine does.
KEPT, GONE_BY = 64, 10
NOT_ROWS = "returned a {} where rows of features are needed"


class OnDemandCode:
    """One on-demand view of Feast, ready to be called."""

    def __init__(self, registered: Any, subject: OnDemandSubject, surroundings: Surroundings) -> None:
        view = ViewSpec(
            name=subject.name,
            base_name=registered.name,
            kind=ViewKind.ON_DEMAND,
            join_keys=(),
            features=subject.features,
        )
        self.registered, self.subject = registered, subject
        self._caller, self._surroundings = Caller(registered, view), surroundings
        self._udf = registered.feature_transformation.udf if registered.mode != "substrait" else None
        self._known: OrderedDict[tuple[str, Path], Given] = OrderedDict()
        self._types = {each.name: feast_dtype(each.dtype).to_value_type() for each in subject.inputs}

    def answer(self, call: Call) -> Answer:
        """The answer; whatever the transform raises is in it."""
        worked, began = time.process_time(), time.monotonic()
        answer = self._answer(call)
        spent = max(time.process_time() - worked, (time.monotonic() - began) / GONE_BY)
        return replace(answer, spent=spent)

    def _answer(self, call: Call) -> Answer:
        effects: list[str] = []
        try:
            given = self._given(call)
            with self._surroundings.around(call.world) as effects:
                answer = self._called(given, call)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # the transform's own: SystemExit too
            return Answer(raised=_raised(error), effects=tuple(effects))
        return _with(answer, effects)

    def _given(self, call: Call) -> Given:
        """What the transform is handed."""
        positions = range(len(call.rows)) if call.positions is None else call.positions
        chosen = [call.rows[each] for each in positions]
        if call.path is Path.ONLINE:
            given = self._served(chosen)
        else:
            given = self._caller.rows(self._offline(call), list(positions))
            if call.served:
                served = self._served(chosen)
                given = self._caller.mixed(given, served, self._names(call.served, served))
        if call.index is not None and isinstance(given, pd.DataFrame):
            given.index = pd.Index(call.index)
        return given

    def _offline(self, call: Call) -> Given:
        """All rows of the call. What was made of the last ones is kept: every law asks of the same rows."""
        key = (repr(call.rows), call.path)
        if key not in self._known:
            table = offline_table(self.subject.inputs, call.rows, call.path)
            both, _ = self.registered._preprocess_arrow_table(table)
            self._known[key] = self._form(both)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return self._known[key]

    def _form(self, table: pa.Table) -> Given:
        """As the transform sees it. For a few rows, handing them to another thread takes longer than the work."""
        return table.to_pandas(use_threads=False) if self.registered.mode == "pandas" else self._caller.given(table)

    def _names(self, columns: Sequence[str], given: Given) -> list[str]:
        """An input under each of the names that Feast gives it."""
        there = list(given.columns) if isinstance(given, pd.DataFrame) else list(_names_of(given))
        return [each for each in there if each in columns or each.rpartition("__")[2] in columns]

    def _served(self, rows: Sequence[Row]) -> Given:
        response = GetOnlineFeaturesResponse()
        for column in self.subject.inputs:
            values = self._protos(column, [row[column.name] for row in rows])
            response.metadata.feature_names.val.append(column.name)
            response.results.append(
                GetOnlineFeaturesResponse.FeatureVector(
                    values=values,
                    statuses=[FieldStatus.PRESENT] * len(rows),
                )
            )
        features = {each.name: self._types[each.name] for each in self.subject.inputs if not each.request}
        answer = OnlineResponse(response, feature_types=features)
        if self.registered.mode == "python":
            preprocessed, _ = self.registered._preprocess_feature_dict(answer.to_dict())
            return preprocessed
        table, _ = self.registered._preprocess_arrow_table(answer.to_arrow())
        return self._form(table)

    def _protos(self, column: InputColumn, values: list[Any]) -> list[Any]:
        """As they lie in the online store, which knows no NaN; of a request, as Feast guesses their type."""
        stored = [None if is_null(value) else value for value in values]
        if column.request:
            return list(python_values_to_proto_values(stored, ValueType.UNKNOWN))
        kind = self._types[column.name]
        # Empty bytes are stored as null unless the batch has some that are not empty: a store is not filled row by row.
        company = [b"\0"] * (kind is ValueType.BYTES)
        return list(python_values_to_proto_values([*stored, *company], kind))[: len(stored)]

    def _called(self, given: Given, call: Call) -> Answer:
        if call.watch:
            return Answer(touched=self._touched(given))
        made = self._made(given, call)
        columns, size = _columns(made)
        converted, unconverted = self._converted(columns, size) if call.convert else (None, None)
        return Answer(
            columns={name: tuple(column.to_pylist()) for name, column in columns.items()},
            size=size,
            converted=converted,
            unconverted=unconverted,
        )

    def _made(self, given: Given, call: Call) -> Any:
        """What the transform returns, checked for being rows at all, as the path does."""
        if self._udf is None:
            return self.registered.feature_transformation.transform_arrow(given, self.registered.features)
        if self.registered.singleton and call.path is Path.ONLINE and isinstance(given, dict):
            made = self._udf({name: values[0] for name, values in given.items()})
            return {name: value if isinstance(value, list) else [value] for name, value in made.items()}
        made = self._udf(given)
        wanted: Any = dict if self.registered.mode == "python" else pd.DataFrame
        if not isinstance(made, wanted):
            raise TypeError(NOT_ROWS.format(type(made).__name__))
        return made

    def _converted(
        self, columns: Mapping[str, Any], size: int
    ) -> tuple[Mapping[str, tuple[Any, ...]] | None, str | None]:
        names = [each.name for each in self.subject.features]
        outputs = [chunked(columns[name]) if name in columns else pa.nulls(size) for name in names]
        typed = self._caller.typed(outputs)
        if isinstance(typed, str):
            return None, typed
        return {name: tuple(column.to_pylist()) for name, column in zip(names, typed, strict=True)}, None

    def _touched(self, given: Given) -> str | None:
        """What the function did to its input. A decorated one is called itself: Feast's frame never reaches it."""
        transform = self._decorated()
        if transform is None:
            if self._udf is None:
                return None
            before = _kept(given)
            self._udf(given)
            return _changed(before, given)
        if transform.mode is Mode.PANDAS:
            frame = typed_inputs(transform, given, {name: _known(name, given) for name in transform.inputs})
            before = _kept(frame)
            transform.function(frame)
            return _changed(before, frame)
        return self._arguments_touched(transform, given)

    def _arguments_touched(self, transform: OnDemandTransform, given: Given) -> str | None:
        from skewguard import dtypes
        from skewguard.definition.values import reader

        lists = given if isinstance(given, dict) else {name: given[name].tolist() for name in given.columns}
        size = len(next(iter(lists.values()), []))
        for at in range(size):
            row = {
                name: reader(dtypes.parse(dtype))(lists[_known(name, given)[0]][at])
                for name, dtype in transform.inputs.items()
            }
            before = copy.deepcopy(row)
            transform.function(**row)
            changed = [name for name in row if repr(row[name]) != repr(before[name])]
            if changed:
                return f"the argument {changed[0]}"
        return None

    def _decorated(self) -> OnDemandTransform | None:
        if self.subject.origin is None:
            return None
        module, _, name = self.subject.origin.rpartition(".")
        found = transform_of(getattr(__import__(module, fromlist=[name]), name))
        return found if isinstance(found, OnDemandTransform) else None


def _known(name: str, given: Given) -> tuple[str, ...]:
    there = [each for each in _names_of(given) if each == name or each.rpartition("__")[2] == name]
    return tuple(dict.fromkeys([*(each for each in there if each == name), *there]))


def _names_of(given: Given) -> list[str]:
    names = given.columns if isinstance(given, pd.DataFrame) else getattr(given, "column_names", given)
    return [] if names is None else [str(each) for each in names]


def _columns(made: Any) -> tuple[dict[str, Any], int]:
    """Arrow columns by name, as the offline path makes them."""
    if isinstance(made, dict):
        table = pa.Table.from_pydict(made)
        return dict(zip(table.column_names, table.columns, strict=True)), table.num_rows
    if isinstance(made, pa.Table):
        return dict(zip(made.column_names, made.columns, strict=True)), made.num_rows
    names = [str(each) for each in made.columns]
    if len(set(names)) != len(names):
        raise ValueError(f"returned the columns {names}, one of them twice")
    table = pa.Table.from_pandas(made, preserve_index=False, nthreads=1)
    return {name: table[name] for name in names}, len(made)


def _kept(given: Given) -> Given:
    return given.copy(deep=True) if isinstance(given, pd.DataFrame) else copy.deepcopy(given)


def _changed(before: Given, after: Given) -> str | None:
    """The first thing in which the two differ."""
    one, other = _names_of(before), _names_of(after)
    if one != other:
        moved = [*(f"the column {each}" for each in other if each not in one), *(f"the column {each}" for each in one)]
        return moved[0]
    if isinstance(before, pd.DataFrame):
        if len(before) != len(after) or not before.index.equals(after.index):
            return "the index"
        for at, name in enumerate(one):  # several columns may have one name
            was, now = before.iloc[:, at], after.iloc[:, at]
            if was.dtype != now.dtype or not _same(was.tolist(), now.tolist()):
                return f"the column {name}"
        return None
    if isinstance(before, dict):
        changed = [name for name in one if not _same(before[name], after[name])]
        return f"the column {changed[0]}" if changed else None
    return None


def _same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return repr([plain(each) for each in one]) == repr([plain(each) for each in other])


def _raised(error: BaseException) -> Raised:
    """Its kind and first line, and the last line of code that is neither Feast's nor ours."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if "site-packages" not in each.filename and "/skewguard/" not in each.filename]
    line = f"line {own[-1].lineno} of {own[-1].filename}" if own and not own[-1].filename.startswith("<") else ""
    text = one_line(error)
    return Raised(kind=type(error).__name__, message=text.partition(": ")[2] or text, line=line)


def _with(answer: Answer, effects: Sequence[str]) -> Answer:
    from dataclasses import replace

    return replace(answer, effects=tuple(effects)) if effects else answer
