"""Proves that a model is served what it was trained on: offline, online and source values of a Feast repo, compared."""
