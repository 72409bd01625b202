"""Cutting out of a source the few rows that a check needs, as a small Parquet file."""

from skewguard.slice.write import SliceInfo, write_slice

__all__ = ["SliceInfo", "write_slice"]
