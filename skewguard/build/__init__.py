"""Computes the tables of batch transforms: whole, or only what is new with the same result."""

from skewguard.build.compute import answered, compute_rows
from skewguard.build.table import Action, BuiltTable, build_table, outdated
from skewguard.build.typed import arrow_type

__all__ = ["Action", "BuiltTable", "answered", "arrow_type", "build_table", "compute_rows", "outdated"]
