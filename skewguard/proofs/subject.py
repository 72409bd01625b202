"""What is under test: a transform described without Feast, small enough to be sent to another process.

A subject says what a transform takes and gives. It cannot be called: a Runner (calls.py) is given a call and finds the
code behind the subject's name, in whatever process that runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from skewguard.contract import Contract
from skewguard.model import FeatureSpec


@dataclass(frozen=True, kw_only=True)
class InputColumn:
    """One column that a transform is given. `dtype` is Feast's text, `Int64`, `Array(String)`.

    `request`: the caller of a request supplies it, so that no path makes a null of it. `contract`: what is promised of
    it, which bounds what is generated. `zoned`: whether the offline path has its times with a zone. `named`: constants
    of the transform's own code, which are tried as values of the column where they can be.
    """

    name: str
    dtype: str
    request: bool = False
    contract: Contract = field(default_factory=Contract)
    zoned: bool = True
    named: tuple[int | float | str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OnDemandSubject:
    """An on-demand transform: rows in, a row of features for each.

    `mode` is Feast's: `pandas`, `python` or `substrait`. `origin` is `module.function` of a decorated one, else None.
    """

    name: str
    inputs: tuple[InputColumn, ...]
    features: tuple[FeatureSpec, ...]
    mode: str = "pandas"
    singleton: bool = False
    origin: str | None = None


@dataclass(frozen=True, kw_only=True)
class BatchSubject:
    """A batch transform, decorated or a plain view's own UDF: only named here.

    What the batch laws need of it is a BatchCode (batch_code.py), which holds the function itself and so lives in the
    worker process alone; a law is tested there as a whole (laws/history.py).
    """

    name: str
    origin: str | None = None


Subject: TypeAlias = OnDemandSubject | BatchSubject
