"""Every error a user can meet, as one tree.

    SkewguardError                  exit code 2
    ├── RepoError                   the folder, yaml, Python or registry cannot be read
    ├── SourceError                 a batch source cannot be read
    ├── StoreError                  an online or offline store cannot be reached or answered wrongly
    ├── SelectionError              a name, sample, as-of or entity file that cannot be used
    ├── DefinitionError             a decorated transform or a binding contradicts itself
    ├── TableError                  `diff` cannot read or match its tables
    ├── ProjectError                a project of `init` or `demo` cannot be made
    ├── LockError                   skewguard.lock is not there, not readable, or of something else
    ├── LedgerError                 the ledger cannot be opened, read or written
    ├── UsageError                  a command line that no command has
    └── ConfigError                 `[tool.skewguard]` says something it cannot mean

Each class builds its own text, one paragraph: what, where, what is known, what next.
"""

from skewguard.errors.base import SkewguardError, near

__all__ = ["SkewguardError", "near"]
