"""Signed heads of the audit chain, left at every cut and edition."""

from __future__ import annotations

import sys

from warehouse.heads import leave_head
from warehouse.root import Root


def leave_signed_head(root: Root) -> None:
    """Sign the chain's newest entry and carry it to the second place; say what could not be.

    What was recorded stands either way: `sfp verify` names a head that is missing, and the next
    cut, edition or nightly sweep leaves it.
    """
    if words := leave_head(root):
        sys.stderr.write(f"{words}\n")
