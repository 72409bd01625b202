"""Which skewed cells the verdict looks past: those that an earlier run had, and those of a cause that is let be."""

from skewguard.waivers.weigh import BASELINE, Weighed, weigh

__all__ = ["BASELINE", "Weighed", "weigh"]
