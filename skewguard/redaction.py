"""Keyed hashes in the place of what must not be seen: entity keys, and the values of named features."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from skewguard import pattern

MARK = "hmac:"
DIGITS = 24  # 96 bits: two of a billion values meet with a chance of one in 10^11
# What evidence may say as it is: times, counts, names and types. Anything else in it may be a value.
HARMLESS = frozenset(
    {
        *("test", "cells", "feature", "key", "pairs", "equal_after", "equal_as", "null_inputs", "offline_only_columns"),
        *("dtype", "declared_as", "stored_as", "offline_types", "online_types", "registry_fingerprint"),
        *("code_fingerprint", "shift_seconds", "online_times_shifted_by_seconds", "ttl_seconds", "key_ttl_seconds"),
        *("age_seconds", "event", "created", "source_event", "online_event", "expired_event", "source_created"),
        *("source_begins", "source_modified", "landed_in_time", "joined_by", "event_of_that_row"),
        *("as_of", "checked_at", "registry_updated", "window", "windows"),
        *("windows_around_it", "window_start", "window_end", "first_window_start", "last_window_end"),
        *("later_window_start", "later_window_end", "rows_tied", "rows_of_no_window", "offline_row"),
        *("online_event_in_source", "online_value_in_source", "online_is_source", "online_store_holds_rows"),
        *("found_under_other_encoding", "older_than_the_source"),
    }
)
# `ValueError: could not convert 'x'`: the class says what sort of error it is, the rest may quote a value.
RAISED = re.compile(r"((?:\b[A-Z]\w* )?\b[A-Z]?\w*(?:Error|Exception|Warning|Interrupt)\b): (.*)", re.DOTALL)
QUOTED = re.compile(r"\{[^{}\n]*\}|'[^'\n]*'|\"[^\"\n]*\"")


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """Hides entity keys, and the values of the features that `patterns` mean. The same key gives the same hashes."""

    patterns: tuple[str, ...]
    key: bytes = field(repr=False)

    @cached_property
    def key_id(self) -> str:
        """What tells one key from another, and does not tell the key."""
        return self._hash("skewguard", "key id")[: len(MARK) + 8]

    def covers(self, ref: str) -> bool:
        """Whether the values of the feature `ref` are hidden."""
        return any(pattern.covers(each, ref) for each in self.patterns)

    def value(self, ref: str, text: str | None) -> str | None:
        """What stands in the place of one value; null stays null, as the kind of the cell says that anyway."""
        return None if text is None else self._hash(ref, text)

    def entity(self, text: str) -> str:
        """An entity (a JSON object) with all its values hidden; its keys keep their names."""
        return json.dumps(self._entity(json.loads(text)), ensure_ascii=False)

    def evidence(self, ref: str, text: str | None) -> str | None:
        """Evidence (a JSON object) without what may be a value: evidence on one feature may quote others."""
        return None if text is None else json.dumps(self._inside(ref, json.loads(text)), ensure_ascii=False)

    def message(self, text: str, *, names: Iterable[str] | None = None) -> str:
        """Text of an error or note without what an exception quoted.

        With `names`, what stands in quotes goes too, unless it is one of them.
        """
        kept = RAISED.sub(r"\1 (its message is redacted)", text)
        if names is None:
            return kept
        known = set(names)
        return QUOTED.sub(lambda found: self._quoted(found[0], known), kept)

    def _quoted(self, quoted: str, known: set[str]) -> str:
        return quoted if quoted[1:-1] in known else f"{quoted[0]}{self._hash('text', quoted[1:-1])}{quoted[-1]}"

    def _entity(self, entity: Any) -> Any:
        if not isinstance(entity, dict):
            return self._leaf("entity", entity)
        return {name: self._leaf(name, value) for name, value in entity.items()}

    def _inside(self, ref: str, value: Any) -> Any:
        match value:
            case dict():
                return {name: self._named(ref, name, each) for name, each in value.items()}
            case list():
                return [self._inside(ref, each) for each in value]
            case _:
                return self._leaf(ref, value)

    def _named(self, ref: str, name: str, value: Any) -> Any:
        if name in HARMLESS:
            return value
        if name == "entity":
            return self._entity(value)
        if name == "reason":
            return self.reason(str(value))
        return self._inside(ref, value)

    def reason(self, text: str) -> str:
        """What a read raised: its class, where it says one."""
        raised = RAISED.search(text)
        return f"{raised[1].strip()} (its message is redacted)" if raised else "an error whose message is redacted"

    def _leaf(self, name: str, value: Any) -> Any:
        return value if value is None else self._hash(name, json.dumps(value, ensure_ascii=False, sort_keys=True))

    def _hash(self, name: str, text: str) -> str:
        said = f"{name}\x1f{text}".encode("utf-8", "surrogatepass")
        return MARK + hmac.new(self.key, said, hashlib.sha256).hexdigest()[:DIGITS]
