"""A hash of a transform's code, of all the project code that it reaches, and of its declaration.

It is taken from syntax trees, so comments, docstrings, formatting and code that is not reached do not count, and
from no memory address, path or order of imports, so every process and machine gets the same. Reached are functions,
classes and module-level values, followed through the modules of the project by name; of the standard library and
installed packages only the names count. What a name is found to be only at run time (`getattr`, `import_module`) is
not reached, nor is a file that a function opens: read it into a module-level value, whose value counts.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from skewguard.code.walk import reach

if TYPE_CHECKING:
    from skewguard.definition.marked import MarkedTransform


def fingerprint(transform: MarkedTransform) -> str:
    """64 hexadecimal digits."""
    parts = [json.dumps(declaration(transform), sort_keys=True)]
    parts += sorted(reach(transform.function).texts())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def declaration(transform: MarkedTransform) -> dict[str, Any]:
    """What the decorator says about how values are made; not who owns them or how they are judged."""
    from skewguard.definition import BatchTransform, OnDemandTransform

    features = [[feature.name, feature.dtype] for feature in transform.features]
    if isinstance(transform, BatchTransform):
        return {
            "entity": list(transform.entity),
            "timestamp": transform.timestamp,
            "created": transform.created,
            "lookback": None if transform.lookback is None else transform.lookback.total_seconds(),
            "features": features,
            "parameters": list(transform.parameters),
            "form": str(transform.form),
        }
    assert isinstance(transform, OnDemandTransform)
    inputs = [list(each) for each in transform.inputs.items()]
    return {"inputs": inputs, "mode": str(transform.mode), "features": features}
