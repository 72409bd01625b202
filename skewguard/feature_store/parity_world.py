"""What surrounds a call of a transform: another clock, zone or locale, and everything put back as it was."""

from __future__ import annotations

import datetime as datetime_module
import locale
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from types import ModuleType
from typing import Any

from skewguard.feature_store.parity_state import put_back, state
from skewguard.feature_store.quiet import quiet
from skewguard.proofs.calls import World

LOCALES = ("de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8", "es_ES.UTF-8", "ru_RU.UTF-8", "pt_BR.UTF-8", "ja_JP.UTF-8")
DOES = {
    "os.mkdir": "makes the folder",
    "os.rmdir": "removes the folder",
    "os.remove": "removes the file",
    "os.rename": "renames",
    "os.truncate": "writes the file",
    "os.system": "starts the program",
    "subprocess.Popen": "starts the program",
}
FOREIGN = {"decimal_point": ",", "thousands_sep": ".", "grouping": [3, 0]}


class Surroundings:
    """Made once for a process: an audit hook, by which writes are noticed, cannot be taken off again."""

    def __init__(self) -> None:
        self._heard, self._hooked = _Heard(), False

    def around(self, world: World) -> AbstractContextManager[list[str]]:
        """Around one call; gives the list that is filled, at its end, with what the call did beside answering."""
        if not self._hooked:
            self._hooked = True
            logging.getLogger("feast").setLevel(logging.ERROR)  # once, not around each call
            sys.addaudithook(self._heard.hook)
        return _around(world, self._heard)


@contextmanager
def _around(world: World, ear: _Heard) -> Iterator[list[str]]:
    effects: list[str] = []
    with ExitStack() as stack:
        if world.zone is not None:
            stack.enter_context(_zone(world.zone))
        if world.locale:
            stack.enter_context(_locale())
        done = stack.enter_context(_listening(ear))
        heard = stack.enter_context(quiet())
        if world.clock is not None:
            stack.enter_context(_clock(world.clock))
        before = state()
        try:
            yield effects
        finally:
            if "".join(heard).strip():
                effects.append("prints")
            effects += dict.fromkeys(done)
            effects += put_back(before)


@contextmanager
def _zone(name: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


@contextmanager
def _locale() -> Iterator[None]:
    """Another locale where one is installed; in any case another one for what goes through Python's `locale`."""
    before = locale.setlocale(locale.LC_ALL)
    overridden: Any = locale
    kept = dict(overridden._override_localeconv)
    for name in LOCALES:
        with suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, name)
            break
    overridden._override_localeconv.update(FOREIGN)
    try:
        yield
    finally:
        overridden._override_localeconv.clear()
        overridden._override_localeconv.update(kept)
        locale.setlocale(locale.LC_ALL, before)


class _Heard:
    """What is done to files, and which programs are started, while someone listens."""

    def __init__(self) -> None:
        self.listening: list[str] | None = None

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python's protocol for audit hooks."""
        if self.listening is None:
            return
        if event == "open":
            path, mode, flags = arguments
            writing = bool(mode and set(mode) & set("wax+")) or bool(
                isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            )
            if writing:
                self._note("writes the file", path)
        elif event in DOES:
            self._note(DOES[event], arguments[0])

    def _note(self, does: str, what: Any) -> None:
        if isinstance(what, str | bytes | os.PathLike):
            place = os.fsdecode(what)
            device = place.startswith(("/dev/", "/proc/")) and not place.startswith("/dev/shm/")  # which is memory
            if not device and "__pycache__" not in place:
                assert self.listening is not None
                self.listening.append(f"{does} {place}")


@contextmanager
def _listening(ear: _Heard) -> Iterator[list[str]]:
    heard: list[str] = []
    ear.listening = heard
    try:
        yield heard
    finally:
        ear.listening = None


@contextmanager
def _clock(shift: timedelta) -> Iterator[None]:
    """Another wall-clock time for what asks Python's `datetime` and `time`, or pandas' Timestamp.

    Modules of the project that hold one of those under a name of their own get the shifted one there. numpy's
    `datetime64("now")`, pandas' `to_datetime("now")` and what asks the system itself are out of reach.
    """
    import pandas as pd

    replaced = {**_shifted_classes(shift), **_shifted_functions(shift)}
    modules = [sys.modules[name] for name in _theirs(tuple(sys.modules)) if name in sys.modules]
    with ExitStack() as stack:
        for module in (datetime_module, time, *modules):
            for name, value in list(vars(module).items()):
                if id(value) in replaced:
                    stack.callback(setattr, module, name, value)
                    setattr(module, name, replaced[id(value)])
        for name in ("now", "today", "utcnow"):
            stack.callback(setattr, pd.Timestamp, name, vars(pd.Timestamp)[name])
            setattr(pd.Timestamp, name, classmethod(_later(getattr(pd.Timestamp, name), shift)))
        yield


def _later(real: Callable[..., Any], shift: timedelta) -> Callable[..., Any]:
    def now(_: Any, *arguments: Any, **named: Any) -> Any:
        return real(*arguments, **named) + shift

    return now


@lru_cache(maxsize=1)
def _theirs(names: tuple[str, ...]) -> tuple[str, ...]:
    """The modules of the project, among the thousands that are loaded."""
    return tuple(
        name for name in names if isinstance(sys.modules.get(name), ModuleType) and _is_theirs(sys.modules[name])
    )


def _is_theirs(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None) or ""
    return bool(file) and not any(
        part in file for part in ("site-packages", "dist-packages", "/lib/python", "skewguard/")
    )


def _shifted_functions(shift: timedelta) -> dict[int, Any]:
    """By the identity of each function of `time` that tells the time, the one that tells a later one."""
    seconds, clock, nanoseconds = shift.total_seconds(), time.time, time.time_ns
    local, utc, written = time.localtime, time.gmtime, time.strftime

    def later(given: float | None) -> float:
        return clock() + seconds if given is None else given

    return {
        id(clock): lambda: clock() + seconds,
        id(nanoseconds): lambda: nanoseconds() + int(seconds * 1e9),
        id(local): lambda given=None: local(later(given)),
        id(utc): lambda given=None: utc(later(given)),
        id(written): lambda form, given=None: written(form, local(later(None)) if given is None else given),
    }


class _Kind(type):
    """Makes a stand-in say of real times that they are its own."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, datetime if datetime in cls.__mro__ else date)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, datetime if datetime in cls.__mro__ else date)


def _shifted_classes(shift: timedelta) -> dict[int, Any]:
    """By the identity of `datetime` and `date`, classes that make the same values and whose now is later."""

    class Later(datetime, metaclass=_Kind):
        """`datetime`, later."""

        def __new__(cls, *arguments: Any, **named: Any) -> Any:
            return datetime(*arguments, **named)

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + shift

        @classmethod
        def utcnow(cls) -> Any:
            return datetime.now(UTC).replace(tzinfo=None) + shift

        @classmethod
        def today(cls) -> Any:
            return datetime.now() + shift

    class LaterDay(date, metaclass=_Kind):
        """`date`, later."""

        def __new__(cls, *arguments: Any, **named: Any) -> Any:
            return date(*arguments, **named)

        @classmethod
        def today(cls) -> Any:
            return (datetime.now() + shift).date()

    return {id(datetime): Later, id(date): LaterDay}
