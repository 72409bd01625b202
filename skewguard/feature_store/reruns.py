"""Runs an on-demand transform again on what either path gave it, and on mixtures that tell one cause from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from feast.protos.feast.types.Value_pb2 import Value
from feast.type_map import python_values_to_proto_values

from skewguard.feature_store.batches import Batch, Positions, batches_of, beyond, input_values, taken
from skewguard.feature_store.calling import Caller, Given, Outputs, columns_of
from skewguard.feature_store.decode import decode
from skewguard.feature_store.forms_of_null import has_integers
from skewguard.feature_store.matching import chunked
from skewguard.feature_store.memory import Address, Row
from skewguard.feature_store.online import given_values
from skewguard.feature_store.outputs import Collected
from skewguard.feature_store.recording import ComputingStore, Feature, Served, requests_of, serve_again
from skewguard.feature_store.sides import side
from skewguard.feature_store.transform import same
from skewguard.model import FeatureSpec, Side, ViewSpec

EMPTY = Value()
# How often a transform that was caught giving two answers is asked again, to catch it in every cell.
MORE = 6


@dataclass(frozen=True, kw_only=True)
class Reruns:
    """What an on-demand transform gives when it is run again, for the rows that have a skewed cell.

    `runs` has by name a Side of outputs, whose `returned` is false where the run could not be made:
    `offline_0`, `offline_1`, ... the batch that training ran on, each time anew; `online_0`, ... the very inputs of the
    request; `served` the request once more, by Feast; `fed` the request, were the training inputs in the online store;
    `swapped` the batch, with the online inputs in it; `declared` the batch with only the columns of a request; `alone`
    the row out of the batch, its types kept; `nulls` the same with the columns in which it is null, or which a null
    elsewhere made float, as the request types them; `types` with all columns so.
    The last five have `..._typed` beside them: their outputs as serving types them.
    `inputs` are the input features, with the values of either path in `offline_inputs` and `online_inputs`; in
    `fed_inputs` what an online store that is given the training inputs makes of them.
    `facts`: row_id; `returned`, whether the offline store gave the row; `alike`, whether all inputs are the very same;
    `beyond`, `null_inputs`, `made_float`: names of columns.
    """

    inputs: tuple[FeatureSpec, ...]
    offline_inputs: Side
    online_inputs: Side
    fed_inputs: Side
    runs: Mapping[str, Side]
    facts: pa.Table


def rerun(
    training: Any,
    serving: Any,
    view: ViewSpec,
    request: Any,
    inputs: Sequence[ViewSpec],
    rows: pa.Table,
    doubtful: pa.Array,
    *,
    request_size: int = 1,
    batch: int = 500,
    pause: Callable[[int], None] | None = None,
    earlier: Mapping[datetime, Mapping[Address, Row]] | None = None,
) -> Reruns:
    """Everything that tells why the `doubtful` rows (ids among `rows`) differ. Errors: whatever a store raises.

    `earlier`: what serving read at each instant, where the store has moved on since.
    """
    again = _Again(
        training, view, request, inputs, rows, np.flatnonzero(np.isin(rows["row_id"].to_numpy(), doubtful.to_numpy()))
    )
    store = ComputingStore(serving) if view.stored else serving
    requests = list(requests_of(rows, again.wanted, request_size, batch))
    instants = rows["as_of"].to_pylist()
    then = None if not earlier else lambda row: earlier.get(instants[row], {})
    again.serve("served", store, requests, pause=pause, earlier=then)
    again.compare_inputs()
    again.feed(store, requests)
    again.run_batches()
    again.run_requests()
    return again.reruns()


class _Again:
    """The reruns of one view, as they are made."""

    def __init__(
        self, training: Any, view: ViewSpec, request: Any, inputs: Sequence[ViewSpec], rows: pa.Table, wanted: Positions
    ) -> None:
        self.view, self.request, self.rows, self.wanted = view, request, rows, wanted
        self.batches = batches_of(training, view, request, rows)
        self.caller: Caller = self.batches[0].caller
        self.specs = _specs(view, inputs)
        self.offline = input_values(training, self.batches, inputs, list(self.specs), rows)
        self.batch_of = {int(row): (each, at) for each in self.batches for at, row in enumerate(each.rows)}
        self.given = given_values(view, rows)
        self.collected: dict[str, Collected] = {}
        self.requests: dict[str, list[Served]] = {}
        self.alike: list[bool] = []
        self.fed: dict[Feature, pa.Array] = {}
        self.facts: dict[int, tuple[list[str], list[str], list[str]]] = {}

    def keep(self, name: str, rows: Sequence[int] | Positions, outputs: Outputs, *, typed: bool = False) -> None:
        """Note the outputs of some rows in one run."""
        self.collected.setdefault(name, Collected(features=len(self.view.features))).add(rows, outputs)
        if typed:
            self.keep(f"{name}_typed", rows, self.caller.typed(outputs))

    def serve(self, name: str, store: Any, requests: Sequence[Any], **options: Any) -> None:
        """Serve the requests by Feast, and keep what they were given."""
        self.requests[name] = []
        for served in serve_again(store, self.request, self.caller, self.given, requests, **options):
            self.requests[name].append(served)
            self._keep_answers(name, served)

    def _keep_answers(self, name: str, served: Served) -> None:
        first = 0
        for size, answer in served.answers:
            outputs = answer if isinstance(answer, str) else self._decoded(answer)
            self.keep(name, served.rows[first : first + size], outputs)
            first += size

    def _decoded(self, answer: Any) -> list[pa.Array]:
        places = {name: place for place, name in enumerate(answer.metadata.feature_names.val)}
        size = len(answer.results[0].values)
        found = [places.get(feature.name) for feature in self.view.features]
        return [pa.nulls(size) if each is None else decode(answer.results[each].values) for each in found]

    def compare_inputs(self) -> None:
        """Collect the online inputs, and see which rows have the very same on both paths."""
        read: dict[Feature, dict[int, Any]] = {name: {} for name in self.specs}
        for served in self.requests["served"]:
            for name, values in (served.inputs or {}).items():
                if name in read:
                    read[name] |= dict(zip(served.rows, values, strict=True))
        self.online = {
            name: decode([values.get(int(row), EMPTY) for row in self.wanted]) for name, values in read.items()
        }
        self.alike = self._same_as_online(self.offline_inputs())

    def offline_inputs(self) -> dict[Feature, pa.Array]:
        """Those of the wanted rows."""
        return {name: self.offline[name].take(pa.array(self.wanted)) for name in self.specs}

    def _same_as_online(self, inputs: Mapping[Feature, pa.Array]) -> list[bool]:
        pairs = [(inputs[name].to_pylist(), self.online[name].to_pylist()) for name in self.specs]
        return [all(same(given[at], online[at], 0.0) for given, online in pairs) for at in range(len(self.wanted))]

    def feed(self, store: Any, requests: Sequence[Any]) -> None:
        """Serve the requests as if the online store held the training inputs; where it does, they have been."""
        needed = sorted({row for chunk in requests for each in chunk for row in each})
        protos = {
            (projection.name, each.name): python_values_to_proto_values(
                self.offline[projection.name, each.name].take(pa.array(needed)).to_numpy(zero_copy_only=False),
                each.dtype.to_value_type(),
            )
            for projection in self.caller.registered.source_feature_view_projections.values()
            for each in projection.features
        }
        fed = {name: dict(zip(needed, values, strict=True)) for name, values in protos.items()}
        self.fed = {name: decode([fed[name][int(row)] for row in self.wanted]) for name in self.specs}
        held = dict(zip(self.wanted.tolist(), self._same_as_online(self.fed), strict=True))
        for served in self.requests["served"]:
            if len(served.rows) == 1 and held[served.rows[0]]:
                self._keep_answers("fed", served)
        unlike = [
            [each for each in chunk if not all(held.get(row, True) for row in each) or len(each) > 1]
            for chunk in requests
        ]
        self.serve("fed", store, [chunk for chunk in unlike if chunk], fed=fed)

    def run_batches(self) -> None:
        """Every run on whole batches."""
        for number in range(2):
            self._run_batches_again(number)
        served = next((each.given for each in self.requests["served"] if each.given is not None), None)
        for batch in self.batches:
            mine = self._mine(batch)
            if served is not None and beyond(batch, served) and len(mine):
                outputs = batch.declared(columns_of(served))
                self.keep("declared", mine, self._of(batch, outputs, mine), typed=True)
            if not all(self.alike):
                for at, outputs in batch.swapped(self.online, self.wanted):
                    self.keep("swapped", self.wanted[at], outputs, typed=True)

    def _run_batches_again(self, number: int) -> None:
        for batch in self.batches:
            mine = self._mine(batch)
            if len(mine):
                self.keep(f"offline_{number}", mine, self._of(batch, batch.run(batch.given), mine))

    def _mine(self, batch: Batch) -> Positions:
        there = batch.rows[batch.places >= 0]
        return there[np.isin(there, self.wanted)]

    def _of(self, batch: Batch, outputs: Outputs, rows: Positions) -> Outputs:
        return taken(outputs, batch.places[np.searchsorted(batch.rows, rows)])

    def run_requests(self) -> None:
        """Every run on the rows of single requests."""
        fed = {tuple(each.rows): each for each in self.requests["fed"]}
        for served in self.requests["served"]:
            if served.given is None:
                continue
            for number in range(2):
                self.keep(f"online_{number}", served.rows, self.caller.in_request(served.given, len(served.rows)))
            own = fed.get(tuple(served.rows), served)
            if own.given is not None:
                self._mix(own, own.given)
        if self._unsteady():
            for number in range(2, 2 + MORE):
                self._run_batches_again(number)
                for served in self.requests["served"]:
                    if served.given is not None:
                        outputs = self.caller.in_request(served.given, len(served.rows))
                        self.keep(f"online_{number}", served.rows, outputs)

    def _unsteady(self) -> bool:
        made = [(self.collected.get(f"{path}_0"), self.collected.get(f"{path}_1")) for path in ("offline", "online")]
        return any(one.differs(other) for one, other in made if one is not None and other is not None)

    def _mix(self, served: Served, given: Given) -> None:
        """The rows of one request out of their batch, with ever more of how the request types them."""
        found = [self.batch_of[row] for row in served.rows]
        batch = found[0][0]
        places = [int(batch.places[at]) for _, at in found]
        if any(each is not batch for each, _ in found) or min(places) < 0:
            return
        alone, size = self.caller.rows(batch.given, places), len(served.rows)
        outputs = self.caller.in_batch(alone, size)
        self.keep("alone", served.rows, outputs, typed=True)
        shared = [name for name in columns_of(given) if name in batch.null_masks]
        nulls = [name for name in shared if batch.null_masks[name][places].any()]
        floats = [name for name in shared if name in batch.made_float and has_integers(given, name)]
        self.facts |= dict.fromkeys(served.rows, (beyond(batch, given), self._short(nulls), self._short(floats)))
        if self._is_answer(self.caller.typed(outputs), served):
            return  # being alone is all it takes: types can add nothing
        if nulls or floats:
            mixed = self.caller.mixed(alone, given, [*nulls, *floats])
            self.keep("nulls", served.rows, self.caller.in_batch(mixed, size), typed=True)
        mixed = self.caller.mixed(alone, given, shared)
        self.keep("types", served.rows, self.caller.in_batch(mixed, size), typed=True)

    def _is_answer(self, outputs: Outputs, served: Served) -> bool:
        """Whether they are what was served, to the last bit."""
        if isinstance(outputs, str) or len(served.answers) != 1 or isinstance(served.answers[0][1], str):
            return False
        answer = self._decoded(served.answers[0][1])
        return all(one.to_pylist() == other.to_pylist() for one, other in zip(outputs, answer, strict=True))

    def _short(self, columns: list[str]) -> list[str]:
        """Each input once: the transform sees it under two names."""
        return [name for name in columns if name not in {f"{base}__{short}" for base, short in self.specs}]

    def _row_ids(self) -> pa.Array:
        return chunked(self.rows["row_id"]).take(pa.array(self.wanted))

    def reruns(self) -> Reruns:
        """All that was found."""
        row_ids = self._row_ids()
        facts = [self.facts.get(int(row), ([], [], [])) for row in self.wanted]
        returned = [int(batch.places[at]) >= 0 for batch, at in (self.batch_of[int(row)] for row in self.wanted)]
        names = pa.list_(pa.string())
        return Reruns(
            inputs=tuple(self.specs.values()),
            offline_inputs=side(row_ids, list(self.offline_inputs().values())),
            online_inputs=side(row_ids, [self.online[name] for name in self.specs]),
            fed_inputs=side(row_ids, [self.fed[name] for name in self.specs]),
            runs={name: each.side(self.wanted, row_ids) for name, each in self.collected.items()},
            facts=pa.table(
                {
                    "row_id": row_ids,
                    "returned": pa.array(returned, pa.bool_()),
                    "alike": pa.array(self.alike, pa.bool_()),
                    "beyond": pa.array([each[0] for each in facts], names),
                    "null_inputs": pa.array([each[1] for each in facts], names),
                    "made_float": pa.array([each[2] for each in facts], names),
                }
            ),
        )


def _specs(view: ViewSpec, inputs: Sequence[ViewSpec]) -> dict[Feature, FeatureSpec]:
    """The input features that the transform is declared to read."""
    read = set(view.input_features)
    return {
        (each.base_name, feature.name): feature
        for each in inputs
        for feature in each.features
        if not read or feature.ref in read
    }
