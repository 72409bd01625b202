"""What is said between a run of `parity` and its worker processes: pickles behind their length."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from skewguard.model import Law, LawResult
from skewguard.pipeline.parity_target import Target
from skewguard.proofs.subject import OnDemandSubject, Subject

LENGTH = struct.Struct(">Q")
MADE_UP = "on made-up events"


@dataclass(frozen=True, kw_only=True)
class Load:
    """Load a target and describe what is in it; `redacted`: without rows of its sources.

    `without`: batch transforms that end the process when they are tried.
    """

    target: Target
    seed: int
    redacted: bool = False
    without: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trying:
    """Said by the worker while it loads: it runs a transform, which may end the process, to see what it reads."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Warm:
    """Import Feast, which takes seconds, while there is nothing else to do; there is no answer."""


@dataclass(frozen=True, kw_only=True)
class Rehydrate:
    """Make these again where nothing of the project is loaded: on-demand views from the registry's text.

    Answered by the names of the batch transforms that could not be made.
    """

    target: Target
    views: dict[str, tuple[OnDemandSubject, bytes]]
    batch: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Call a transform; answered by one message per call."""

    name: str
    calls: Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class TryBatch:
    """Test one law of a batch transform as a whole; on the events `given` alone, where there are any."""

    name: str
    law: Law
    examples: int
    seed: int
    target: str
    patience: float
    given: Any = None


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Said by the worker: make these calls in the fresh process, and send the answers."""

    name: str
    calls: Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Began:
    """Said by the worker: it calls a batch transform on these events, and says something again when that is done."""

    tables: Any


@dataclass(frozen=True, kw_only=True)
class Tested:
    """What one law of a batch transform came to, and what its calls did beside answering."""

    result: LawResult
    effects: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Said by the worker: what was asked cannot be done."""

    message: str


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What is in a target, whose files are known now.

    `views` holds each on-demand view as the registry would; `real` rows of the sources.
    """

    target: Target
    subjects: tuple[Subject, ...]
    views: dict[str, tuple[OnDemandSubject, bytes]] = field(default_factory=dict)
    batch: dict[str, Any] = field(default_factory=dict)
    real: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    errors: tuple[tuple[str, str], ...] = ()
    project: str | None = None
    feast_version: str | None = None


def send(stream: IO[bytes], message: Any) -> None:
    """One message."""
    text = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(text)) + text)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """One message; None where the other end has closed."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return pickle.loads(stream.read(LENGTH.unpack(head)[0]))
