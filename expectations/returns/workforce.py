"""What an acceptable workforce return looks like."""

from expectations.from_schema import declared_rules
from schemas.returns.workforce import RETURN

RULES = declared_rules(RETURN, official={}, weighed=frozenset(), conditional=frozenset())
