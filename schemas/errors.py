"""Faults in the run. A fault in the data is a row (a finding), never one of these.

Messages take the form: who and when: what is wrong where (needed, found). What to do.
They carry names, counts and rule codes, never a value from a child's row, because Prefect
copies exception text into run states.
"""


class PipelineError(Exception):
    """Any fault this project raises on purpose."""


class UsageError(PipelineError):
    """The caller asked for something that cannot be (exit code 2)."""


class KeyMissingError(PipelineError):
    """The pseudonym key is missing, empty, readable by others or not the one used before."""


class LedgerError(PipelineError):
    """The ledger refused a change, or it and the files disagree."""


class OutageError(LedgerError):
    """The ledger's database, or a disk, refuses now; it may not in a moment."""


class DropFolderError(OutageError):
    """The drop folder is not mounted, cannot be read or does not answer; it may in a moment."""


class DamagedFileError(LedgerError):
    """A file that the ledger names is gone, was cut short or changed."""


class WaitsError(PipelineError):
    """A submission waits: for a disk or database that refused, or for an earlier return."""


class DeclarationError(PipelineError):
    """A rule, table or plan names something that is not declared; found when it is built."""


class UnreadableError(PipelineError):
    """A file cannot be read at all.

    Attributes:
        code: reason code the authority sees, as `ROW_WIDTH`.
        words: what is wrong and what to do, in words for the authority, without any value.
        row: row of the file as the authority counts it, header included; None when no row.
    """

    def __init__(self, code: str, words: str, *, row: int | None = None) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words
        self.row = row

    def __reduce__(self) -> tuple[type, tuple[str, str], dict[str, int | None]]:
        """Return the recipe that rebuilds this error in another process."""
        return (type(self), (self.code, self.words), {"row": self.row})
