"""Where children are placed: kinds of placement by age, and who provides them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from samples.chance import Chance, Weights
from samples.days import day_number
from samples.identity import postcode

# H5 and P2 were last valid in the 2024 collection, K3 first in that of 2025 (specs, PLACE).
SUPPORTED_FROM = day_number(2024, 4, 1)
SUPPORTED = "supported"
FOSTER_STAYS = ("U1", "U2", "U3", "U4", "U5", "U6")
RELATIVES = ("U1", "U2", "U3")
# Placements for which a URN is not recorded (SSDA903 rules 218 and 222).
WITHOUT_URN = ("H5", "P1", "P2", "P3", "R1", "R2", "R5", "T0", "T1", "T2", "T3", "T4", "Z1")
TEMPORARY_STAYS = ("T0", "T1", "T2", "T3", "T4")

_BABY = Weights({"U6": 54, "U3": 22, "U5": 8, "U2": 3, "R3": 6, "U4": 5})
_YOUNG = Weights({"U6": 60, "U3": 26, "U4": 8, "U1": 4})
_MIDDLE = Weights({"U6": 57, "U3": 20, "U4": 11, "U1": 4, "K2": 6, "S1": 0.5, "R1": 0.6})
_TEENAGE = Weights({"U6": 50, "U3": 13, "U4": 9, "K2": 24, "R1": 2, "S1": 1, "R2": 0.6})
_OLDEST = Weights({SUPPORTED: 38, "U6": 30, "U4": 8, "U3": 8, "K2": 15, "R1": 1})

_PROVIDERS = {
    "U1": Weights({"PR1": 96, "PR2": 4}),
    "U2": Weights({"PR1": 1}),
    "U3": Weights({"PR1": 98, "PR2": 2}),
    "U4": Weights({"PR1": 60, "PR4": 34, "PR5": 6}),
    "U5": Weights({"PR1": 80, "PR5": 20}),
    "U6": Weights({"PR1": 58, "PR4": 36, "PR5": 6}),
    "K1": Weights({"PR2": 1}),
    "K2": Weights({"PR1": 14, "PR4": 80, "PR5": 6}),
    "P1": Weights({"PR0": 1}),
    "R2": Weights({"PR3": 1}),
    "R5": Weights({"PR3": 1}),
    SUPPORTED: Weights({"PR1": 10, "PR4": 74, "PR5": 16}),
}
_OTHER_PROVIDERS = Weights({"PR4": 80, "PR5": 20})
_AGENCIES, _HOMES, _OTHERS = 9, 40, 14


@dataclass(frozen=True)
class Placement:
    """One placement as an episode describes it."""

    place: str
    provider: str
    urn: str
    post: str

    @property
    def is_temporary(self) -> bool:
        """Whether it is a temporary move (T0 to T4)."""
        return self.place in TEMPORARY_STAYS

    def with_place(self, place: str) -> Placement:
        """Return the same carer and address under another placement code."""
        return replace(self, place=place)


def _by_age(age: int) -> Weights:
    for under, weights in ((2, _BABY), (6, _YOUNG), (11, _MIDDLE), (16, _TEENAGE)):
        if age < under:
            return weights
    return _OLDEST


def new_placement(chance: Chance, age: int, *, tier: int) -> Placement:
    """Return a placement with a new carer for a child of this age.

    `tier` tells one authority's providers from another's.
    """
    return placement_of_kind(chance, chance.pick(_by_age(age)), tier=tier)


def placement_of_kind(chance: Chance, place: str, *, tier: int) -> Placement:
    """Return a placement under a code with a provider that may offer it."""
    provider = chance.pick(_PROVIDERS.get(place, _OTHER_PROVIDERS))
    return Placement(place, provider, _urn(chance, place, provider, tier), postcode(chance))


def temporary_placement(chance: Chance, place: str) -> Placement:
    """Return a temporary move: neither provider nor URN is recorded."""
    return Placement(place, "", "", postcode(chance))


def _urn(chance: Chance, place: str, provider: str, tier: int) -> str:
    """Return a seven-digit URN; a fostering agency has one for all its carers."""
    if place in WITHOUT_URN:
        return ""
    if place in FOSTER_STAYS:
        number = 0 if provider == "PR1" else chance.between(1, _AGENCIES)
        return f"{1_030_000 + tier * 10 + number}"
    span = _HOMES if place == "K2" else _OTHERS
    kind = 0 if place == "K2" else 1 + sum(map(ord, place)) % 7
    return f"{2_000_000 + tier * 400 + kind * _HOMES + chance.between(0, span - 1)}"


def settled(placement: Placement, start: int, end: int) -> Placement:
    """Return the placement under the code its years allow.

    Supported accommodation was H5 (or P2, a tenancy of one's own) up to the 2024 collection and is
    K3 after it. One that would span the change is told as foster care, which is always valid.
    """
    if placement.place != SUPPORTED:
        return placement
    if start >= SUPPORTED_FROM:
        return placement.with_place("K3")
    if end >= SUPPORTED_FROM:
        return Placement("U6", "PR1", "1030000", placement.post)
    place = "P2" if sum(map(ord, placement.post)) % 6 == 0 else "H5"
    return replace(placement, place=place, urn="")
