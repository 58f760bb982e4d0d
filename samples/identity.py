"""Who a child is: identifiers, birth, and what does not change."""

from __future__ import annotations

from dataclasses import dataclass, field

from samples import rates
from samples.chance import Chance
from samples.days import NEVER, as_date, birthday, day_number
from samples.lives import Child
from samples.settings import Setting

_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_YEAR = 365.25
# A case must have room to run its course before the eighteenth birthday.
_ROOM_BEFORE_18 = 150
_SCHOOL_AGE, _SEPTEMBER = 4, 9


@dataclass
class Registry:
    """Gives out identifiers of one authority, each once.

    Authorities write ids in their own ways: bare numbers, numbers with leading zeros, letters
    before numbers. The same child has the same id in every return.
    """

    setting: Setting
    chance: Chance
    given: int = field(default=0)

    def child_id(self) -> str:
        """Return the next child id, at most ten characters."""
        self.given += 1
        number = 20_011 + self.given * 7
        style = sum(map(ord, self.setting.la_code)) % 4
        lettered = f"{number:06d}{'ABCDE'[number % 5]}"
        return (f"{number}", f"{number:08d}", f"C{number:07d}", lettered)[style]

    def upn(self, born: int) -> str:
        """Return a unique pupil number with its check letter."""
        school = 2000 + self.given % 90
        digits = f"{self.setting.old_la_code}{school}{(as_date(born).year + 5) % 100:02d}"
        digits += f"{self.given // 90 % 1000:03d}"
        total = sum(int(digit) * weight for weight, digit in enumerate(digits, start=2))
        return _CHECK_LETTERS[total % 23] + digits


def postcode(chance: Chance) -> str:
    """Return an invented postcode: the area ZZ is given to no place."""
    letters = "".join(_INWARD_LETTERS[chance.between(0, 19)] for _ in range(2))
    return f"ZZ{chance.between(1, 99)} {chance.between(1, 9)}{letters}"


def new_child(registry: Registry, chance: Chance, referral: int) -> Child:
    """Return a child first referred on a day, of a plausible age."""
    age = chance.pick(rates.AGES)
    if age == "unborn":
        expected = referral + chance.between(20, 210)
        born = max(expected + chance.between(-18, 9), referral + 1)
        return _child(registry, chance, born=born, expected=expected)
    born = referral - int((int(age) + chance.share()) * _YEAR)
    too_old = referral > birthday(born, 18) - _ROOM_BEFORE_18
    return _child(registry, chance, born=born + (300 if too_old else 0), expected=NEVER)


def new_uasc(registry: Registry, chance: Chance, referral: int) -> Child:
    """Return an unaccompanied asylum-seeking child, 14 to 17 years old, mostly a boy."""
    born = referral - int((14.2 + 3.1 * chance.share() ** 0.6) * _YEAR)
    child = _child(registry, chance, born=born, expected=NEVER)
    child.is_uasc = True
    child.sex = "M" if chance.happens(0.93) else "F"
    child.ethnicity = chance.pick(rates.UASC_ETHNICITIES)
    child.disabilities = ()
    child.upn = "UN2"
    return child


def _child(registry: Registry, chance: Chance, *, born: int, expected: int) -> Child:
    child_id = registry.child_id()
    return Child(
        child_id=child_id,
        born=born,
        expected=expected,
        sex=chance.pick(rates.SEX_SHARES),
        ethnicity=chance.pick(rates.ETHNICITIES),
        disabilities=_disabilities(chance),
        upn=registry.upn(born),
        home_post=postcode(chance),
    )


def _disabilities(chance: Chance) -> tuple[str, ...]:
    if not chance.happens(rates.DISABLED):
        return ()
    found = {chance.pick(rates.DISABILITIES) for _ in range(chance.between(1, 4))}
    return tuple(sorted(found))


def upn_on(child: Child, cut: int) -> str:
    """Return the UPN as known on a day: a child gets one on starting school.

    Before that it is UN1. Unaccompanied asylum-seeking children never had one (UN2).
    """
    return child.upn if child.is_uasc or cut >= school_start(child.born) else "UN1"


def school_start(born: int) -> int:
    """Return the 1 September on or after the fourth birthday."""
    fourth = as_date(birthday(born, _SCHOOL_AGE))
    september = day_number(fourth.year, _SEPTEMBER, 1)
    return (
        september if september >= fourth.toordinal() else day_number(fourth.year + 1, _SEPTEMBER, 1)
    )
