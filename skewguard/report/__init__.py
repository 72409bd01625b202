"""Renders one Outcome; knows nothing of how it was found."""
