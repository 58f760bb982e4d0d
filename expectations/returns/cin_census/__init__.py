"""What an acceptable children in need census looks like: a module per subject."""

from expectations.from_schema import declared_rules
from expectations.returns.cin_census import activity, children, plans, referrals, years
from expectations.returns.cin_census.codes import CIN_OFFICIAL_CODES
from schemas.returns.cin_census import RETURN

RULES = (
    *declared_rules(
        RETURN, official=CIN_OFFICIAL_CODES, essential=frozenset(), conditional=frozenset()
    ),
    *children.RULES,
    *referrals.RULES,
    *plans.RULES,
    *activity.RULES,
    *years.RULES,
)
