"""Opening a batch source, wherever its files lie, as a DuckDB relation; shared by the stages that read sources."""

from skewguard.reading.opened import Opened
from skewguard.reading.places import open_source

__all__ = ["Opened", "open_source"]
