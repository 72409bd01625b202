"""Drawing entity rows: from a source's population, from a file, or put together for an on-demand view."""

from skewguard.sample.draw import Draw
from skewguard.sample.entities import Entities, draw_entities, read_entities
from skewguard.sample.on_demand import join_inputs, widest_input
from skewguard.sample.population import draw_population, key_types
from skewguard.sample.request import add_request_data
from skewguard.sample.span import Span, newest_event, read_span

__all__ = [
    "Draw",
    "Entities",
    "Span",
    "add_request_data",
    "draw_entities",
    "draw_population",
    "join_inputs",
    "key_types",
    "newest_event",
    "read_entities",
    "read_span",
    "widest_input",
]
