"""All that knows Feast's Python API: nothing outside this package imports feast."""
