"""Whose children a return without an authority's code is about: what counts as known.

Such a return says nothing of whose it is but by the folder it lies in. What decides is which
authority's earlier returns know its children, by identifier and month of birth.
"""

from __future__ import annotations

import hashlib

from schemas.authorities import code_changes, joint_returns, lasting_code, reporting_together
from schemas.quarter import Quarter

CODED = frozenset({"cin_census"})
"""Returns that carry their authority's code: never doubted here, and good evidence."""
KNOWN_SHARE = 0.5
"""Another authority knows the children where one of its earlier returns knows at least this share.
Of two authorities that number their children alike, 1 in 200 has the same month of birth."""
KNOWN_CHILDREN = 4
"""And at least so many of them. Fewer may be alike by chance, or have moved."""
OWN_SHARE = 0.2
"""At most this share of another authority's children is known to one's own earlier returns."""
DISTINCT_SHARE = 0.1
"""Identifiers without a month of birth tell two authorities apart only where the earlier returns of
the one hold at most this share of the other's."""
ALIKE_SHARE = 0.9
"""Two returns are alike where each holds at least this share of the children of the other."""
MARKS = 256
"""Marks kept of one submission: of a large return a sample, the same in every submission."""

FOREIGN_CHILDREN = "AUTHORITY_MISMATCH"
IN_TWO_FOLDERS = "CROSS_AUTHORITY_DUPLICATE"
CLAIM_CODES = frozenset({FOREIGN_CHILDREN, IN_TWO_FOLDERS})
_NAME_LENGTH = 32


def claim_rules() -> str:
    """Return a name of what decides about claims: limits, and who is one body with whom.

    It changes when a pair is registered as joint, or a code follows another.
    """
    limits = (
        KNOWN_SHARE,
        KNOWN_CHILDREN,
        OWN_SHARE,
        DISTINCT_SHARE,
        ALIKE_SHARE,
        MARKS,
        sorted(CODED),
    )
    whole = repr((limits, joint_returns(), code_changes()))
    return hashlib.sha256(whole.encode()).hexdigest()[:_NAME_LENGTH]


def is_one_body(la_code: str, other: str, quarter: Quarter) -> bool:
    """Return whether what one authority knows is no evidence against the other.

    So it is with an authority and those it followed or that followed it, and with a registered pair
    that reports together.
    """
    one, two = lasting_code(la_code), lasting_code(other)
    if one == two or two in reporting_together(one, quarter):
        return True
    return one in reporting_together(two, quarter) or two in _after(one) or one in _after(two)


def _after(la_code: str) -> frozenset[str]:
    """Return the authorities that took the place of one, and those that took theirs."""
    found: set[str] = set()
    ahead = {la_code}
    while ahead:
        found |= ahead
        ahead = {
            lasting_code(change.to_la_code)
            for change in code_changes()
            if lasting_code(change.from_la_code) in ahead
        } - found
    return frozenset(found)
