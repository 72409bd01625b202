"""Transforms that people write, each with the exact laws that it breaks."""
