"""The trial as it was run: which authorities took up which practice model, when, and for whom.

Source: reference/trial_clusters.csv and reference/trial_windows.csv, each row with the basis it
rests on. Family Valued's referral window was not published: it is set here, in one place, by
docs/decisions/0003-outcome-choices.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from schemas.authorities import lasting_code, reference_rows
from schemas.errors import DeclarationError

MODEL_NAMES: Final = {
    "family_safeguarding": "Family Safeguarding",
    "family_valued": "Family Valued",
    "no_wrong_door": "No Wrong Door",
}
MODELS: Final = tuple(MODEL_NAMES)
_ROLES: Final = ("pilot", "trial", "withdrawn")

# Windows the programme did not publish; the decision page says why these days.
WINDOWS_SET_BY_US: Final = {
    "family_valued": (
        date(2019, 10, 1),
        date(2022, 12, 1),
        "docs/decisions/0003-outcome-choices.md",
    ),
}


@dataclass(frozen=True)
class Cluster:
    """One authority that took up a practice model.

    Attributes:
        model: as `family_safeguarding`.
        la_code, la_name: the authority.
        role: `trial` (randomised), `pilot` (before the trial) or `withdrawn`.
        step: place in the randomised order, from 1; None outside the trial.
        go_live: first day of the model in the authority; None where no day is published.
        precision: how exactly the day is known: day, month, season or unknown.
        stratum: readiness stratum the order was drawn within; None where not published.
        basis: where the row comes from.
    """

    model: str
    la_code: str
    la_name: str
    role: str
    step: int | None
    go_live: date | None
    precision: str
    stratum: str | None
    basis: str

    @property
    def is_analysed(self) -> bool:
        """Whether the authority counts in effect estimates: in the trial, with a go-live day."""
        return self.role == "trial" and self.go_live is not None

    @property
    def reason_left_out(self) -> str | None:
        """Why the authority stays out of effect estimates; None when it is in them."""
        if self.is_analysed:
            return None
        return {"pilot": "pilot", "withdrawn": "withdrawn"}.get(self.role, "no go-live date")


@dataclass(frozen=True)
class Window:
    """Whom the cohort of one model takes in.

    Attributes:
        model: as `family_safeguarding`.
        age_from, age_to: completed years at referral, both included.
        include_unborn: whether children not yet born at referral count.
        referral_from, referral_to: first and last day of referral, both included.
        basis: where the window comes from.
    """

    model: str
    age_from: int
    age_to: int
    include_unborn: bool
    referral_from: date
    referral_to: date
    basis: str


@cache
def clusters() -> tuple[Cluster, ...]:
    """Return every authority that took part, pilots and the withdrawn included, as in the file."""
    return tuple(_cluster(row) for row in reference_rows("trial_clusters.csv"))


def adopters() -> tuple[str, ...]:
    """Return the 17 authorities that took up a practice model and stayed, as in the file."""
    return tuple(one.la_code for one in clusters() if one.role != "withdrawn")


def _cluster(row: dict[str, str]) -> Cluster:
    if row["model"] not in MODELS or row["role"] not in _ROLES:
        raise DeclarationError(
            f"trial_clusters.csv: {row['la_code']} has model {row['model']!r} and role "
            f"{row['role']!r} (needed one of {MODELS} and one of {_ROLES})."
        )
    return Cluster(
        model=row["model"],
        la_code=row["la_code"],
        la_name=row["la_name"],
        role=row["role"],
        step=int(row["step"]) if row["step"] else None,
        go_live=_day(row["go_live_date"]),
        precision=row["go_live_precision"],
        stratum=row["readiness_stratum"] or None,
        basis=row["basis"],
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def windows() -> dict[str, Window]:
    """Return the cohort window of each model, by model."""
    return {row["model"]: _window(row) for row in reference_rows("trial_windows.csv")}


def _window(row: dict[str, str]) -> Window:
    first, last = _day(row["referral_from"]), _day(row["referral_to"])
    basis = row["basis"]
    if first is None or last is None:
        first, last, basis = WINDOWS_SET_BY_US[row["model"]]
    return Window(
        model=row["model"],
        age_from=int(row["age_from"]),
        age_to=int(row["age_to"]),
        include_unborn=row["include_unborn"] == "yes",
        referral_from=first,
        referral_to=last,
        basis=basis,
    )


@cache
def _by_authority() -> dict[str, Cluster]:
    return {cluster.la_code: cluster for cluster in clusters()}


def cluster_of(la_code: str) -> Cluster | None:
    """Return the authority's part in the trial, under its lasting code; None when it had none."""
    return _by_authority().get(lasting_code(la_code))


def model_of(la_code: str) -> str | None:
    """Return the practice model the authority took up; None when it took up none."""
    cluster = cluster_of(la_code)
    return None if cluster is None else cluster.model


def go_live_of(la_code: str) -> date | None:
    """Return the first day of the model in the authority; None where no day is published."""
    cluster = cluster_of(la_code)
    return None if cluster is None else cluster.go_live


@cache
def analysed_clusters(model: str) -> tuple[Cluster, ...]:
    """Return the model's authorities that count in effect estimates, in order of go-live."""
    inside = [cluster for cluster in clusters() if cluster.model == model and cluster.is_analysed]
    return tuple(sorted(inside, key=lambda cluster: (cluster.go_live or date.max, cluster.la_code)))


@cache
def clusters_left_out(model: str) -> tuple[Cluster, ...]:
    """Return the model's authorities that stay out of effect estimates, as in the file."""
    return tuple(c for c in clusters() if c.model == model and not c.is_analysed)


@cache
def wedge_starts(model: str) -> tuple[date, ...]:
    """Return the days on which wedges 1, 2, ... of the model begin: its distinct go-live days.

    Wedge 0 is everything before the first of them. The wedge of a day is the number of these days
    on or before it.
    """
    return tuple(sorted({c.go_live for c in analysed_clusters(model) if c.go_live is not None}))
