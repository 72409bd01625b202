"""The result as one HTML file that needs no network: a page that draws itself from what is embedded in it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

from skewguard.model import Outcome
from skewguard.report.html.payload import Figure, payload
from skewguard.report.text import verdict_only

SCRIPTS = ("text", "charts", "detail", "page")
SLOT = re.compile(r"\{\{(\w+)\}\}")


def text(outcome: Outcome, figures: Mapping[str, Figure], where: Callable[[str], str]) -> str:
    """The page. `figures` are the answers to questions about the run, by name; without them it has no charts.

    `where` gives for a feature what asks the SQL of a figure of it alone.
    """
    said = verdict_only(outcome).strip()
    style, library, script = _style(), _library(), _script()
    slots = {
        "policy": _policy(library, script),
        "title": html.escape(f"skewguard: {outcome.run.verdict.value}"),
        "said": html.escape(said),
        "style": style,
        "library": library,
        "script": script,
        "payload": embedded(payload(outcome, figures, where)),
    }
    # In one pass: what is put into a slot is not looked at again.
    return SLOT.sub(lambda slot: slots[slot[1]], _asset("page.html"))


def embedded(value: object) -> str:
    """JSON that nothing in a page can end or be mistaken for: ASCII only, without a character that markup knows."""
    said = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return said.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _policy(*scripts: str) -> str:
    """Nothing may be loaded or sent, and no script run but those whose hashes are here."""
    allowed = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in scripts
    )
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; connect-src 'none'"
    )


@cache
def _asset(name: str) -> str:
    return resources.files(__name__).joinpath(*name.split("/")).read_text(encoding="utf-8")


def _style() -> str:
    return _asset("style.css").strip()


def _library() -> str:
    """Chart.js as it was released, but for the line that has a browser's tools ask for its source map."""
    return re.sub(r"\n//# sourceMappingURL=\S*\s*$", "\n", _asset("vendor/chart.js"))


def _script() -> str:
    return "'use strict';\n(() => {\n" + "\n".join(_asset(f"{name}.js") for name in SCRIPTS) + "})();\n"
