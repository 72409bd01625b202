"""Whether single values keep what a feature's contract promises of them, on each of the three sides."""

from skewguard.promises.look import look
from skewguard.promises.rules import Promised

__all__ = ["Promised", "look"]
