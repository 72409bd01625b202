"""From a dtype's text to Feast's own type object."""

from __future__ import annotations

from typing import Any

from feast import types
from feast.types import Array, PrimitiveFeastType, Set, Struct

from skewguard import dtypes
from skewguard.dtypes import Dtype, Family
from skewguard.errors.definition import DtypeError

BY_NAME = {str(each): each for each in PrimitiveFeastType}


def feast_dtype(text: str) -> types.FeastType:
    """Feast's type object; a DtypeError where Feast has no such combination."""
    try:
        return _of(dtypes.parse(text))
    except (ValueError, KeyError):
        raise DtypeError(text, BY_NAME) from None


def _of(dtype: Dtype) -> Any:
    match dtype.family:
        case Family.ARRAY:
            assert dtype.element is not None
            return Array(_of(dtype.element))
        case Family.SET:
            assert dtype.element is not None
            return Set(_of(dtype.element))
        case Family.STRUCT:
            return Struct({name: _of(field) for name, field in dtype.fields})
        case _:
            return BY_NAME[dtype.name]
