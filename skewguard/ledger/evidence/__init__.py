"""The SQL that proves each cause, in files named for it: its cells with what its test saw, and whether that passes."""
