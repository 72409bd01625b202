"""From pytest's command line and configuration to the options of a check, and to the items that were named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from skewguard.errors import SkewguardError
from skewguard.pipeline.given import check_options
from skewguard.pipeline.options import CheckOptions
from skewguard.pipeline.parity_options import READERS, ParityOptions
from skewguard.pipeline.parity_target import Target
from skewguard.pytest_plugin import CHECK_OPTIONS, LAW_OPTIONS, MARK, destination

NAMED = f"{MARK}::"


def repo_of(config: pytest.Config) -> Path:
    """The repo: on the command line it starts at the current folder, in the configuration at that file's."""
    asked = config.getoption("--skewguard")
    if asked:
        return config.invocation_params.dir / Path(asked).expanduser()
    return (config.inipath or config.rootpath / "-").parent / str(config.getini("skewguard"))


def options_of(config: pytest.Config) -> CheckOptions:
    """The options of the check; what is not given on the command line, `[tool.skewguard]` says."""
    given = _given(config, CHECK_OPTIONS)
    with _usage():
        return check_options(repo_of(config), here=config.invocation_params.dir, **given)


def law_options_of(config: pytest.Config, check: CheckOptions) -> ParityOptions:
    """The options of the laws, on the transforms of the same repo and with the same seed and ledger."""
    target = Target(given=str(check.repo.resolve()), repo=check.repo.resolve(), yaml=check.feature_store_yaml)
    with _usage():
        asked = {name: READERS[name](value) for name, value in _given(config, LAW_OPTIONS).items() if value}
        return ParityOptions(
            target=target,
            laws=asked.get("law", ()),
            examples=asked.get("examples"),
            seed=check.seed,
            redacted=bool(check.redact),
            db=check.db,
        )


def _given(config: pytest.Config, options: Iterable[tuple[str, Any, bool, str]]) -> dict[str, Any]:
    return {name.replace("-", "_"): config.getoption(destination(name)) for name, *_ in options}


@contextmanager
def _usage() -> Iterator[None]:
    """What is wrong with an option is a matter of pytest's command line, and named as it is there."""
    try:
        yield
    except (SkewguardError, ValueError) as error:
        names = "|".join(name for name, *_ in (*CHECK_OPTIONS, *LAW_OPTIONS))
        raise pytest.UsageError(re.sub(rf"--(?=({names})\b)", "--skewguard-", str(error))) from None


def take_named(config: pytest.Config) -> frozenset[str] | None:
    """Take the ids of items of ours out of pytest's arguments, which would look for files of these names.

    None where none was given: then all items are wanted.
    """
    if config.args_source is not config.ArgsSource.ARGS:
        return None
    ours = {each: _as_ours(config, each) for each in config.args}
    named = frozenset(each for each in ours.values() if each is not None)
    config.args[:] = [each for each in config.args if ours[each] is None]
    return named or None


def names_single_tests(config: pytest.Config) -> bool:
    """Whether every argument is the id of a test: then nothing that was not named is wanted beside it."""
    return bool(config.args) and all("::" in each for each in config.args)


def _as_ours(config: pytest.Config, argument: str) -> str | None:
    """The id as we give it; pytest prints it relative to the current folder, `../skewguard::…`."""
    place, colons, name = argument.partition("::")
    if not colons:
        return argument if argument == MARK and not (config.invocation_params.dir / MARK).exists() else None
    here = (config.invocation_params.dir / place).resolve()
    return f"{NAMED}{name}" if place == MARK or here == (config.rootpath / MARK).resolve() else None
