"""Runs transforms in processes of their own: one that has loaded the target, one that has imported nothing of it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from skewguard.errors.parity import ParityError, WorkerLost
from skewguard.model import Law, LawResult, LawVerdict
from skewguard.pipeline.parity_target import Target
from skewguard.pipeline.parity_worker import LENGTH, Ask, Elsewhere, Failed, Load, Loaded, Rehydrate, TryBatch, Warm
from skewguard.proofs.calls import Answer, Call, Raised
from skewguard.proofs.subject import OnDemandSubject

# Seconds: for one call; for loading a project, which imports what it likes; for a law of a batch transform as a whole.
CALL_LIMIT = 10.0
LOAD_LIMIT = 300.0
BATCH_LIMIT = 120.0
HASH_SEEDS = ("0", "4242")  # the loaded process's, and the fresh one's


class Silent(Exception):
    """The process did not answer in time, or is gone."""

    def __init__(self, message: str, *, hung: bool) -> None:
        super().__init__(message)
        self.message, self.hung = message, hung


class Process:
    """One worker process: requests go in, messages come out, and it can be killed at any time."""

    def __init__(self, hash_seed: str) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "skewguard.pipeline.parity_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # what it starts is ended with it
        )

    def send(self, message: Any) -> None:
        """One request."""
        from skewguard.pipeline.parity_worker import send

        assert self._popen.stdin is not None
        try:
            send(self._popen.stdin, message)
        except (BrokenPipeError, OSError):
            raise Silent(self._ending(), hung=False) from None

    def receive(self, limit: float) -> Any:
        """One message, waited for at most `limit` seconds. Errors: Silent; the process is then gone."""
        import pickle

        deadline = time.monotonic() + limit
        (length,) = LENGTH.unpack(self._read(LENGTH.size, deadline, limit))
        return pickle.loads(self._read(length, deadline, limit))

    def _read(self, size: int, deadline: float, limit: float) -> bytes:
        assert self._popen.stdout is not None
        number, parts, missing = self._popen.stdout.fileno(), [], size
        while missing:
            ready, _, _ = select.select([number], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                self.close()
                raise Silent(f"did not answer within {limit:g} s", hung=True)
            part = os.read(number, min(missing, 1 << 20))
            if not part:
                raise Silent(self._ending(), hung=False)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _ending(self) -> str:
        code = self._popen.wait()
        if code < 0:
            return f"ended its process by signal {signal.Signals(-code).name}"
        return f"ended its process with exit code {code}"

    def close(self) -> None:
        """End it, and whatever it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        for stream in (self._popen.stdin, self._popen.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds that the worker is given."""

    call: float = CALL_LIMIT
    load: float = LOAD_LIMIT
    batch: float = BATCH_LIMIT


class Workers:
    """The two processes of one run; each is started when it is first needed, and again where it had to be ended."""

    def __init__(self, target: Target, *, seed: int, limits: Limits | None = None, redacted: bool = False) -> None:
        self._target, self._seed, self._limits = target, seed, limits or Limits()
        self._redacted = redacted
        self._main: Process | None = None
        self._fresh: Process | None = None
        self._fresh_ready = False
        self.loaded: Loaded | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._main, self._fresh):
            if process is not None:
                process.close()

    def load(self, *, fresh: bool) -> Loaded:
        """Load the target, the fresh process starting meanwhile where it will be needed. Errors: ParityError."""
        self._main = Process(HASH_SEEDS[0])
        if fresh:
            self._fresh = Process(HASH_SEEDS[1])
            self._fresh.send(Warm())
        self.loaded = self._load()
        return self.loaded

    def _load(self) -> Loaded:
        if self._main is None:
            self._main = Process(HASH_SEEDS[0])
        try:
            self._main.send(Load(target=self._target, seed=self._seed, redacted=self._redacted))
            answer = self._main.receive(self._limits.load)
        except Silent as problem:
            self._main = None
            raise WorkerLost(f"loading {self._target.given}, it {problem.message}") from None
        if isinstance(answer, Failed):
            raise ParityError(answer.message)
        loaded: Loaded = answer
        return loaded

    def _ready(self, *, fresh: bool) -> Process:
        if not fresh:
            if self._main is None:
                self._load()
            assert self._main is not None
            return self._main
        if self._fresh is None:
            self._fresh, self._fresh_ready = Process(HASH_SEEDS[1]), False
        if not self._fresh_ready:
            assert self.loaded is not None
            self._fresh.send(Rehydrate(target=self._target, views=self.loaded.views, batch=self.loaded.batch))
            answer = self._fresh.receive(self._limits.load)
            if isinstance(answer, Failed):
                raise ParityError(answer.message)
            self._fresh_ready = True
        return self._fresh

    def _gone(self, *, fresh: bool) -> None:
        process = self._fresh if fresh else self._main
        if process is not None:
            process.close()
        if fresh:
            self._fresh, self._fresh_ready = None, False
        else:
            self._main = None

    def answers(self, subject: OnDemandSubject, calls: Sequence[Call], *, fresh: bool = False) -> list[Answer]:
        """As Runner says. A call that hangs, or that ends the process, is answered by what it did."""
        return self._asked(subject.name, calls, fresh=fresh)

    def _asked(self, name: str, calls: Sequence[Any], *, fresh: bool) -> list[Answer]:
        answers: list[Answer] = []
        while len(answers) < len(calls):
            try:
                process = self._ready(fresh=fresh)
                process.send(Ask(name=name, calls=tuple(calls[len(answers) :])))
                while len(answers) < len(calls):
                    answer = process.receive(self._limits.call)
                    if isinstance(answer, Failed):
                        answer = Answer(raised=Raised(kind="SkewguardError", message=answer.message))
                    answers.append(answer)
            except Silent as problem:
                self._gone(fresh=fresh)
                kind = "Timeout" if problem.hung else "ProcessEnded"
                raised = Raised(kind=kind, message=problem.message, hung=True)
                answers += [Answer(raised=raised)] * (len(calls) - len(answers))
        return answers

    def batch_law(self, name: str, law: Law, *, examples: int, patience: float, given: Any = None) -> LawResult:
        """One law of a batch transform, tested as a whole in the loaded process."""
        try:
            process = self._ready(fresh=False)
            asked = TryBatch(
                name=name,
                law=law,
                examples=examples,
                seed=self._seed,
                target=self._target.given,
                given=given,
                patience=patience,
            )
            process.send(asked)
            while True:
                message = process.receive(self._limits.batch)
                if isinstance(message, Elsewhere):
                    process.send(self._asked(message.name, message.calls, fresh=True))
                elif isinstance(message, Failed):
                    return _told(name, law, message.message)
                else:
                    result: LawResult = message
                    return result
        except Silent as problem:
            self._gone(fresh=False)
            verdict = LawVerdict.BROKEN if law is Law.SCHEMA_KEPT else LawVerdict.NOT_APPLICABLE
            return LawResult(transform=name, law=law, verdict=verdict, message=f"it {problem.message}")


def _told(name: str, law: Law, message: str) -> LawResult:
    return LawResult(transform=name, law=law, verdict=LawVerdict.NOT_APPLICABLE, message=message)
