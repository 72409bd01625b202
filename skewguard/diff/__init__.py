"""Compares values: the sides of a view, or two tables; what is equal is said once, in `equal`."""
