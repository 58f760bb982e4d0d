"""Lives in care: legal statuses, placements and endings, told as SSDA903 episodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from samples import rates
from samples.chance import Chance
from samples.days import NEVER, age_on, as_date, birthday, day_number
from samples.lives import AdoptionDecision, Child, Episode, Period
from samples.placements import (
    FOSTER_STAYS,
    RELATIVES,
    Placement,
    new_placement,
    placement_of_kind,
    settled,
    temporary_placement,
)

_SGO_CODES_SINCE = day_number(2018, 4, 1)
_BABY_YEARS, _CHILD_YEARS, _TEENAGER = 2, 13, 12
_YOUNG_ENTRANT = 3
_LONG_STAY = 300
_SNAP_DAYS = 30
_ABLE_TO_ASK = 5
_RARE_ENDINGS = (
    ("E41", 0.035),
    ("E13", 0.025),
    ("E8", 0.035),
    ("E3", 0.01),
    ("E16", 0.003),
    ("E2", 0.003),
)
# Police protection and emergency orders end within days; moves and other orders come after.
_EMERGENCY, _EMERGENCY_OVER = ("L1", "L2"), 10
# A move needs room for a temporary stay and the return before care or the placement ends.
_ROOM_FOR_A_MOVE = 45
_TEMPORARY_MOVE, _SAME_CARER, _TO_PARENTS = 0.14, 0.10, 0.07
_ORDER_WITH_MOVE = 0.35


@dataclass(frozen=True)
class _Course:
    """How a stay in care is going to go: its legal statuses, its end and the reason for it."""

    start: int
    end: int
    ending: str
    legal: tuple[tuple[int, str], ...]
    adoption: AdoptionDecision | None = None

    def status_on(self, number: int) -> str:
        """Return the legal status in force on a day."""
        return [status for since, status in self.legal if since <= number][-1]


@dataclass(frozen=True)
class Move:
    """A change of placement: the day, where to, whether the carer is new, and why."""

    day: int
    to: Placement
    is_new_carer: bool
    reason: str


def comes_of_age(born: int) -> int:
    """Return the last day on which care can end: the eighteenth birthday.

    For those born on 29 February it is 28 February, so that no reading of the law finds them in
    care at eighteen.
    """
    eighteen = birthday(born, 18)
    return eighteen - 1 if as_date(eighteen).day != as_date(born).day else eighteen


def entry_day(wanted: int) -> int:
    """Return the day care starts: never 1 April, on which "the whole year" is read in two ways."""
    return wanted + 1 if (as_date(wanted).month, as_date(wanted).day) == (4, 1) else wanted


def period_of_care(chance: Chance, child: Child, start: int, *, tier: int) -> Period:
    """Return one period of care of a child from its start to its end; notes adoption or death."""
    course = _course(chance, child, entry_day(start))
    if course.adoption is not None:
        child.adoption = course.adoption
    moves = _settled(list(_moves(chance, child, course, tier)), course.end)
    episodes = _episodes(chance, child, course, moves)
    if course.ending == "E2":
        child.died = course.end
    return Period(_with_ending(chance, child, course, episodes))


# Courses


def _course(chance: Chance, child: Child, start: int) -> _Course:
    if child.is_uasc:
        return _asylum_course(chance, child, start)
    age = age_on(child.born, start)
    first = chance.pick(rates.LEGAL_START_BABY if age < _BABY_YEARS else rates.LEGAL_START)
    if age < _BABY_YEARS and first == "C1" and chance.happens(rates.ADOPTION):
        return _adoption_course(chance, child, start)
    if age >= _TEENAGER and chance.happens(0.02):
        return _remand_course(chance, child, start)
    end, ending = _ending(chance, child, start, first)
    return _Course(start, end, ending, tuple(_legal(chance, start, end, first)))


def _asylum_course(chance: Chance, child: Child, start: int) -> _Course:
    last = comes_of_age(child.born)
    if chance.happens(0.05):
        last, ending = min(last, start + chance.between(10, 200)), "E15"
    else:
        ending = "18"
    legal = ((start, "V2"),)
    return _Course(start, last, ending if last < comes_of_age(child.born) else "18", legal)


def _remand_course(chance: Chance, child: Child, start: int) -> _Course:
    end = min(start + chance.between(6, 70), comes_of_age(child.born) - 1)
    return _Course(start, _not_year_end(end, start), "E14", ((start, "J1"),))


def _adoption_course(chance: Chance, child: Child, start: int) -> _Course:
    """Return the way to adoption: decision, placement order, match, placement, adoption order."""
    order = start + chance.between(190, 320)
    decided = order - chance.between(4, 60)
    if chance.happens(0.08):
        return _reversed_course(chance, start, decided, order)
    matched = order + chance.between(10, 240)
    placed = matched + chance.between(7, 35)
    adopted = _not_year_end(placed + chance.between(110, 330), placed)
    pair = chance.happens(0.84)
    same_sex = pair and chance.happens(0.16)
    decision = AdoptionDecision(
        decided=decided,
        matched=matched,
        placed=placed,
        adopted=adopted,
        by_foster_carer=chance.happens(0.12),
        adopters=2 if pair else 1,
        adopters_sex=_adopters_sex(chance, pair=pair, same_sex=same_sex),
        adopters_status="L12" if same_sex else "L11" if pair else "L0",
    )
    ending = "E12" if chance.happens(0.7) else "E11"
    legal = ((start, "C1"), (order, "E1"))
    return _Course(start, adopted, ending, legal, decision)


def _adopters_sex(chance: Chance, *, pair: bool, same_sex: bool) -> str:
    if same_sex:
        return "MM" if chance.happens(0.6) else "FF"
    if pair:
        return "MF"
    return "F1" if chance.happens(0.92) else "M1"


def _reversed_course(chance: Chance, start: int, decided: int, order: int) -> _Course:
    back = order + chance.between(120, 420)
    decision = AdoptionDecision(
        decided=decided, reversed_on=back, reversed_why=f"RD{chance.between(1, 4)}"
    )
    legal = ((start, "C1"), (order, "E1"), (back, "C2"))
    end = _not_year_end(back + chance.between(400, 4500), back)
    return _Course(start, end, "SGO", legal, decision)


def _ending(chance: Chance, child: Child, start: int, first: str) -> tuple[int, str]:
    """Return when and how a stay ends, the eighteenth birthday at the latest."""
    last = comes_of_age(child.born)
    age = age_on(child.born, start)
    stay, ending = _stay(chance, age, first)
    if ending == "18" and age <= _YOUNG_ENTRANT:
        stay, ending = _settled_young(chance)
    end = _not_year_end(start + stay, start)
    return (last, "18") if end >= last else (end, ending)


def _stay(chance: Chance, age: int, first: str) -> tuple[int, str]:
    """Return the days in care a child of this age may stay, and how it then ends."""
    luck = chance.share()
    home = 0.50 if first == "V2" else 0.36
    if luck < home:
        stay = max(2, int(chance.spread(130.0, 1.15)))
        return stay, "E4A" if chance.happens(0.68) else "E4B"
    if luck < home + 0.13 and age < _CHILD_YEARS and first != "V2":
        return chance.between(170, 620), "SGO"
    return _rare_stay(chance, age, luck - home - 0.13)


def _settled_young(chance: Chance) -> tuple[int, str]:
    """Return the late guardianship of a young entrant: hardly anyone is in care for 18 years."""
    return chance.between(900, 5500), "SGO"


def _rare_stay(chance: Chance, age: int, luck: float) -> tuple[int, str]:
    for ending, share in _RARE_ENDINGS:
        if 0 <= luck < share:
            return chance.between(20, 700), ending
        luck -= share
    if age >= _CHILD_YEARS and chance.happens(0.02):
        return chance.between(60, 500), "E9"
    return NEVER, "18"


def _not_year_end(end: int, start: int) -> int:
    """Return the end moved off 31 March, on which "at the year's end" is read in two ways."""
    moment = as_date(end) if end < NEVER else None
    if moment is None or (moment.month, moment.day) != (3, 31):
        return end
    return end - 1 if end - 1 > start else end + 2


def _legal(chance: Chance, start: int, end: int, first: str) -> Iterator[tuple[int, str]]:
    """Yield each legal status with its first day."""
    since, status = start, first
    while status and since < end - 1:
        yield since, status
        since, status = _next_legal(chance, since, status, end - since)
    if since >= end - 1 and since == start:
        yield since, status


def _next_legal(chance: Chance, since: int, status: str, left: int) -> tuple[int, str]:
    if status == "L1":
        return since + chance.between(1, 2), "C1" if chance.happens(0.5) else "V2"
    if status == "L2":
        return since + chance.between(4, 7), "C1"
    if status == "C1" and chance.happens(0.85):
        return since + chance.between(140, 270), "C2"
    if status == "V2" and chance.happens(0.55 if left > _LONG_STAY else 0.1):
        return since + chance.between(14, 240), "C1"
    return NEVER, ""


# Placements


def _moves(chance: Chance, child: Child, course: _Course, tier: int) -> Iterator[Move]:
    """Yield the first placement, then each change of it in order of time."""
    here = _first_placement(chance, child, course, tier)
    yield Move(course.start, here, is_new_carer=True, reason="")
    until = min(course.end, course.adoption.placed if course.adoption else NEVER)
    in_emergency = course.legal[0][1] in _EMERGENCY
    when = course.start + (_EMERGENCY_OVER if in_emergency else 0)
    when += _wait(chance, child, course, course.start)
    while when < until - _ROOM_FOR_A_MOVE:
        there = _next_move(chance, child, course, when, here, tier)
        yield there
        if there.to.is_temporary:
            when += chance.between(1, rates.TEMPORARY_LONGEST[there.to.place])
            yield Move(when, here, is_new_carer=True, reason="")
        else:
            here = there.to
        when += _wait(chance, child, course, when)
    if until < course.end:
        yield _adoptive_move(chance, course, here, tier)


def _first_placement(chance: Chance, child: Child, course: _Course, tier: int) -> Placement:
    if course.legal[0][1] == "J1":
        return placement_of_kind(chance, "R5" if chance.happens(0.7) else "K1", tier=tier)
    under_order = course.legal[0][1] in ("C1", "C2") and course.adoption is None
    if under_order and chance.happens(0.08):
        return _with_parents(child)
    placement = new_placement(chance, age_on(child.born, course.start), tier=tier)
    if course.adoption is not None and placement.place not in FOSTER_STAYS:
        return placement_of_kind(chance, "U6", tier=tier)
    return placement


def _with_parents(child: Child) -> Placement:
    return Placement("P1", "PR0", "", child.home_post)


def _wait(chance: Chance, child: Child, course: _Course, since: int) -> int:
    """Return the days until the next change of placement: soon at first, seldom later."""
    mean = 330.0 if since - course.start < _LONG_STAY else 950.0
    older = age_on(child.born, since) >= _TEENAGER
    return 3 + chance.waiting(mean * (0.55 if older else 1.0))


def _next_move(
    chance: Chance, child: Child, course: _Course, when: int, here: Placement, tier: int
) -> Move:
    """Return a temporary move, a change of status with the same carer, or a new placement."""
    luck = chance.share()
    may_stay = course.legal[0][1] != "J1"
    if luck < _TEMPORARY_MOVE and course.adoption is None and may_stay:
        temporary = temporary_placement(chance, chance.pick(rates.REPORTED_TEMPORARY))
        return Move(when, temporary, is_new_carer=True, reason="")
    longer = {"U6": "U4", "U5": "U6", "U3": "U1", "U2": "U3"}.get(here.place)
    if luck < _TEMPORARY_MOVE + _SAME_CARER and longer:
        return Move(when, here.with_place(longer), is_new_carer=False, reason="PLACE")
    settled_order = when - 80 >= course.start and course.status_on(when - 80) in ("C1", "C2")
    if luck > 1 - _TO_PARENTS and settled_order and _may_go_home(course, here):
        return Move(when, _with_parents(child), is_new_carer=True, reason="CARPL")
    return Move(
        when, _elsewhere(chance, child, course, when, tier), True, _reason(chance, child, when)
    )


def _may_go_home(course: _Course, here: Placement) -> bool:
    return course.adoption is None and here.place != "P1"


def _elsewhere(chance: Chance, child: Child, course: _Course, when: int, tier: int) -> Placement:
    if course.adoption is not None and when < course.adoption.placed < NEVER:
        return placement_of_kind(chance, "U6", tier=tier)
    return new_placement(chance, age_on(child.born, when), tier=tier)


def _reason(chance: Chance, child: Child, when: int) -> str:
    if chance.happens(rates.UNPLANNED_MOVE):
        return chance.pick(rates.UNPLANNED_REASON_SHARES)
    reason = chance.pick(rates.PLANNED_REASONS)
    return "CARPL" if reason == "CHILD" and age_on(child.born, when) < _ABLE_TO_ASK else reason


def _adoptive_move(chance: Chance, course: _Course, here: Placement, tier: int) -> Move:
    """Return the placement for adoption: with the foster carer who adopts, or with others."""
    adoption = course.adoption
    if adoption is None:
        raise ValueError("Only a course towards adoption has an adoptive placement.")
    if adoption.by_foster_carer:
        return Move(adoption.placed, here.with_place("A5"), is_new_carer=False, reason="PLACE")
    there = placement_of_kind(chance, "U6", tier=tier)
    there = Placement("A6", "PR1", there.urn, there.post)
    return Move(adoption.placed, there, is_new_carer=True, reason="CARPL")


# Episodes


def _episodes(chance: Chance, child: Child, course: _Course, moves: list[Move]) -> list[Episode]:
    """Return the episodes that legal statuses and placements make together."""
    need = "N8" if child.is_uasc else chance.pick(rates.CARE_NEEDS)
    legal = dict(_fitted_legal(chance, course, moves))
    placed = {move.day: move for move in moves}
    starts = sorted({*legal, *placed})
    episodes: list[Episode] = []
    status, spot = "", moves[0].to
    for start, end in pairwise([*starts, course.end]):
        status = legal.get(start, status)
        spot = placed[start].to if start in placed else spot
        rne = _reason_for_new(start, course.start, legal, placed)
        episodes.append(_episode(child, start, end, rne=rne, status=status, need=need, spot=spot))
    _tell_why(episodes, placed)
    return episodes


def _episode(
    child: Child, start: int, end: int, *, rne: str, status: str, need: str, spot: Placement
) -> Episode:
    """Return one episode that another follows."""
    return Episode(
        decom=start,
        rne=rne,
        ls=status,
        cin=need,
        place=spot.place,
        provider=spot.provider,
        dec=end,
        rec="X1",
        reason="",
        home_post=child.home_post,
        pl_post=spot.post,
        urn=spot.urn,
    )


def _settled(moves: list[Move], end: int) -> list[Move]:
    """Return the moves with every placement under the code that its years allow.

    A placement lasts from the move to it until the move to another, temporary ones looked through.
    """
    began: dict[int, int] = {}
    left: dict[int, int] = {}
    for move in moves:
        began.setdefault(id(move.to), move.day)
    for before, after in pairwise([move for move in moves if not move.to.is_temporary]):
        if before.to is not after.to:
            left[id(before.to)] = after.day
    return [replace(m, to=settled(m.to, began[id(m.to)], left.get(id(m.to), end))) for m in moves]


def _reason_for_new(start: int, opened: int, legal: dict[int, str], placed: dict[int, Move]) -> str:
    if start == opened:
        return "S"
    if start not in placed:
        return "L"
    if start in legal:
        return "B" if placed[start].is_new_carer else "U"
    return "P" if placed[start].is_new_carer else "T"


def _tell_why(episodes: list[Episode], placed: dict[int, Move]) -> None:
    """Write the reason for each move on the episode it ends; temporary moves have none."""
    for before, after in pairwise(episodes):
        move = placed.get(after.decom)
        if move is not None and move.reason:
            before.reason = move.reason


def _fitted_legal(chance: Chance, course: _Course, moves: list[Move]) -> Iterator[tuple[int, str]]:
    """Yield the legal statuses fitted to the moves.

    Some changes of status fall on the day of a move; none falls within a temporary move, from
    which a child returns as it left (SSDA903 rule 383).
    """
    yield course.legal[0]
    before = course.legal[0][0]
    for (_, last), (since, status) in pairwise(course.legal):
        may_wait = course.adoption is None and last not in _EMERGENCY
        when = _snapped(chance, since, moves) if may_wait else since
        when = _outside_temporary(when, moves)
        if before < when < course.end - 1:
            yield when, status
            before = when


def _snapped(chance: Chance, since: int, moves: list[Move]) -> int:
    near = [m.day for m in moves[1:] if abs(m.day - since) <= _SNAP_DAYS and m.reason]
    return near[0] if near and chance.happens(_ORDER_WITH_MOVE) else since


def _outside_temporary(when: int, moves: list[Move]) -> int:
    for away, back in pairwise(moves):
        if away.to.is_temporary and away.day <= when <= back.day:
            return back.day + 1
    return when


def _with_ending(
    chance: Chance, child: Child, course: _Course, episodes: list[Episode]
) -> list[Episode]:
    last = episodes[-1]
    last.rec = _ending_code(chance, child, course, last)
    return episodes


def _ending_code(chance: Chance, child: Child, course: _Course, last: Episode) -> str:
    if course.ending == "SGO":
        return _guardianship(chance, last)
    if course.ending == "18":
        return _leaving_at_18(chance, child, last)
    return course.ending


def _guardianship(chance: Chance, last: Episode) -> str:
    foster = last.place in FOSTER_STAYS
    if last.dec < _SGO_CODES_SINCE:
        return "E43" if foster else "E44"
    if foster:
        return "E45" if last.place in RELATIVES else "E46"
    return "E47" if chance.happens(0.8) else "E48"


def _leaving_at_18(chance: Chance, child: Child, last: Episode) -> str:
    """Return how care ended at eighteen; staying put needs the birthday itself to be reached."""
    stays = last.place in FOSTER_STAYS and last.dec >= birthday(child.born, 18)
    if stays and chance.happens(0.40):
        return "E17"
    if child.disabilities and chance.happens(0.25):
        return "E7"
    luck = chance.share()
    return "E5" if luck < 0.68 else "E6" if luck < 0.80 else "E8"
