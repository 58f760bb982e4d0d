"""What an acceptable programme delivery return looks like."""

from expectations.from_schema import declared_rules
from schemas.returns.programme_delivery import RETURN

RULES = declared_rules(RETURN, official={}, weighed=frozenset(), conditional=frozenset())
