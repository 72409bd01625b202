"""What an earlier run saw of a cell, held against what the cell has now."""

from __future__ import annotations

import pyarrow as pa
import pytest

from skewguard import sql

STEP = 0.1
ROUNDED = 0.10000000149011612  # what a Float32 makes of it


@pytest.mark.parametrize(
    ("seen", "online", "same"),
    [
        (STEP, ROUNDED, True),
        (STEP, 0.2, False),
        (1e308, 1e308, True),
        (1e308, 2.0, False),
        (2.0, 1e308, False),
        (1e40, float("inf"), False),
        (float("inf"), float("inf"), True),
        (float("nan"), 1e308, False),
    ],
)
def test_a_number_is_the_same_as_a_float32_where_it_can_be_one(seen: float, online: float, same: bool) -> None:
    """A number that no Float32 holds once ended every later check of its feature: the cast to it raises."""
    yes, no = pa.array([True]), pa.array([False])
    cell = {"row_id": [1], "position": [0]}
    cells = pa.table(
        {
            **cell,
            "source_us": [0],
            "online_us": [0],
            "source_value": ["3"],
            "online_value": [repr(online)],
            "online_number": [online],
            **dict.fromkeys(("online_departs", "source_known", "same_event"), yes),
            **dict.fromkeys(("online_at_source", "online_has_its_event"), no),
        }
    )
    remembered = {**cell, "run_id": ["r"], "event_us": [0], "seen": [repr(seen)], "seen_number": pa.array([seen])}
    with sql.connect() as connection:
        connection.execute(sql.text("skewguard.causes", "stored_moment"))
        sql.keep(connection, "cause_cells", connection.from_arrow(cells))
        sql.keep(connection, "cause_view", connection.from_arrow(pa.table({"live": yes})))
        sql.keep(connection, "cause_remembered", connection.from_arrow(pa.table(remembered)))
        assert len(sql.run(connection, "skewguard.causes", "stored_remembered")) == same
