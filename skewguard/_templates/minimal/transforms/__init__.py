"""Every feature, written once: arithmetic only, no feature store."""
