"""The fingerprint changes with any code that a transform reaches, and with nothing else."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skewguard.code.normal import normal
from skewguard.fingerprint import fingerprint

ROOT = Path(__file__).parents[2]
NUMBER = count()

DELAYS = '''
"""Delays."""
from __future__ import annotations

from datetime import timedelta
from math import floor

from skewguard import Feature, batch_features
from PACKAGE import constants
from PACKAGE.helpers import Scaler, scaled as scale, unused
from .tables import LOOKUP
import PACKAGE.deep.inner

WEIGHTS = {"a": 1.0}
WEIGHTS["b"] = 2.0
LATE_MINUTES = 15
NOT_USED = 3


@batch_features(entity=["carrier"], timestamp="at", lookback=timedelta(days=7),
                features=[Feature("mean", "float64", owner="ops")])
def delays(departures):
    """What it is."""
    from PACKAGE.local import only_here

    def inside(x):
        return x + WEIGHTS["a"]

    rows = scale(departures) * constants.SCALE + floor(1.5)  # a comment
    unread = [inside(each) for each in rows if each > LATE_MINUTES]
    return only_here(Scaler().run(unread)), LOOKUP, PACKAGE.deep.inner.value()


def neighbour(departures):
    return NOT_USED
'''
FILES = {
    "__init__.py": "",
    "delays.py": DELAYS,
    "helpers.py": '''
        BASE = 10
        OTHER = 11

        def inner(x):
            return x * BASE

        def scaled(x):
            """Doc."""
            return inner(x)

        def unused(x):
            return OTHER

        class Scaler:
            """Doc."""
            factor = BASE
            def run(self, x):
                return x
        ''',
    "constants.py": "SCALE = 2\nOFFSET = 5\n",
    "tables.py": """
        from pathlib import Path
        LOOKUP = Path(__file__).with_name("lookup.txt").read_text(encoding="utf-8")
        FOLDER = str(Path(__file__).parent)
        """,
    "lookup.txt": "a=1",
    "local.py": "def only_here(x):\n    return x\n",
    "deep/__init__.py": "",
    "deep/inner.py": "from PACKAGE.helpers import OTHER\ndef value():\n    return OTHER\n",
}

Print = Callable[[Mapping[str, tuple[str, str]]], str]


@pytest.fixture
def taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Print]:
    """Writes the package, one text replaced per file, and takes the fingerprint of its transform."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made: list[str] = []

    def take(changes: Mapping[str, tuple[str, str]]) -> str:
        folder = tmp_path / f"v{next(NUMBER)}"
        for name, text in FILES.items():
            written = textwrap.dedent(text)
            if name in changes:
                old, new = changes[name]
                assert old in written, "the change must change something"
                written = written.replace(old, new)
            path = folder / "flightcode" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written.replace("PACKAGE", "flightcode"), encoding="utf-8")
        for name in [each for each in sys.modules if each.partition(".")[0] == "flightcode"]:
            del sys.modules[name]
        importlib.invalidate_caches()
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(folder))
            module = importlib.import_module("flightcode.delays")
            made.append(str(folder))
            return fingerprint(module.delays.__skewguard__)

    yield take
    for name in [each for each in sys.modules if each.partition(".")[0] == "flightcode"]:
        del sys.modules[name]


