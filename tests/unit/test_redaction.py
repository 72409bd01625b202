"""Keyed hashes: the same for the same key, name and value, of everything that may be a value, and of nothing else."""

from __future__ import annotations

import json

import pytest

from skewguard.errors.redaction import RedactedDefect, RedactedPatternUnknown, RedactionKeyMissing
from skewguard.errors.selection import EntityTypeWrong
from skewguard.pipeline.redacting import KEY, patterns, redacted_errors, redaction_of, refuse_unknown
from skewguard.redaction import Redaction

ONE = Redaction(patterns=("v:secret*",), key=b"one")
TWO = Redaction(patterns=("v:secret*",), key=b"two")


def test_a_hash_hangs_on_key_name_and_value() -> None:
    shown = ONE.value("v:secret", "42")
    assert shown is not None and shown.startswith("hmac:")
    assert shown == ONE.value("v:secret", "42")
    assert len({shown, ONE.value("v:secret", "43"), ONE.value("v:other", "42"), TWO.value("v:secret", "42")}) == 4
    assert ONE.value("v:secret", None) is None
    assert ONE.key_id != TWO.key_id
    assert "one" not in repr(ONE)


def test_an_entity_keeps_the_names_of_its_keys() -> None:
    shown = json.loads(ONE.entity('{"id": 7, "né \\"x\\"": "Zoë", "none": null}'))
    assert list(shown) == ["id", 'né "x"', "none"]
    assert shown["none"] is None
    assert all(each.startswith("hmac:") for each in (shown["id"], shown['né "x"']))
    assert json.loads(ONE.entity('{"id": 7}'))["id"] == shown["id"]
    assert json.loads(ONE.entity('{"id": "7"}'))["id"] != shown["id"]


def test_evidence_keeps_times_and_names_and_no_values() -> None:
    evidence = {
        "test": "as told", "source_event": "2026-03-01T12:00:00+00:00", "ttl_seconds": 86400.0, "constant": 4711,
        "source_rows": [{"event": "2026-03-01", "value": "Zoë"}], "inputs": {"v:a": {"offline": 4712, "online": None}},
        "entity": {"id": "Zoë"}, "reason": "ValueError: bad 'Zoë' of 4713",
    }  # fmt: skip
    shown = ONE.evidence("v:open", json.dumps(evidence))
    assert shown is not None
    assert not [each for each in ("Zoë", "Zo\\u00eb", "4711", "4712", "4713") if each in shown]
    told = json.loads(shown)
    for name in ("test", "source_event", "ttl_seconds"):
        assert told[name] == evidence[name]
    assert told["source_rows"][0]["event"] == "2026-03-01"
    assert told["reason"] == "ValueError (its message is redacted)"
    assert ONE.evidence("v:open", None) is None


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("get_historical_features raises: ValueError: no 'Zoë' here", "Zoë"),
        ("It cannot be read: Conversion Error: Could not convert string Zoë to DOUBLE.", "Zoë"),
        ("feast.errors.SomeException: key 4711", "4711"),
    ],
)
def test_a_message_keeps_the_class_of_what_was_raised(text: str, lost: str) -> None:
    shown = ONE.message(text)
    assert lost not in shown
    assert "(its message is redacted)" in shown


def test_a_note_of_our_own_stays_as_it_is() -> None:
    note = "the verdict looks past 5 of 5 skewed cells: 5 ttl_not_enforced (waived)"
    assert ONE.message(note) == note
    quoting = ONE.message("View 'stats' holds 'Zoë'.", names=["stats"])
    assert "'stats'" in quoting and "Zoë" not in quoting


def test_an_error_that_leaves_the_check_quotes_nothing() -> None:
    with pytest.raises(EntityTypeWrong) as found, redacted_errors(ONE):
        raise EntityTypeWrong("people.csv", "", "id", "'Zoë'", "int64")
    assert "Zoë" not in str(found.value) and "'id'" in str(found.value)
    with pytest.raises(RedactedDefect) as defect, redacted_errors(ONE):
        raise KeyError("Zoë")
    assert "Zoë" not in str(defect.value) and "KeyError" in str(defect.value)
    with pytest.raises(KeyError), redacted_errors(None):
        raise KeyError("as it is")


def test_what_is_asked_for() -> None:
    assert (patterns(True), patterns(False), patterns("a:*"), patterns(["a:*", "b:c"])) == (
        ("*",), (), ("a:*",), ("a:*", "b:c"),
    )  # fmt: skip
    with pytest.raises(ValueError, match='"stats:\\*" is all of a view'):
        patterns("stats")
    assert redaction_of((), {}) is None
    for missing in ({}, {KEY: ""}, {KEY: "  "}):
        with pytest.raises(RedactionKeyMissing, match=KEY):
            redaction_of(("*",), missing)
    refuse_unknown(ONE, ["v:secret_name"])
    with pytest.raises(RedactedPatternUnknown, match="v:public"):
        refuse_unknown(ONE, ["v:public"])
