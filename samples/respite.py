"""Short breaks: series of stays under V3, or agreements under V4. Never "looked after"."""

from __future__ import annotations

from samples.chance import Chance, Weights
from samples.days import age_on, year_end
from samples.lives import Child, Episode, Period, ReferralCase

_AGES = range(4, 17)
_SHARE, _AGREEMENT = 0.3, 0.35
_PLACES = Weights({"K2": 40, "U6": 30, "R1": 25, "S1": 5})
_LONGEST_STAY, _SHORTEST_PLAN = 4, 60


def short_breaks(chance: Chance, child: Child, case: ReferralCase) -> Period | None:
    """Return the short breaks a disabled child has during its child in need plan, if any."""
    plan = case.cin_plans[-1] if case.cin_plans else None
    if plan is None or plan.end - plan.start < _SHORTEST_PLAN or not child.disabilities:
        return None
    if age_on(child.born, plan.start) not in _AGES or not chance.happens(_SHARE):
        return None
    place = chance.pick(_PLACES)
    if _by_agreement(chance, child):
        return Period([_stay(plan.start + 5, plan.end - 2, "V4", place)])
    return Period(_stays(chance, plan.start + 5, plan.end - 2, place))


def _by_agreement(chance: Chance, child: Child) -> bool:
    """Return whether V4 is used; a child is never under V3 and V4 both (SSDA903 rule 426)."""
    before = [period.episodes[0].ls for period in child.periods if period.is_respite]
    return before[0] == "V4" if before else chance.happens(_AGREEMENT)


def _stays(chance: Chance, first: int, last: int, place: str) -> list[Episode]:
    found: list[Episode] = []
    start = first
    while not found or start + _LONGEST_STAY < last:
        end = start + chance.between(1, _LONGEST_STAY - 1)
        found.append(_stay(start, end, "V3", place))
        start = end + chance.between(12, 34)
    return found


def _stay(start: int, end: int, status: str, place: str) -> Episode:
    """Return one stay; postcodes and URN are not recorded for short breaks (rules 214, 398)."""
    if end == year_end(end):
        end -= 1
    return Episode(
        decom=start,
        rne="S",
        ls=status,
        cin="N2",
        place=place,
        provider="PR1",
        dec=max(end, start + 1),
        rec="E8",
        reason="",
        home_post="",
        pl_post="",
        urn="",
    )
