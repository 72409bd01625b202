"""The SQL of equality, for a connection to use: macros that say what the specification says."""

from __future__ import annotations

from skewguard import sql

MACROS = ("numbers", "lists", "moments", "codes")


def define_macros(connection: sql.Connection) -> None:
    """Make the macros of this package known to `connection`."""
    for name in MACROS:
        connection.execute(sql.text("skewguard.equality", name))
