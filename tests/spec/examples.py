"""Every example, by the subject of its outcome."""

from tests.spec import (
    attendance,
    care,
    delivery,
    leavers,
    placements,
    plans,
    proceedings,
    referrals,
    wellbeing,
    workforce,
)
from tests.spec.example import Example

SUBJECTS = (
    care,
    placements,
    plans,
    referrals,
    proceedings,
    attendance,
    workforce,
    delivery,
    leavers,
    wellbeing,
)
EXAMPLES: tuple[Example, ...] = tuple(one for subject in SUBJECTS for one in subject.EXAMPLES)
