"""Runs transforms in processes of their own: ones that have loaded the target, and a fresh one that has not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from skewguard.errors.parity import ParityError, WorkerLost
from skewguard.model import Law, LawResult
from skewguard.pipeline.parity_child import Process, Role, Silent
from skewguard.pipeline.parity_messages import (
    MADE_UP,
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
)
from skewguard.pipeline.parity_target import Target
from skewguard.proofs.calls import Answer, Call, Raised
from skewguard.proofs.subject import OnDemandSubject

# Seconds: for one call; for loading a project, which imports what it likes.
CALL_LIMIT = 10.0
LOAD_LIMIT = 300.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds that the worker is given."""

    call: float = CALL_LIMIT
    load: float = LOAD_LIMIT


class BatchHung(Exception):
    """A batch transform that does not answer, or that ends its process: on which events, where that is known."""

    def __init__(self, message: str, tables: Any) -> None:
        super().__init__(message)
        self.message, self.tables = message, tables


class LawFailed(Exception):
    """A law could not be tested at all, for a reason that is no fault of the transform."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Workers:
    """The processes of one run; each is started when it is first needed, and again where it had to be ended.

    Two threads may use it, as long as one alone asks of `LOADED` and the other alone of `BESIDE`.
    """

    def __init__(self, target: Target, *, seed: int, limits: Limits | None = None, redacted: bool = False) -> None:
        self._target, self._seed, self._limits = target, seed, limits or Limits()
        self._redacted = redacted
        self._processes: dict[Role, Process] = {}
        self._prepared: set[Role] = set()
        self._fresh, self._closed = Lock(), False
        self._loaded: Loaded | None = None
        self._lost: tuple[str, ...] = ()
        self._ended: dict[str, str] = {}  # batch transforms that end the process that tries them, and how
        self.effects: dict[str, dict[str, None]] = {}  # of batch transforms, beside answering

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes for good."""
        self._closed = True
        for process in list(self._processes.values()):
            process.close()

    def load(self, *, fresh: bool) -> Loaded:
        """Load the target, the fresh process starting meanwhile where it will be needed. Errors: ParityError."""
        self._started(Role.LOADED)
        if fresh:
            self._started(Role.FRESH).send(Warm())
        loaded = self._load()
        ended = ((name, f"it {how} {MADE_UP}") for name, how in self._ended.items())
        self._loaded = replace(loaded, errors=(*loaded.errors, *ended))
        return self._loaded

    def only(self, names: Collection[str]) -> None:
        """Of these transforms alone will be asked: the others are not made again anywhere."""
        assert self._loaded is not None
        views = {name: each for name, each in self._loaded.views.items() if name in names}
        batch = {name: each for name, each in self._loaded.batch.items() if name in names}
        self._loaded = replace(self._loaded, views=views, batch=batch)

    def _started(self, role: Role) -> Process:
        if self._closed:
            raise Silent("was ended", hung=False)
        if role not in self._processes:
            self._processes[role] = Process(role)
        return self._processes[role]

    def _load(self) -> Loaded:
        process, trying = self._started(Role.LOADED), None
        try:
            without = tuple(self._ended)
            process.send(Load(target=self._target, seed=self._seed, redacted=self._redacted, without=without))
            while isinstance(answer := process.receive(self._limits.load), Trying):
                trying = answer.name
        except Silent as problem:
            self._gone(Role.LOADED)
            if trying is None or problem.hung:
                raise WorkerLost(f"loading {self._target.given}, it {problem.message}") from None
            self._ended[trying] = problem.message
            return self._load()
        if isinstance(answer, Failed):
            raise ParityError(answer.message)
        self._prepared.add(Role.LOADED)
        loaded: Loaded = answer
        return loaded

    def _ready(self, role: Role) -> Process:
        process = self._started(role)
        if role in self._prepared:
            return process
        if role is Role.LOADED:
            self._load()
            return self._started(role)
        assert self._loaded is not None
        views = self._loaded.views if role is Role.FRESH else {}
        process.send(Rehydrate(target=self._loaded.target, views=views, batch=self._loaded.batch))
        answer = process.receive(self._limits.load)
        if isinstance(answer, Failed):
            raise ParityError(answer.message)
        if role is Role.BESIDE:
            self._lost = answer
        self._prepared.add(role)
        return process

    def _gone(self, role: Role) -> None:
        self._prepared.discard(role)
        process = self._processes.pop(role, None)
        if process is not None:
            process.close()

    def can_beside(self, name: str) -> bool:
        """Whether the process beside, started if it was not, has the batch transform."""
        if name in self._lost:
            return False
        try:
            self._ready(Role.BESIDE)
        except (Silent, ParityError):
            assert self._loaded is not None
            self._gone(Role.BESIDE)
            self._lost = tuple(self._loaded.batch)
            return False
        return name not in self._lost

    def answers(self, subject: OnDemandSubject, calls: Sequence[Call], *, fresh: bool = False) -> list[Answer]:
        """As Runner says. A call that hangs, or that ends the process, is answered by what it did."""
        if not fresh:
            return self._asked(Role.LOADED, subject.name, calls)
        return self._elsewhere(subject.name, calls)

    def _elsewhere(self, name: str, calls: Sequence[Any]) -> list[Answer]:
        with self._fresh:
            return self._asked(Role.FRESH, name, calls)

    def _asked(self, role: Role, name: str, calls: Sequence[Any]) -> list[Answer]:
        answers: list[Answer] = []
        while len(answers) < len(calls):
            try:
                process = self._ready(role)
                process.send(Ask(name=name, calls=tuple(calls[len(answers) :])))
                while len(answers) < len(calls):
                    answer = process.receive(self._limits.call)
                    if isinstance(answer, Failed):
                        answer = Answer(raised=Raised(kind="SkewguardError", message=answer.message))
                    answers.append(answer)
            except Silent as problem:
                self._gone(role)
                kind = "Timeout" if problem.hung else "ProcessEnded"
                raised = Raised(kind=kind, message=problem.message, hung=True)
                answers += [Answer(raised=raised)] * (len(calls) - len(answers))
        return answers

    def batch_law(
        self, name: str, law: Law, *, examples: int, patience: float, given: Any = None, beside: bool = False
    ) -> LawResult:
        """One law of a batch transform, tested as a whole where it is loaded. Errors: BatchHung, LawFailed."""
        role, tables = Role.BESIDE if beside else Role.LOADED, None
        asked = TryBatch(
            name=name,
            law=law,
            examples=examples,
            seed=self._seed,
            target=self._target.given,
            given=given,
            patience=patience,
        )
        try:
            process = self._ready(role)
            process.send(asked)
            while True:
                message = process.receive(self._limits.call)
                match message:
                    case Began():
                        tables = message.tables
                    case Elsewhere():
                        process.send(self._elsewhere(message.name, message.calls))
                    case Failed():
                        raise LawFailed(message.message)
                    case Tested():
                        self.effects.setdefault(name, {}).update(dict.fromkeys(message.effects))
                        return message.result
        except Silent as problem:
            self._gone(role)
            raise BatchHung(problem.message, tables) from None
