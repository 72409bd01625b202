"""The command line: the only place that prints, exits, and reads the environment."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line. Ctrl-C is heeded before anything else is imported."""
    from skewguard.cli.ending import end_on_signals

    end_on_signals()
    from skewguard.cli.edge import main as run

    run()
