"""What an acceptable children looked after return looks like: a module per subject."""

from expectations.from_schema import declared_rules
from expectations.returns.ssda903 import (
    adoption,
    children,
    episodes,
    health,
    leavers,
    placements,
    spells,
    years,
)
from expectations.returns.ssda903.codes import (
    CONDITIONAL_COLUMNS,
    ESSENTIAL_COLUMNS,
    SSDA903_OFFICIAL_CODES,
)
from schemas.returns.ssda903 import RETURN

RULES = (
    *declared_rules(
        RETURN,
        official=SSDA903_OFFICIAL_CODES,
        essential=ESSENTIAL_COLUMNS,
        conditional=CONDITIONAL_COLUMNS,
    ),
    *children.RULES,
    *episodes.RULES,
    *placements.RULES,
    *adoption.RULES,
    *health.RULES,
    *leavers.RULES,
    *spells.RULES,
    *years.RULES,
)
