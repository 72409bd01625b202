"""The lock: what every feature was when somebody last agreed to it, as a text that people review."""

from skewguard.locking.changes import Change, changes
from skewguard.locking.locked import Lock, LockedView
from skewguard.locking.read import read_lock
from skewguard.locking.write import lock_text, write_lock

__all__ = ["Change", "Lock", "LockedView", "changes", "lock_text", "read_lock", "write_lock"]
