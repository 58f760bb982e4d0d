"""Invented participants of training: what they knew before and after, and what they said.

Streams of chance are keyed by cohort and person, so that a review half a year on finds the same
person again, and no one else's life is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from samples.chance import Chance, Weights
from samples.settings import Setting
from schemas.quarter import Quarter

PLANTED_NAME = "Marigold Thistlewick"
"""A name some texts hold; it must be found nowhere outside the restricted store."""

LOWEST, HIGHEST = 1, 5
MODULES = {"assessment": 18, "recording": 8}
"""Modules run in every quarter of training, with the size of a cohort."""

PLANTED_GAIN = 0.9
"""Mean change of the underlying self-assessment from before to after, on the scale of five."""

PLANTED_FADE = 0.2
"""How much of it is lost after six months."""

ANSWERS_POST, ANSWERS_REVIEW, ATTENDS = 0.9, 0.75, 0.95
_ROLES = Weights(
    {
        "Social worker": 55,
        "Senior practitioner": 15,
        "Team manager": 12,
        "Family support worker": 15,
        "prefer not to say": 3,
    }
)
HELPED = (
    "The trainer's enthusiasm and the real case examples",
    "Time to reflect and discuss with colleagues",
    "The genogram and ecomap tools - clear materials",
    f"{PLANTED_NAME} gave a case study that stayed with me",
    "",
    "",
)
HINDERED = (
    "High caseloads; no time to prepare",
    "Called away to duty and court",
    "It felt rushed in the afternoon",
    f"Kept thinking about {PLANTED_NAME} on my caseload",
    "",
    "",
    "",
)
TOOLS = ("Genogram", "Ecomap", "Risk and Resilience matrix", "Decision Tree", "Road map")


@dataclass(frozen=True)
class Cohort:
    """One group going through one module in one quarter."""

    setting: Setting
    module: str
    quarter: Quarter

    @property
    def name(self) -> str:
        """As forms carry it: 2024-1 for the first quarter of 2024-25."""
        return f"{self.quarter.year}-{self.quarter.number}"

    @property
    def first_day(self) -> int:
        """Day of the first session."""
        return self.quarter.start.toordinal() + 20

    @cached_property
    def trainees(self) -> tuple[Trainee, ...]:
        """Everybody on the register."""
        return tuple(Trainee(self, number) for number in range(1, MODULES[self.module] + 1))

    def chance(self, *keys: str) -> Chance:
        """Return a stream of chance of this cohort."""
        own = ("training", self.setting.la_code, self.module, self.name, *keys)
        return Chance(self.setting.seed, *own)


@dataclass(frozen=True)
class Trainee:
    """One participant."""

    cohort: Cohort
    number: int

    @property
    def code(self) -> str:
        """The code on every form."""
        return f"{self.cohort.module[:2].upper()}{self.cohort.name}-{self.number:02}"

    def chance(self, *keys: str) -> Chance:
        """Return a stream of chance of this person."""
        return self.cohort.chance(str(self.number), *keys)

    @property
    def role(self) -> str:
        """Role, as the form words it."""
        return self.chance("role").pick(_ROLES)

    @cached_property
    def _level(self) -> tuple[float, float]:
        own = self.chance("level")
        before = 2.5 + 0.6 * own.normal()
        return before, before + PLANTED_GAIN + 0.4 * own.normal()

    def ratings(self, form: str, count: int) -> Iterator[int]:
        """Yield the answers to the learning items of one form."""
        before, after = self._level
        level = {"pre": before, "post": after, "review": after - PLANTED_FADE}[form]
        noise = self.chance("ratings", form)
        for _ in range(count):
            yield min(max(round(level + 0.5 * noise.normal()), LOWEST), HIGHEST)

    def answers(self, form: str) -> bool:
        """Return whether the person filled in a form."""
        share = {"pre": 1.0, "post": ANSWERS_POST, "review": ANSWERS_REVIEW}[form]
        return self.chance("answers", form).happens(share)

    def attends(self, session: int) -> bool:
        """Return whether the person came to a session."""
        return self.chance("attends", str(session)).happens(ATTENDS)
