"""What an acceptable pre proceedings return looks like."""

from expectations.from_schema import declared_rules
from schemas.returns.pre_proceedings import RETURN

RULES = declared_rules(RETURN, official={}, weighed=frozenset(), conditional=frozenset())
