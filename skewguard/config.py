"""What `[tool.skewguard]` in pyproject.toml says: the repo, defaults of options, contracts by pattern, and waivers."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from skewguard import parse
from skewguard import pattern as patterns
from skewguard.contract import Contract, Tolerance
from skewguard.errors.base import near
from skewguard.errors.config import BadValue, ConfigUnreadable, KeyMissing, UnknownKey
from skewguard.vocabulary import Cause
from skewguard.waiver import ANY_CAUSE, Waiver

TABLE = "tool.skewguard"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ContractRule:
    """A contract for every feature whose reference matches `pattern` (`*` and `?` are wildcards)."""

    pattern: str
    contract: Contract

    def covers(self, ref: str) -> bool:
        """Whether the feature `ref` is one that this rule is about."""
        return patterns.covers(self.pattern, ref)

    @property
    def specificity(self) -> tuple[bool, int]:
        """Greater for the rule that says more exactly which features it means: no wildcard, then more letters."""
        return patterns.specificity(self.pattern)


@dataclass(frozen=True, kw_only=True)
class Config:
    """One `[tool.skewguard]` table. `options` holds the defaults of options, raw; relative paths start at `folder`."""

    path: Path | None = None
    repo: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    contracts: tuple[ContractRule, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder of the file that was read."""
        return self.path.parent if self.path is not None else Path()


def contract_for(ref: str, declared: Contract, rules: Iterable[ContractRule]) -> Contract:
    """The promises of the feature `ref`, promise by promise.

    Each is the one of the most specific rule that makes it (of two equally specific ones, the later in the file),
    else the one that the definition declares. A tolerance is one promise: it is replaced whole.
    """
    contract = declared
    for rule in sorted((rule for rule in rules if rule.covers(ref)), key=lambda rule: rule.specificity):
        contract = replace(contract, **_made(rule.contract))
    return contract


def unmatched(rules: Iterable[ContractRule], refs: Iterable[str]) -> tuple[str, ...]:
    """The patterns that no feature matches: misspelt, or left over."""
    names = tuple(refs)
    return tuple(rule.pattern for rule in rules if not any(rule.covers(ref) for ref in names))


def load(start: Path, *, known_options: Iterable[str]) -> Config:
    """The nearest pyproject.toml at or above `start` with a `[tool.skewguard]`; an empty Config where there is none."""
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            table = _table(path)
            if table is not None:
                return _config(path, table, tuple(known_options))
    return Config()


def _table(path: Path) -> dict[str, Any] | None:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigUnreadable(path, str(error)) from error
    tool = document.get("tool", {})
    table = tool.get("skewguard") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise BadValue(path, "tool", "skewguard", table, "a table is needed")
    return table


def _config(path: Path, table: dict[str, Any], known_options: tuple[str, ...]) -> Config:
    repo, options, rules = None, {}, {}
    waivers: tuple[Waiver, ...] = ()
    for key, value in table.items():
        match key.replace("-", "_"):
            case "repo":
                repo = path.parent / _read(parse.word, value, path, TABLE, key)
            case "contracts":
                rules = _read(_mapping, value, path, TABLE, key)
            case "waivers":
                waivers = tuple(_waiver(path, body) for body in _read(_tables, value, path, TABLE, key))
            case name if name in known_options:
                options[name] = value
            case _:
                raise UnknownKey(path, TABLE, key, ("repo", "contracts", "waivers", *known_options))
    contracts = tuple(_rule(path, pattern, body) for pattern, body in rules.items())
    return Config(path=path, repo=repo, options=options, contracts=contracts, waivers=waivers)


def _rule(path: Path, pattern: str, body: Any) -> ContractRule:
    table = f'{TABLE}.contracts."{pattern}"'
    if not patterns.is_pattern(pattern):
        raise BadValue(path, f"{TABLE}.contracts", pattern, body, f'a pattern is written "view:feature": "{pattern}:*"')
    promises: dict[str, Any] = {}
    for key, value in _read(_mapping, body, path, f"{TABLE}.contracts", pattern).items():
        name = key.replace("-", "_")
        if name not in READERS:
            raise UnknownKey(path, table, key, READERS)
        promises[name] = _read(READERS[name], value, path, table, key)
    return ContractRule(pattern=pattern, contract=Contract(**promises))


def _waiver(path: Path, body: dict[str, Any]) -> Waiver:
    table = f"[{TABLE}.waivers]"
    given: dict[str, Any] = {}
    for key, value in body.items():
        name = key.replace("-", "_")
        if name not in OF_A_WAIVER:
            raise UnknownKey(path, table, key, OF_A_WAIVER)
        given[name] = _read(OF_A_WAIVER[name], value, path, table, key)
    missing = [name for name in OF_A_WAIVER if name not in given and name != "max_rate"]
    if missing:
        raise KeyMissing(path, table, missing, _named(given))
    return Waiver(**given)


def _named(given: Mapping[str, Any]) -> str:
    """Which of several waivers is meant, by what it does say."""
    return ", ".join(f"{name} {given[name]!r}" for name in ("feature", "cause") if name in given)


def _read(reader: Callable[[Any], T], value: Any, path: Path, table: str, key: str) -> T:
    try:
        return reader(value)
    except ValueError as error:
        raise BadValue(path, table, key, value, str(error)) from None


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("a table is needed")
    return value


def _tables(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError(f"tables are needed, each under a line [[{TABLE}.waivers]]")
    return value


def _pattern(value: Any) -> str:
    text = parse.word(value)
    if not patterns.is_pattern(text):
        raise ValueError(f'a feature is written "view:feature": "{text}:*" for all of a view')
    return text


def _cause(value: Any) -> str:
    text = parse.word(value)
    known = [str(each) for each in Cause]
    if text not in (*known, ANY_CAUSE):
        raise ValueError(f"there is no such cause; {near(text, known)[:1].lower()}{near(text, known)[1:].rstrip('.')}")
    return text


def _range(value: Any) -> tuple[float | None, float | None]:
    wanted = "two numbers [least, most] are needed, inf where there is no limit"
    if not (isinstance(value, list) and len(value) == 2):
        raise ValueError(wanted)
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
        raise ValueError(wanted)
    least, most = (float(each) for each in value)
    if not least <= most:
        raise ValueError(wanted)
    return (None if least == float("-inf") else least), (None if most == float("inf") else most)


def _tolerance(value: Any) -> Tolerance:
    parts = _mapping(value)
    if not parts or not set(parts) <= {"absolute", "relative"}:
        raise ValueError("a table with `absolute`, `relative` or both is needed")
    return Tolerance(**{name: parse.not_negative(each) for name, each in parts.items()})


READERS: Mapping[str, Callable[[Any], Any]] = {
    "nullable": parse.flag,
    "range": _range,
    "categories": parse.words,
    "tolerance": _tolerance,
    "max_skew_rate": parse.rate,
    "freshness": parse.duration,
    "owner": parse.word,
}


OF_A_WAIVER: Mapping[str, Callable[[Any], Any]] = {
    "feature": _pattern,
    "cause": _cause,
    "reason": parse.word,
    "owner": parse.word,
    "expires": parse.day,
    "max_rate": parse.rate,
}


def _made(contract: Contract) -> dict[str, Any]:
    given = {each.name: getattr(contract, each.name) for each in fields(contract)}
    return {name: value for name, value in given.items() if value is not None}