CHANGING = {
    "own code": {"delays.py": ("floor(1.5)", "floor(2.5)")},
    "an imported name of the standard library": {
        "delays.py": ("from math import floor", "from math import ceil as floor")
    },
    "a constant of the module": {"delays.py": ("LATE_MINUTES = 15", "LATE_MINUTES = 16")},
    "a constant used in a nested function": {"delays.py": ('WEIGHTS = {"a": 1.0}', 'WEIGHTS = {"a": 1.5}')},
    "a value changed in place": {"delays.py": ('WEIGHTS["b"] = 2.0', 'WEIGHTS["b"] = 2.5')},
    "a helper": {"helpers.py": ("return inner(x)", "return inner(x) + 1")},
    "a helper's helper": {"helpers.py": ("return x * BASE", "return x / BASE")},
    "a helper's constant": {"helpers.py": ("BASE = 10", "BASE = 10.0")},
    "a class": {"helpers.py": ("def run(self, x):\n        return x", "def run(self, x):\n        return -x")},
    "a constant of an imported module": {"constants.py": ("SCALE = 2", "SCALE = 3")},
    "the content of a file read at import": {"lookup.txt": ("a=1", "a=2")},
    "a function imported inside the function": {"local.py": ("return x", "return x + 1")},
    "a module reached by its dotted name": {"deep/inner.py": ("return OTHER", "return OTHER + 1")},
    "what that module imports": {"helpers.py": ("OTHER = 11", "OTHER = 12")},
    "the lookback": {"delays.py": ("timedelta(days=7)", "timedelta(days=8)")},
    "a dtype": {"delays.py": ('"float64"', '"float32"')},
    "a key": {"delays.py": ('entity=["carrier"]', 'entity=["origin"]')},
}
KEEPING = {
    "a comment": {"delays.py": ("# a comment", "# another\n")},
    "a docstring": {"delays.py": ('"""What it is."""', '"""What it was."""')},
    "no docstring": {"delays.py": ('    """What it is."""\n', "")},
    "a helper's docstring": {"helpers.py": ('"""Doc."""', '"""Other."""')},
    "formatting": {"delays.py": ("scale(departures) * constants.SCALE", "( scale(departures)\n  *constants . SCALE )")},
    "quotes and digits": {"delays.py": ('WEIGHTS["a"]', "WEIGHTS['a']")},
    "a neighbour": {"delays.py": ("return NOT_USED", "return NOT_USED + 1")},
    "a constant that only a neighbour uses": {"delays.py": ("NOT_USED = 3", "NOT_USED = 4")},
    "an imported function that is not used": {"helpers.py": ("    return OTHER", "    return OTHER + 1")},
    "another constant of an imported module": {"constants.py": ("OFFSET = 5", "OFFSET = 6")},
    "a new function": {"helpers.py": ("OTHER = 11", "OTHER = 11\ndef fresh():\n    return 1")},
    "the order of imports": {"delays.py": ("from datetime", "import PACKAGE.deep.inner\nfrom datetime")},
    "an owner": {"delays.py": ('owner="ops"', 'owner="network"')},
    "a path": {"tables.py": ("FOLDER =", "FOLDER_OF =")},
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGING)
def test_it_changes_with(what: str, taken: Print) -> None:
    assert taken(CHANGING[what]) != taken({})


@pytest.mark.parametrize("what", KEEPING)
def test_it_does_not_change_with(what: str, taken: Print) -> None:
    assert taken(KEEPING[what]) == taken({})


PROGRAM = """
import sys
sys.path.insert(0, {root!r})
{first}
from transforms.carriers import carrier_delays
from transforms.delay_share import delay_share
print(carrier_delays.__skewguard__.fingerprint, delay_share.__skewguard__.fingerprint)
"""


def test_every_process_takes_the_same() -> None:
    """Whatever the hash seed, the time zone, the working directory and the order of imports."""
    seen = set()
    for seed, zone, first in [("0", "UTC", ""), ("7", "Asia/Tokyo", "import transforms.rolling, json, decimal")]:
        program = PROGRAM.format(root=str(ROOT), first=first)
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        command = [sys.executable, "-c", program]
        run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd="/")
        seen.add(run.stdout.strip())
    assert len(seen) == 1
    one, other = seen.pop().split()
    assert len(one) == len(other) == 64
    assert one != other


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(["x", "y"]), st.integers(0, 3), st.text("ab", max_size=2), st.integers(1, 4))
def test_the_normal_form_follows_meaning_and_not_layout(name: str, number: int, text: str, spaces: int) -> None:
    import ast

    gap = " " * spaces
    one = ast.parse(f"def f({name}):\n    return [{number}, {text!r}, {name}]").body[0]
    other = ast.parse(
        f"def f({gap}{name}{gap}):\n{gap}'doc'\n{gap}# {text}\n{gap}return [{gap}{number},\n'{text}' , {name}]"
    ).body[0]
    different = ast.parse(f"def f({name}):\n    return [{number + 1}, {text!r}, {name}]").body[0]
    assert normal(one) == normal(other)
    assert normal(one) != normal(different)
