"""Every feature of the flights example, written once: arithmetic only, no feature store."""
