"""Every exception cleanhold raises, as one tree.

    CleanholdError
    ├── ConfigurationError        exit 2: something a person wrote must change
    │   ├── WorkspaceError        no workspace here, or its settings are wrong
    │   ├── ContractError         a contract, field, check or pact is mistaken
    │   ├── SourceError           a source or feature declaration is mistaken
    │   └── UsageError            a command or call was given what it cannot use
    ├── DeliveryError             exit 3: an extract as a whole cannot be read
    │   └── DeliveryUnavailable   it cannot be had now; another try may succeed
    ├── ReadRefused               exit 2: nothing that may be read
    │   ├── UnknownDataset
    │   ├── NeverPublished
    │   ├── SnapshotExpired       it was published, and its rows were removed on purpose
    │   └── PactUnmet             it is not what the consumer needs
    ├── StateError                exit 3: the ledger or the files contradict themselves
    │   ├── DamagedFile           bytes on disk no longer match their hash
    │   ├── AccountUnbalanced     records != clean + held + refused + superseded
    │   ├── Overtaken             something else was decided or published since it was looked at
    │   ├── EventRefused          a lineage server does not take an event
    │   ├── Unreachable           a lineage server does not take events now
    │   └── LedgerError           the ledger cannot be opened, migrated or written
    ├── RunInProgress             exit 3: another process holds the claim
    └── GatesClosed               exit 1: a snapshot is not ready for production

`PactWarning` is a warning of Python's: a consumer got an older snapshot than the newest.

Bad *rows* are never exceptions: they are findings, or refused records.
Each message says what happened, where, and what to do next.
"""

from __future__ import annotations

__all__ = [
    "AccountUnbalanced",
    "CleanholdError",
    "ConfigurationError",
    "ContractError",
    "DamagedFile",
    "DeliveryError",
    "DeliveryUnavailable",
    "EventRefused",
    "GatesClosed",
    "LedgerError",
    "NeverPublished",
    "Overtaken",
    "PactUnmet",
    "PactWarning",
    "ReadRefused",
    "RunInProgress",
    "SnapshotExpired",
    "SourceError",
    "StateError",
    "UnknownDataset",
    "Unreachable",
    "UsageError",
    "WorkspaceError",
]


class CleanholdError(Exception):
    """Base of every error; carries its parts so that tools need not parse the text.

    Args:
        what: one sentence, what is wrong.
        where: the file, line, column or dataset it is about.
        next: what the reader can do about it.
    """

    exit_code = 3

    def __init__(self, what: str, *, where: str | None = None, next: str | None = None) -> None:
        self.what = what
        self.where = where
        self.next = next
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"  where: {self.where}")
        if self.next:
            parts.append(f"  next:  {self.next}")
        return "\n".join(parts)


class ConfigurationError(CleanholdError):
    """Something a person wrote must change before this can work."""

    exit_code = 2


class WorkspaceError(ConfigurationError):
    """There is no workspace here, or its settings are wrong."""


class ContractError(ConfigurationError):
    """A contract, one of its fields or one of its checks is mistaken, or a pact."""


class SourceError(ConfigurationError):
    """A source or feature-table declaration is mistaken."""


class UsageError(ConfigurationError):
    """A command or a call was given something it cannot use."""


class DeliveryError(CleanholdError):
    """An extract as a whole cannot be read: truncated, not the declared format, too large."""


class DeliveryUnavailable(DeliveryError):
    """It changes while it is taken, or its place does not answer; another try may succeed."""


class ReadRefused(CleanholdError):
    """There is nothing the caller may read under that name."""

    exit_code = 2


class UnknownDataset(ReadRefused):
    """No contract and no snapshot has this name."""


class NeverPublished(ReadRefused):
    """The dataset exists, but no snapshot of it has been published (or not that one)."""


class SnapshotExpired(ReadRefused):
    """The snapshot was published, and its rows have been removed since, as the settings ask."""


class PactUnmet(ReadRefused):
    """No snapshot is what the pact of a consumer says, or the newest is not."""


class PactWarning(UserWarning):
    """A consumer got an older snapshot than the newest, or one older than its pact says."""


class StateError(CleanholdError):
    """The ledger or the files contradict themselves."""


class DamagedFile(StateError):
    """The bytes on disk no longer match the hash they were published under."""


class AccountUnbalanced(StateError):
    """Rows were lost or counted twice; nothing of this run may be published."""


class Overtaken(StateError):
    """Something else was decided or published since it was looked at; look again."""


class EventRefused(StateError):
    """A lineage server does not take an event, and would not if it were sent again."""


class Unreachable(StateError):
    """A lineage server does not take events now; they wait, and are sent later."""


class LedgerError(StateError):
    """The ledger cannot be opened, migrated or written."""


class RunInProgress(CleanholdError):
    """Another process holds the claim on this run."""


class GatesClosed(CleanholdError):
    """A snapshot cannot be promoted: it is not ready for production."""

    exit_code = 1
