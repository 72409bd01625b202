"""The SQL of equality, for a connection to use: macros that say what the specification says."""

from __future__ import annotations

from contextlib import suppress

from skewguard import sql

MACROS = ("numbers", "lists", "moments", "codes", "defined")


def define_macros(connection: sql.Connection) -> None:
    """Make the macros of this package known to `connection`; asking again, as stages do, costs next to nothing."""
    with suppress(sql.Error):
        connection.execute("select equality_is_defined()").fetchall()
        return
    for name in MACROS:
        connection.execute(sql.text("skewguard.equality", name))
