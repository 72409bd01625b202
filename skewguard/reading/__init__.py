"""Opening a batch source, wherever its files lie, as a DuckDB relation; shared by the stages that read sources."""

from skewguard.reading.opened import Opened
from skewguard.reading.places import files_of, open_files, open_source

__all__ = ["Opened", "files_of", "open_files", "open_source"]
