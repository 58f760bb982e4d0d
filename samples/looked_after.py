"""What else is recorded of children in care: reviews, going missing, social workers, wellbeing.

Each child has a stream of its own, so that these can be told after the lives themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from samples import rates
from samples.chance import Chance, Weights
from samples.days import age_on, birthday, collection_year, day_number
from samples.lives import Child, Period, Wellbeing

_UNDER_FOUR = 4
_MISSING_FROM_AGE, _MOTHER_FROM_AGE, _SUBSTANCE_FROM_AGE = 11, 15, 11
_CONVICTED_FROM_AGE, _HEALTH_CHECK_UNDER_AGE = 10, 5
_SDQ_FROM_AGE, _SDQ_TO_AGE = 4, 17
_WORKERS = 60
_NO_SCORE = Weights({"SDQ2": 30, "SDQ3": 12, "SDQ4": 38, "SDQ5": 20})
_AWAY_CODES = Weights({"M": 78, "A": 22})
_PERMANENCE = Weights({"P1": 20, "P2": 55, "P3": 25})


def tell_of_care(chance: Chance, child: Child) -> None:
    """Add everything alongside the episodes to a child's periods of care."""
    periods = [period for period in child.periods if not period.is_respite]
    for period in periods:
        _permanence(chance, child, period)
        period.reviews.extend(_reviews(chance, child, period))
        period.missing.extend(_missing(chance, child, period))
        period.workers.extend(_workers(chance, period))
    _baby(chance, child, periods)
    child.wellbeing.extend(_wellbeing(chance, child, periods))


def _permanence(chance: Chance, child: Child, period: Period) -> None:
    """Note an earlier adoption, guardianship or arrangements order, for a few."""
    room = period.start - child.born - 400
    if not child.is_uasc and room > 0 and chance.happens(0.035):
        period.previous_permanence = chance.pick(_PERMANENCE)
        period.permanence_date = child.born + 200 + chance.between(0, room)


def _reviews(chance: Chance, child: Child, period: Period) -> Iterator[tuple[int, str]]:
    """Yield reviews: within 20 working days, then within three months, then every six."""
    when = period.start + chance.between(14, 27)
    gap = chance.between(70, 91)
    while when < period.end:
        under_four = age_on(child.born, when) < _UNDER_FOUR
        yield when, "PN0" if under_four else chance.pick(rates.REVIEW_CODES)
        when, gap = when + gap, chance.between(150, 183)


def _missing(chance: Chance, child: Child, period: Period) -> Iterator[tuple[int, int, str]]:
    """Yield times away: many for a few teenagers, none for most."""
    if not chance.happens(0.32):
        return
    mean = 45.0 if chance.happens(0.25) else 260.0
    when = max(period.start, birthday(child.born, _MISSING_FROM_AGE)) + 2 + chance.waiting(mean)
    while when < period.end - 8:
        away = 0 if chance.happens(0.45) else min(1 + chance.waiting(0.8), 6)
        yield when, when + away, chance.pick(_AWAY_CODES)
        when += away + 1 + chance.waiting(mean)


def _workers(chance: Chance, period: Period) -> Iterator[tuple[int, int, str, str]]:
    """Yield the child's social workers one after another, without gaps."""
    start, why, worker = period.start, "FCONTA", chance.between(1, _WORKERS)
    while start < period.end:
        end = start + 12 + chance.waiting(290.0)
        end = period.end if end > period.end - 12 else end
        yield start, end, f"SW{20_000 + worker}", why
        start, why = end, chance.pick(rates.WORKER_CHANGES)
        worker = (worker + chance.between(0, _WORKERS - 2)) % _WORKERS + 1


def _baby(chance: Chance, child: Child, periods: list[Period]) -> None:
    """Note the birth of a first baby, for a few girls in care."""
    if child.sex != "F":
        return
    grown = birthday(child.born, _MOTHER_FROM_AGE) + 120
    for period in periods:
        first = max(grown, period.start + 1)
        if period.end - 2 > first and chance.happens(0.035):
            child.first_baby = chance.between(first, period.end - 2)
            return


# Wellbeing, the OC2 file


def _wellbeing(chance: Chance, child: Child, periods: list[Period]) -> Iterator[Wellbeing]:
    """Yield a row for each financial year spent wholly in care."""
    usual = 14.0 + 6.0 * chance.normal()
    for period in periods:
        for year in _whole_years(period):
            yield _year_row(chance, child, year, usual)


def _whole_years(period: Period) -> Iterator[int]:
    """Yield the collection years from whose 1 April to whose 31 March the child was in care."""
    year = collection_year(period.start) + 1
    while day_number(year, 3, 31) < period.end:
        yield year
        year += 1


def _year_row(chance: Chance, child: Child, year: int, usual: float) -> Wellbeing:
    end = day_number(year, 3, 31)
    age = age_on(child.born, end)
    score, reason = _sdq(chance, child, year, usual)
    misuse = age >= _SUBSTANCE_FROM_AGE and chance.happens(0.045)
    received = misuse and chance.happens(0.55)
    offered = ("1" if chance.happens(0.8) else "0") if misuse and not received else ""
    return Wellbeing(
        year=year,
        sdq=score,
        sdq_reason=reason,
        convicted=_yes(chance, 0.03) if age >= _CONVICTED_FROM_AGE else "",
        health_check=_yes(chance, 0.88) if age < _HEALTH_CHECK_UNDER_AGE else "",
        immunised=_yes(chance, 0.86),
        teeth=_yes(chance, 0.74),
        health_assessment=_yes(chance, 0.90),
        substance=str(int(misuse)),
        received=str(int(received)) if misuse else "",
        offered=offered,
    )


def _sdq(chance: Chance, child: Child, year: int, usual: float) -> tuple[str, str]:
    """Return a score or the reason for none, for children aged 4 to 16 all the year."""
    start, end = day_number(year - 1, 4, 1), day_number(year, 3, 31)
    old_enough = birthday(child.born, _SDQ_FROM_AGE) <= start
    if not old_enough or birthday(child.born, _SDQ_TO_AGE) < end:
        return "", ""
    if chance.happens(0.78):
        return str(min(40, max(0, round(usual + 3.0 * chance.normal())))), ""
    return "", chance.pick(_NO_SCORE)


def _yes(chance: Chance, share: float) -> str:
    return "1" if chance.happens(share) else "0"
