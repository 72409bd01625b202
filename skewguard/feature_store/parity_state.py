"""What a call may leave changed in its process, noticed by comparing with before and put back where that can be."""

from __future__ import annotations

import locale
import os
import pickle
import random
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skewguard.proofs.effects import RANDOM, THREADS


@dataclass(frozen=True, kw_only=True)
class State:
    """The process as it is at one moment."""

    directory: str | None
    filters: list[Any]
    environment: dict[bytes, bytes]  # undecoded: this is taken for every call
    place: str
    floats: Mapping[str, Any]
    path: list[str]
    depth: int
    threads: frozenset[threading.Thread]


def state() -> State:
    """Now."""
    return State(
        directory=_directory(),
        filters=list(warnings.filters),
        environment=dict(vars(os.environ)["_data"]),
        place=locale.setlocale(locale.LC_ALL),
        floats=np.geterr(),
        path=list(sys.path),
        depth=sys.getrecursionlimit(),
        threads=frozenset(threading.enumerate()),
    )


def _directory() -> str | None:
    with suppress(OSError):
        return os.getcwd()  # noqa: PTH109 - a path is made slowly, and this is done for every call
    return None


def put_back(before: State) -> list[str]:
    """Each thing that is not as it was, in words; what can be is as before then."""
    now, told = state(), []
    if now.filters != before.filters:  # whoever watches for warnings puts these back
        told.append("changes the warnings filter")
    if now.directory != before.directory and before.directory is not None:
        os.chdir(before.directory)
        told.append("changes the working directory")
    if now.environment != before.environment:
        _put_back_environment(before.environment)
        told.append("changes the environment")
    if now.place != before.place:
        locale.setlocale(locale.LC_ALL, before.place)
        told.append("changes the locale")
    if now.floats != before.floats:
        np.seterr(**before.floats)
        told.append("changes how numpy takes errors")
    if now.path != before.path:
        sys.path[:] = before.path
        told.append("changes sys.path")
    if now.depth != before.depth:
        sys.setrecursionlimit(before.depth)
        told.append("changes the recursion limit")
    if now.threads - before.threads:
        told.append(THREADS)
    return told


def _put_back_environment(environment: dict[bytes, bytes]) -> None:
    before = {os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()}
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)
    time.tzset()


class Watch:
    """Over pandas' options and chance, between requests: looking at them takes longer than most calls."""

    def __init__(self) -> None:
        self._options, self._chance = _all_options(), _chance()

    def told(self) -> list[str]:
        """What has changed since it was last asked. Chance stays: put back, it would be the same for every call."""
        options, chance, told = _all_options(), _chance(), []
        changed = [name for name, value in self._options.items() if not _same(options.get(name), value)]
        for name in changed:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of options that pandas will drop
                pd.set_option(name, self._options[name])
        if changed:
            told.append(f"sets pandas' {', '.join(changed)}")
        if chance != self._chance:
            self._chance = chance
            told.append(RANDOM)
        return told


def _all_options() -> dict[str, Any]:
    return dict(_options(pd.options.d, ""))


def _options(level: Mapping[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    for name, value in level.items():
        if isinstance(value, dict):
            yield from _options(value, f"{before}{name}.")
        else:
            yield before + name, value


def _same(one: Any, other: Any) -> bool:
    return one is other or bool(one == other)


def _chance() -> tuple[Any, bytes]:
    return random.getstate(), pickle.dumps(np.random.get_state(legacy=False))  # whatever generator numpy draws from
