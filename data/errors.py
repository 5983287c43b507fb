"""The errors a person can put right.

DataError
├── HomeError        the partnership's folder or its settings
├── ContractError    a contract or recipe file
├── SnapshotError    a snapshot that cannot be read or served
├── WorkspaceError   what people write cannot be saved or read
├── NotAllowedError  somebody may not do this
└── BackupError      a backup that cannot be made or restored

Anything else that is raised is a bug of ours.
"""


class DataError(Exception):
    """Something in what was given to us is wrong; the message says where, what and what to do."""


class HomeError(DataError):
    """The partnership's folder or its settings cannot be used."""


class ContractError(DataError):
    """A contract or a recipe cannot be used; the message lists every fault found."""


class SnapshotError(DataError):
    """There is no snapshot to serve, or the one named cannot be read."""


class WorkspaceError(DataError):
    """What people write cannot be saved or read."""


class NotAllowedError(DataError):
    """Somebody may not do this here; the message says what is needed."""


class BackupError(DataError):
    """A backup cannot be made, or cannot be restored."""
