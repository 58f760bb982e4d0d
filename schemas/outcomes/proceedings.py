"""From the first pre-proceedings meeting to care proceedings."""

from __future__ import annotations

from typing import Final

from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    COHORT_TABLE,
    Quantity,
    published_share,
)

PROCEEDINGS_WITHIN_DAYS: Final = 112


DECLARED = (
    Outcome(
        id="plo_to_proceedings_16w",
        role="secondary",
        subject="proceedings",
        unit="child whose pre-proceedings began",
        numerator="those with proceedings issued within 112 days of the first meeting",
        denominator="children whose first meeting falls within 18 months of the referral",
        protocol="Of children whose pre-proceedings began within 18 months of the referral, those "
        "with care proceedings issued within 112 days of the first meeting.",
        reads=("pre_proceedings",),
        made_of=("pre_proceedings", "cin_pre_proceedings"),
        kind=OutcomeKind.COHORT,
        grade="W",
        window_months=18,
        mature_months=24,
        better="lower",
        publication=published_share(
            "Proceedings issued within 16 weeks of the first meeting",
            COHORT_TABLE,
            (
                Quantity("issued_16w", "children with proceedings issued within 16 weeks"),
                Quantity("pre_proceedings", "children whose pre-proceedings began"),
            ),
        ),
    ),
)
