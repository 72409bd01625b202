"""Sound transforms: what the bad ones should have been."""
