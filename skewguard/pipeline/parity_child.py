"""One worker process of `parity`, from outside: started, spoken with, and ended at any time."""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from enum import StrEnum
from typing import Any

from skewguard.pipeline.parity_messages import LENGTH, send


class Role(StrEnum):
    """What a process is for: `BESIDE` tests batch transforms while `LOADED`, which has the whole target, works."""

    LOADED = "loaded"
    BESIDE = "beside"
    FRESH = "fresh"


HASH_SEEDS = {Role.LOADED: "0", Role.BESIDE: "0", Role.FRESH: "4242"}


class Silent(Exception):
    """The process did not answer in time, or is gone."""

    def __init__(self, message: str, *, hung: bool) -> None:
        super().__init__(message)
        self.message, self.hung = message, hung


class Process:
    """One worker process: requests go in, messages come out, and it can be killed at any time."""

    def __init__(self, role: Role) -> None:
        # In UTC wherever this runs, so that it comes to the same; and in another zone where a law asks for it.
        environment = {**os.environ, "PYTHONHASHSEED": HASH_SEEDS[role], "TZ": "UTC"}
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
        assert self._popen.stdin is not None
        try:
            send(self._popen.stdin, message)
        except (BrokenPipeError, OSError):
            raise Silent(self._ending(), hung=False) from None

    def receive(self, limit: float) -> Any:
        """One message, waited for at most `limit` seconds. Errors: Silent; the process is then gone."""
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
