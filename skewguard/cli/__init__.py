"""The command line: the only place that prints, exits, and reads the environment."""

from skewguard.cli.edge import main

__all__ = ["main"]
