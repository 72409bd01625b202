"""Work that is done once per test session, though several processes may share the session (xdist)."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from skewguard.errors import SkewguardError

T = TypeVar("T")


class Refused(SkewguardError):
    """What had been refused in another process, or before in this one."""


@dataclass(frozen=True, kw_only=True)
class _Refusal:
    message: str


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Results by name. `folder` is where the processes of one session find each other's; None where there is one."""

    folder: Path | None = None
    known: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` returns, or the SkewguardError that it raises: made by whoever asks first, for all."""
        if name not in self.known:
            self.known[name] = self._together(name, make)
        found = self.known[name]
        if isinstance(found, _Refusal):
            raise Refused(found.message)
        result: T = found
        return result

    def _together(self, name: str, make: Callable[[], Any]) -> Any:
        if self.folder is None or not self.folder.is_dir():
            return _made(make)
        # The lock is the kernel's: it goes with a process that dies, and the next one does the work.
        # There is one for everything: what is done here writes to one ledger.
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self.folder / f"{name}.pickle"
            if kept.exists():
                return pickle.loads(kept.read_bytes())
            found = _made(make)
            part = kept.with_suffix(".part")
            part.write_bytes(pickle.dumps(found))
            part.replace(kept)
            return found


def _made(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except SkewguardError as error:
        return _Refusal(message=str(error))
