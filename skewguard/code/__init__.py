"""Reads a project's Python as syntax trees: which statements bind a name, which names a statement uses."""
