"""Which skewed cells the verdict looks past: those of an earlier run, of a waiver, and of a cause that is let be."""

from skewguard.waivers.weigh import Met, Weighed, weigh

__all__ = ["Met", "Weighed", "weigh"]
