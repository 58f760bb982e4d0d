"""One thing in which files, ledger, audit chain and signed heads do not agree."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Discrepancy:
    """One thing in which files, ledger and audit chain do not agree.

    Attributes:
        kind: `missing`, `altered`, `extra`, `count`, `chain`, `unfinished`.
        subject: file relative to the root, submission, edition or entry number.
        words: what is wrong and what to do.
    """

    kind: str
    subject: str
    words: str
