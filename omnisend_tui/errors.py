"""The errors of the app: each has a stable code, a sentence for a person and a hint what to do."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REJECTS = 3
    CONSENT = 4
    CREDENTIALS = 5
    BUSY = 6
    CANCELLED = 130


class AppError(Exception):
    """Something that a user can understand and act on.

    ``message`` and ``hint`` are finished sentences in the user's language. They hold no personal
    data and no secret. ``code`` is stable and for programs.
    """

    exit_code: Exit = Exit.FAILED

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class UsageError(AppError):
    """The command or the configuration asks for something that can't be."""

    exit_code = Exit.USAGE


class ConfigError(UsageError):
    """``config.toml`` can't be read, or says something that can't be."""


class ConsentError(AppError):
    """No valid data privacy consent for a connection."""

    exit_code = Exit.CONSENT


class CredentialsError(AppError):
    """A key or a keyring is missing, locked or refused."""

    exit_code = Exit.CREDENTIALS


class BusyError(AppError):
    """Another run of the same export is under way."""

    exit_code = Exit.BUSY


class SourceError(AppError):
    """A source can't be opened or read on."""


class StateError(AppError):
    """The state or a ledger can't be read or written (a full disk, a newer version, damage)."""
