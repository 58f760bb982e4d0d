"""Local authorities of England: codes, names, regions, how codes changed, who reports together.

Source: reference/local_authorities.csv and reference/local_authority_changes.csv (ONS codes, DfE
three-digit codes); reference/joint_returns.csv, which the operators of the pipeline fill.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from schemas.quarter import Quarter

REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True)
class LocalAuthority:
    """One local authority under one code.

    Attributes:
        la_code: nine-character ONS code.
        old_la_code: three-digit DfE code.
        la_name: official name.
        region_code, region_name: region of England.
        valid_from, valid_to: first and last day of the code; None while it is in use.
    """

    la_code: str
    old_la_code: str
    la_name: str
    region_code: str
    region_name: str
    valid_from: date
    valid_to: date | None

    @property
    def codes(self) -> tuple[str, str]:
        """Both codes, the nine characters first."""
        return (self.la_code, self.old_la_code)

    def holds_on(self, day: date) -> bool:
        """Return whether the code was in use on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class AuthorityChange:
    """One code that gave way to another on a day: a recode, a merger or a split."""

    effective_date: date
    from_la_code: str
    from_la_name: str
    to_la_code: str
    to_old_la_code: str
    to_la_name: str
    change: str


@dataclass(frozen=True)
class JointReturn:
    """Two authorities that report as one body, so that one return may speak for both.

    Attributes:
        lead_la_code: in whose folder the return lies, and under whose code it counts.
        partner_la_code: the other one; it shows as not returned.
        first_quarter, last_quarter: quarters of such returns; None for no end.
        source: who agreed to it, and where that is written.
    """

    lead_la_code: str
    partner_la_code: str
    first_quarter: Quarter
    last_quarter: Quarter | None
    source: str

    def holds_in(self, quarter: Quarter) -> bool:
        """Return whether the two report together for the quarter."""
        return self.first_quarter <= quarter <= (self.last_quarter or quarter)


def reference_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one reference file, every value as text."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def authorities() -> dict[str, LocalAuthority]:
    """Return every authority, past and present, by its nine-character code."""
    return {row["new_la_code"]: _authority(row) for row in reference_rows("local_authorities.csv")}


def _authority(row: dict[str, str]) -> LocalAuthority:
    return LocalAuthority(
        la_code=row["new_la_code"],
        old_la_code=row["old_la_code"],
        la_name=row["la_name"],
        region_code=row["region_code"],
        region_name=row["region_name"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )


_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"[0-9]{3}|[A-Z][0-9]{8}")
_KINDS_OF_AUTHORITY = frozenset(
    {
        "and",
        "authority",
        "borough",
        "city",
        "council",
        "county",
        "district",
        "london",
        "mbc",
        "metropolitan",
        "of",
        "royal",
        "the",
        "unitary",
    }
)


def authority_named(text: str, day: date) -> str | None:
    """Return the nine-character code of the one authority a text names on a day.

    The text may be either code or the name, with or without what kind of authority it is, in any
    capitals (`Walsall Council`, `335`). A code that gave way counts as the one it stood for. None
    where it names none, or more than one.
    """
    found = _codes_by_name().get(_significant_words(text), frozenset())
    now = {code for code in found if authorities()[code].holds_on(day)} or found
    return next(iter(now)) if len(now) == 1 else None


@cache
def _codes_by_name() -> dict[frozenset[str], frozenset[str]]:
    """Return the codes of the authorities that each name or code may mean, by its words."""
    known: dict[frozenset[str], frozenset[str]] = {}
    for code, authority in authorities().items():
        for name in (authority.la_name, *filter(_CODE.fullmatch, authority.codes)):
            words = _significant_words(name)
            known[words] = known.get(words, frozenset()) | {code}
    return known


def _significant_words(text: str) -> frozenset[str]:
    """Return the words of a name without those for what kind of authority it is, if any is left."""
    words = frozenset(_WORD.findall(text.casefold()))
    return words - _KINDS_OF_AUTHORITY or words


@cache
def code_changes() -> tuple[AuthorityChange, ...]:
    """Return every change of code, in order of date."""
    rows = reference_rows("local_authority_changes.csv")
    return tuple(
        AuthorityChange(
            effective_date=date.fromisoformat(row["effective_date"]),
            from_la_code=row["from_new_la_code"],
            from_la_name=row["from_la_name"],
            to_la_code=row["to_new_la_code"],
            to_old_la_code=row["to_old_la_code"],
            to_la_name=row["to_la_name"],
            change=row["change"],
        )
        for row in sorted(rows, key=lambda row: row["effective_date"])
    )


def successors(la_code: str) -> tuple[AuthorityChange, ...]:
    """Return the changes by which `la_code` gave way to others; empty when it is in use."""
    return tuple(change for change in code_changes() if change.from_la_code == la_code)


@cache
def lasting_code(la_code: str) -> str:
    """Return the code under which an authority's children are joined over the years.

    A recode of the same body leads to its newest code; an authority that was split or merged keeps
    its own code, because its children cannot be assigned to one successor.
    """
    after = successors(la_code)
    if len(after) == 1 and "recode" in after[0].change:
        return lasting_code(after[0].to_la_code)
    return la_code


@cache
def joint_returns() -> tuple[JointReturn, ...]:
    """Return the register of authorities that report together; empty until somebody fills it."""
    return tuple(
        JointReturn(
            lead_la_code=row["lead_la_code"],
            partner_la_code=row["partner_la_code"],
            first_quarter=Quarter.parse(row["first_quarter"]),
            last_quarter=Quarter.parse(row["last_quarter"]) if row["last_quarter"] else None,
            source=row["source"],
        )
        for row in reference_rows("joint_returns.csv")
    )


def joint_lead(codes: Collection[str], quarter: Quarter) -> str | None:
    """Return which of several codes a joint return counts under.

    Args:
        codes: as the return gives them, three digits or nine characters.
        quarter: of the return.

    Returns:
        one of `codes`; None unless they are a lead and its partner, registered for the quarter.
    """
    lasting = {code: _lasting(code) for code in codes}
    for pair in joint_returns():
        both = {lasting_code(pair.lead_la_code), lasting_code(pair.partner_la_code)}
        if pair.holds_in(quarter) and set(lasting.values()) == both:
            lead = lasting_code(pair.lead_la_code)
            return min(code for code, last in lasting.items() if last == lead)
    return None


def _lasting(code: str) -> str:
    """Return the lasting code of a code of either kind; the code itself when no one has it."""
    found = (each.la_code for each in authorities().values() if code in each.codes)
    return lasting_code(next(found, code))


def reporting_together(la_code: str, quarter: Quarter) -> tuple[str, ...]:
    """Return the lasting codes an authority's returns speak for: its own, and its partners'."""
    own = lasting_code(la_code)
    partners = (
        lasting_code(pair.partner_la_code)
        for pair in joint_returns()
        if lasting_code(pair.lead_la_code) == own and pair.holds_in(quarter)
    )
    return (own, *partners)
