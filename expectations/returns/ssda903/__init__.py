"""What an acceptable children looked after return looks like: a module per subject."""

from expectations.from_schema import declared_rules
from expectations.returns.ssda903 import children, episodes
from expectations.returns.ssda903.codes import OFFICIAL, WEIGHED
from schemas.returns.ssda903 import RETURN

RULES = (
    *declared_rules(RETURN, official=OFFICIAL, weighed=WEIGHED),
    *children.RULES,
    *episodes.RULES,
)
