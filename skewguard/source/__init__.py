"""The truth: what each feature was worth at as-of, recomputed from the source by DuckDB."""

from skewguard.source.compute import compute_source

__all__ = ["compute_source"]
