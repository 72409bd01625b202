"""Compares values: the sides of a view, or two tables."""
