"""Cutting out of a source the few rows that a check needs, as a small Parquet file."""

from skewguard.slice.beside_nulls import changed_beside_nulls
from skewguard.slice.company import company
from skewguard.slice.write import SliceInfo, write_slice

__all__ = ["SliceInfo", "changed_beside_nulls", "company", "write_slice"]
