"""What is to be invented: one authority, its place in the trial, the quarters and the seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from samples.days import NEVER
from schemas.authorities import authorities, code_changes, lasting_code, reference_rows
from schemas.quarter import Quarter


@dataclass(frozen=True)
class Model:
    """One practice model: whom and which referrals its trial follows.

    Attributes:
        name: as `family_valued`.
        age_from, age_to: completed years at referral, both included.
        include_unborn: whether unborn children count.
        referral_from, referral_to: first and last day of the referral window, both included.
    """

    name: str
    age_from: int
    age_to: int
    include_unborn: bool
    referral_from: int
    referral_to: int

    def takes_age(self, age: int) -> bool:
        """Return whether a child of this age counts; a negative age is unborn."""
        return self.include_unborn if age < 0 else self.age_from <= age <= self.age_to


@dataclass(frozen=True)
class Setting:
    """One authority and what is to be invented for it.

    Attributes:
        la_code: lasting nine-character code; folders and truth use it.
        old_la_code: three digits, as the CIN census carries.
        name: official name.
        model: its practice model; None when it adopted none.
        go_live: day from which referrals are exposed; NEVER when not known.
        first: first quarter the returns cover (the first of its financial year).
        last: last quarter of the returns.
        children: referrals in a year.
        seed: of the whole set of samples.
    """

    la_code: str
    old_la_code: str
    name: str
    model: Model | None
    go_live: int
    first: Quarter
    last: Quarter
    children: int
    seed: int

    @property
    def cut(self) -> int:
        """Last day the returns know of."""
        return self.last.last_day.toordinal()

    @property
    def seen_from(self) -> int:
        """First day of the first financial year: what ended before is in no return."""
        return self.first.start.toordinal()


def setting(la_code: str, *, first: Quarter, last: Quarter, children: int, seed: int) -> Setting:
    """Return the setting of one authority.

    Statutory returns are cumulative, so history begins with the financial year of `first`; an
    authority that came into being later begins with its own first quarter.
    """
    lasting = lasting_code(la_code)
    own = authorities()[lasting]
    began = Quarter.containing(_first_day(lasting))
    return Setting(
        la_code=lasting,
        old_la_code=own.old_la_code,
        name=own.la_name,
        model=models().get(_trial_row(lasting).get("model", "")),
        go_live=_go_live(lasting),
        first=max(Quarter(first.year, 1), began),
        last=last,
        children=children,
        seed=seed,
    )


def models() -> dict[str, Model]:
    """Return the models by name."""
    return {row["model"]: _model(row) for row in reference_rows("trial_windows.csv")}


# trial_windows.csv leaves Family Valued's window open; decision 0003 fixes it.
_FAMILY_VALUED_WINDOW = ("2019-10-01", "2022-12-01")


def _model(row: dict[str, str]) -> Model:
    first = row["referral_from"] or _FAMILY_VALUED_WINDOW[0]
    last = row["referral_to"] or _FAMILY_VALUED_WINDOW[1]
    return Model(
        name=row["model"],
        age_from=int(row["age_from"]),
        age_to=int(row["age_to"]),
        include_unborn=row["include_unborn"] == "yes",
        referral_from=_number(first),
        referral_to=_number(last),
    )


def _trial_row(la_code: str) -> dict[str, str]:
    rows = {
        row["la_code"]: row
        for row in reference_rows("trial_clusters.csv")
        if row["role"] != "withdrawn"
    }
    return rows.get(la_code, {})


def _go_live(la_code: str) -> int:
    return _number(_trial_row(la_code).get("go_live_date", ""))


def _number(text: str) -> int:
    return date.fromisoformat(text).toordinal() if text else NEVER


def _first_day(la_code: str) -> date:
    """Return the first day of the body: that of the oldest code it was merely recoded from."""
    before = [
        change.from_la_code
        for change in code_changes()
        if change.to_la_code == la_code and lasting_code(change.from_la_code) == la_code
    ]
    return _first_day(before[-1]) if before else authorities()[la_code].valid_from
