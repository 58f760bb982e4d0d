"""What an acceptable school attendance return looks like."""

from expectations.from_schema import declared_rules
from schemas.returns.school_attendance import RETURN

RULES = declared_rules(RETURN, official={}, weighed=frozenset(), conditional=frozenset())
