"""Cutting out of a source the few rows that a check needs, as a small Parquet file."""

from skewguard.slice.company import company
from skewguard.slice.write import SliceInfo, write_slice

__all__ = ["SliceInfo", "company", "write_slice"]
