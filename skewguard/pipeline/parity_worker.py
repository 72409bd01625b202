"""The process in which transforms run: it is told what to load and what to call, over a pipe, and can be killed.

    python -P -m skewguard.pipeline.parity_worker

What the code under test prints goes nowhere, what it reads is empty.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from skewguard.errors import SkewguardError
from skewguard.errors.parity import NoTransforms
from skewguard.pipeline.parity_messages import (
    Ask,
    Began,
    Elsewhere,
    Failed,
    Load,
    Loaded,
    Rehydrate,
    Tested,
    TryBatch,
    Trying,
    Warm,
    receive,
    send,
)
from skewguard.proofs.calls import Answer, Call, Raised, raised
from skewguard.proofs.subject import BatchSubject, OnDemandSubject

if TYPE_CHECKING:
    from skewguard.proofs.batch_code import BatchCode


class Worker:
    """What one such process holds."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests, self._answers = requests, answers
        self._codes: dict[str, Any] = {}
        self._batch: dict[str, BatchCode] = {}
        self._known: BatchCode | None = None  # the one under test, with its answers
        self._stack = ExitStack()
        self._surroundings: Any = None
        self._watch: Any = None
        self._effects: dict[str, None] = {}  # of the batch transform whose law is tested

    def serve(self) -> None:
        """Until the other end closes the pipe."""
        from skewguard.feature_store.parity_world import Surroundings

        self._surroundings = Surroundings()
        while (request := receive(self._requests)) is not None:
            try:
                self._handle(request)
            except SkewguardError as error:
                self._say(Failed(message=str(error)))
            except Exception as error:  # told, not swallowed with the process: standard error goes nowhere
                self._say(Failed(message=f"this is a defect of skewguard, not of your repo: {raised(error)}"))

    def _watch_anew(self) -> None:
        """From now on: what importing Feast and the project does is no transform's doing."""
        from skewguard.feature_store.parity_state import Watch

        self._watch = Watch()

    def _say(self, message: Any) -> None:
        send(self._answers, message)

    def _handle(self, request: Any) -> None:
        match request:
            case Load():
                self._say(self._load(request))
                self._watch_anew()
            case Warm():
                _import_feast()
            case Rehydrate():
                self._say(self._rehydrate(request))
                self._watch_anew()
            case Ask():
                for call in request.calls[:-1]:
                    self._say(self._answer(request.name, call))
                for call in request.calls[-1:]:
                    answer = self._answer(request.name, call)
                    self._say(replace(answer, effects=(*answer.effects, *self._watch.told())))
            case TryBatch():
                self._say(self._tested(request))

    def _answer(self, name: str, call: Any) -> Answer:
        if not isinstance(call, Call):
            return self._batch[name].call(call)
        code = self._codes[name]
        if isinstance(code, Raised):
            return Answer(raised=code)
        answer: Answer = code.answer(call)
        return answer

    def _load(self, request: Load) -> Loaded:
        from skewguard.pipeline.parity_loading import How, load

        how = How(
            seed=request.seed,
            redacted=request.redacted,
            without=request.without,
            trying=lambda name: self._say(Trying(name=name)),
        )
        found = load(request.target, how, self._surroundings, self._stack)
        for subject, registered in found.on_demand:
            self._codes[subject.name] = self._code(registered, subject)
        for code in found.batch:
            fresh = None if code.name not in found.recipes else self._elsewhere(code.name)
            self._batch[code.name] = replace(code, fresh=fresh)
        on_demand = tuple(subject for subject, _ in found.on_demand)
        batch = tuple(BatchSubject(name=code.name, origin=code.origin) for code in found.batch)
        if not (on_demand or batch or found.errors):
            raise NoTransforms(request.target.given, found.looked_in, found.skipped)
        return Loaded(
            target=replace(request.target, files=found.files),
            subjects=(*on_demand, *batch),
            views=found.views,
            batch=found.recipes,
            real=found.real,
            errors=tuple(found.errors),
            project=found.project,
            feast_version=found.feast_version,
        )

    def _code(self, registered: Any, subject: OnDemandSubject) -> Any:
        from skewguard.feature_store.parity_on_demand import OnDemandCode  # with it comes Feast, which takes seconds

        return OnDemandCode(registered, subject, self._surroundings)

    def _elsewhere(self, name: str) -> Any:
        def ask(calls: Sequence[Any]) -> list[Answer]:
            self._say(Elsewhere(name=name, calls=tuple(calls)))
            answers: list[Answer] = receive(self._requests)
            return answers

        return ask

    def _rehydrate(self, request: Rehydrate) -> tuple[str, ...]:
        from skewguard.pipeline.parity_loading import enter, recreated

        if request.views or any(recipe.path is None for recipe in request.batch.values()):
            _import_feast()
        enter(request.target, self._stack)
        for name, (subject, text) in request.views.items():
            from skewguard.feature_store.parity_subjects import rehydrated

            try:
                self._codes[name] = self._code(rehydrated(text), subject)
            except Exception as error:  # Feast's own, or of the code in the text
                self._codes[name] = raised(error)
        lost = []
        for name, recipe in request.batch.items():
            code, made = recreated(recipe, self._surroundings)
            self._batch[name] = replace(code, fresh=self._elsewhere(name))
            lost += [name] * (not made)
        return tuple(lost)

    def _tested(self, request: TryBatch) -> Tested:
        from skewguard.proofs.batch_known import remembering
        from skewguard.proofs.laws.history import tested

        if self._known is None or self._known.name != request.name:
            self._known = remembering(self._announcing(self._batch[request.name]))
        self._effects = {}
        result = tested(
            self._known,
            request.law,
            examples=request.examples,
            seed=request.seed,
            target=request.target,
            patience=request.patience,
            given=request.given,
        )
        return Tested(result=result, effects=(*self._effects, *self._watch.told()))

    def _announcing(self, code: BatchCode) -> BatchCode:
        """The code, of which every call is told before it is made: one that hangs is known by its events."""

        def call(asked: Any) -> Answer:
            self._say(Began(tables=asked.tables))
            answer = code.call(asked)
            self._effects |= dict.fromkeys(answer.effects)
            return answer

        return replace(code, call=call)


def _import_feast() -> None:
    """In the way that takes a third of the time of importing it plainly."""
    from skewguard.feature_store.arrival import import_feast

    import_feast()
    from skewguard.feature_store import parity_subjects  # noqa: F401


def _end_with(parent: int) -> None:
    """Ends the process, and what it started, after its parent: code that hangs would go on for good."""
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


def serve() -> None:
    """Take the standard streams for the messages, and give the code under test empty ones."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    sys.path[:] = [each for each in sys.path if each not in ("", str(Path.cwd()))] or sys.path
    Worker(requests, answers).serve()


if __name__ == "__main__":
    # Under its own name, not as __main__: messages are pickled by the names of their classes.
    from skewguard.pipeline import parity_worker

    parity_worker.serve()
