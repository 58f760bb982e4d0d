"""One authority's forms as numbers: what counts, of whom, and which group it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.arrays import Floats
from schemas.training import (
    COMPOSITE,
    COMPOSITE_LEAST_SHARE,
    EVERY,
    FORM_KINDS,
    PREFER_NOT,
    items,
    items_of,
)

_PERSON: Final = ["participant_id", "module", "cohort"]
GROUP: Final = ["module", "cohort"]
SITTING: Final = ["module", "cohort", "session"]
_PERSONAL: Final = ("pre", "post", "review")
_UNKNOWN: Final = 0
_NUMERIC: Final = ("agreement", "rating_1_5", "rating_0_10", "grade_1_4")
LEARNING: Final = [item.name for item in items_of("pre", "learning")]
"""Learning items, the same before, after and six months on."""


@dataclass(frozen=True)
class Slice:
    """The forms one row of the table speaks of.

    Attributes:
        module, cohort: as coded, or `all`.
        role: as coded; empty for every role. Forms that do not ask for the role are of every role.
    """

    module: str = EVERY
    cohort: str = EVERY
    role: str = ""

    def of(self, frame: DataFrame) -> DataFrame:
        """Return the rows of a frame that belong to the slice."""
        kept = np.ones(len(frame), dtype=bool)
        for name, wanted in (("module", self.module), ("cohort", self.cohort)):
            if wanted != EVERY:
                kept &= (frame[name] == wanted).to_numpy(dtype=bool)
        if self.role and "role" in frame:
            kept &= (frame["role"] == self.role).fillna(value=False).to_numpy(dtype=bool)
        return frame if kept.all() else frame[kept]


@dataclass(frozen=True)
class Forms:
    """Every form of one authority that counts, by kind of form; no rows where none was sent.

    Alongside them stand the people who can be followed from one form to another (`followed_up`).
    Answers on a numbered scale are in `<item>_number`; `<item>_declined` tells "prefer not to say"
    from a blank.
    """

    frames: Mapping[str, DataFrame]

    def __getitem__(self, form: str) -> DataFrame:
        """Return the forms of one kind."""
        return self.frames[form]

    def of(self, part: Slice) -> Forms:
        """Return the forms that belong to a slice."""
        return Forms({name: part.of(frame) for name, frame in self.frames.items()})

    @cached_property
    def has_any(self) -> bool:
        """Whether there is any form or register at all."""
        return any(len(frame) for frame in self.frames.values())


def forms_of(frames: Mapping[str, DataFrame]) -> Forms:
    """Return the forms that count, out of an authority's rows at rest.

    Of one person's forms of one kind and cohort, and of responses with one number, the last counts:
    the latest day, then the later quarter, then the lower row.
    """
    counting = {
        name: _counting(frames.get(kind.table), name, list(kind.key))
        for name, kind in FORM_KINDS.items()
    }
    return Forms(followed_up(counting))


def _counting(rows: DataFrame | None, form: str, key: list[str]) -> DataFrame:
    if rows is None or not len(rows):
        return _numbered(_no_rows(form), form)
    (day,) = (name for name in FORM_KINDS[form].columns if name.endswith("_date"))
    ordered = rows.sort_values([day, "quarter", "source_row"], kind="stable", na_position="first")
    ordered = ordered.drop_duplicates(key, keep="last")
    if form != "attendance" and "participant_id" in ordered:
        named = ordered["participant_id"] != _UNKNOWN
        ordered = ordered[~(named & ordered.duplicated(_PERSON, keep="last"))]
    return _numbered(ordered.reset_index(drop=True), form)


def _no_rows(form: str) -> DataFrame:
    kind = FORM_KINDS[form]
    names = [*kind.columns, *(item.name for item in items(form) if not item.is_text)]
    names += [item.themes_column for item in items(form) if item.is_text]
    return DataFrame({name: Series(dtype=_empty_type(name)) for name in names})


def _empty_type(name: str) -> str:
    if name.endswith("_count"):
        return "float64"
    if name.endswith("_id"):
        return "int64"
    return "boolean" if name == "attended" else "str"


def _numbered(frame: DataFrame, form: str) -> DataFrame:
    """Return the forms with answers as numbers in place of their text, and who declined."""
    scaled = [item.name for item in items(form) if item.scale in _NUMERIC]
    kept = [name for name in frame.columns if name not in (*scaled, "source_file", "source_row")]
    declined = {f"{name}_declined": (frame[name] == PREFER_NOT).astype(bool) for name in scaled}
    numbers = {f"{name}_number": _numbers(frame[name]) for name in scaled}
    made = frame[kept].assign(**numbers, **declined)
    if set(LEARNING) <= set(scaled):
        made[f"{COMPOSITE}_number"] = composite(made[[f"{name}_number" for name in LEARNING]])
    return made


def _numbers(answers: Series) -> Series:
    return pd.to_numeric(answers.where(answers != PREFER_NOT)).astype("float64")


def composite(answers: DataFrame) -> Series:
    """Return the mean of the learning items of each form; missing where too few were answered."""
    enough = answers.notna().sum(axis=1) >= COMPOSITE_LEAST_SHARE * answers.shape[1]
    return answers.mean(axis=1).where(enough)


def pairs(first: DataFrame, second: DataFrame) -> DataFrame:
    """Return the people with both forms: one row per person, module and cohort.

    The composite is taken over the items answered both times, so that a question left out once does
    not pass for change.

    Returns:
        participant_id, module, cohort, role (of the second form, else of the first), then per item
        and for the composite `<item>_before`, `<item>_after`.
    """
    met = _people(first).merge(_people(second), on=_PERSON, suffixes=("_before", "_after"))
    role = met["role_after"].fillna(met["role_before"])
    return _with_composite(met.assign(role=role).drop(columns=["role_before", "role_after"]))


def _people(frame: DataFrame) -> DataFrame:
    numbers = [f"{name}_number" for name in LEARNING]
    known = frame.loc[frame["participant_id"] != _UNKNOWN, [*_PERSON, "role", *numbers]]
    return known.rename(columns=lambda name: name.removesuffix("_number"))


def _with_composite(met: DataFrame) -> DataFrame:
    before, after = (met[[f"{name}_{side}" for name in LEARNING]] for side in ("before", "after"))
    both = before.notna().to_numpy() & after.notna().to_numpy()
    return met.assign(
        **{
            f"{COMPOSITE}_before": composite(before.where(both)),
            f"{COMPOSITE}_after": composite(after.where(both)),
        }
    )


def _followed(gained: DataFrame, still: DataFrame) -> DataFrame:
    """Return the people with all three forms, and their gain after the training and since."""
    sides = [
        met.assign(**{name: met[f"{COMPOSITE}_after"] - met[f"{COMPOSITE}_before"]})
        for name, met in (("gained", gained), ("still", still))
    ]
    both = sides[0][[*_PERSON, "role", "gained"]].merge(sides[1][[*_PERSON, "still"]], on=_PERSON)
    return both.dropna(subset=["gained", "still"])


def followed_up(frames: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """Return the forms, and alongside them what takes two kinds of them to know.

    `came`: who came to any session, one row per person, module and cohort, and whether the cohort
    `is_reviewed`. `sittings`: per session,
    how many were `there` and how many evaluations `returned`. `pre_post`, `post_review`: as
    `pairs`. `all_three`: people with these forms, the composite `gained` after the training and
    `still` there since. `pre_only`, `post_only`: forms of no one in `pre_post`. Where forms carry a
    participant, `has_come` says whether that one came.
    """
    came = _came(frames["attendance"])
    known = dict(frames) | {form: _marked(frames[form], came) for form in _PERSONAL}
    learned = _marked(pairs(known["pre"], known["post"]), came)
    return {
        **known,
        "came": _reviewed(came, known["review"]),
        "sittings": _sittings(frames["attendance"], frames["session"]),
        "pre_post": learned,
        "post_review": _marked(pairs(known["post"], known["review"]), came),
        "all_three": _followed(learned, pairs(known["pre"], known["review"])),
        "pre_only": _alone(known["pre"], learned),
        "post_only": _alone(known["post"], learned),
    }


def _came(register: DataFrame) -> DataFrame:
    present = register[register["attended"].fillna(value=False).to_numpy(dtype=bool)]
    return present.drop_duplicates(_PERSON)[[*_PERSON, "role"]]


def _reviewed(came: DataFrame, reviews: DataFrame) -> DataFrame:
    """Say of who came whether their cohort has been reviewed: of others it is not yet due."""
    found = came[GROUP].merge(reviews[GROUP].drop_duplicates(), how="left", indicator="found")
    return came.assign(is_reviewed=(found["found"] == "both").to_numpy())


def _marked(frame: DataFrame, came: DataFrame) -> DataFrame:
    found = frame[_PERSON].merge(came[_PERSON], how="left", indicator="found")["found"]
    return frame.assign(has_come=(found == "both").to_numpy())


def _sittings(register: DataFrame, evaluations: DataFrame) -> DataFrame:
    """Return evaluations alongside attendances; no session returns beyond all who were there."""
    present = register[register["attended"].fillna(value=False).to_numpy(dtype=bool)]
    there = present.groupby(SITTING).size()
    returned = evaluations.groupby(SITTING).size().reindex(there.index, fill_value=0)
    both = DataFrame({"there": there, "returned": returned.clip(upper=there)})
    return both.reset_index()


def _alone(sent: DataFrame, met: DataFrame) -> DataFrame:
    found = sent[_PERSON].merge(met[_PERSON].drop_duplicates(), how="left", indicator="found")
    return sent[(found["found"] == "left_only").to_numpy()]


def changes_per_person(met: DataFrame, name: str) -> Floats:
    """Return one change per person: the mean of theirs, where they went through several modules."""
    return each_person(met, met[f"{name}_after"] - met[f"{name}_before"])


def each_person(met: DataFrame, values: Series) -> Floats:
    """Return one value per person: the mean of theirs; nothing where none is known."""
    known = values.notna().to_numpy()
    found = values.to_numpy(dtype="float64")[known]
    people = met["participant_id"].to_numpy()[known]
    names, places = np.unique(people, return_inverse=True)
    if len(names) == len(people):
        return found
    means: Floats = np.bincount(places, weights=found) / np.bincount(places)
    return means


def slices(forms: Forms) -> list[Slice]:
    """Return what the table speaks of: each cohort, module, role, and the authority as a whole."""
    groups = _groups(forms)
    roles = _roles(forms)
    modules = sorted({module for module, _ in groups})
    return [
        Slice(),
        *(Slice(role=role) for role in roles),
        *(Slice(module) for module in modules),
        *(Slice(module, role=role) for module in modules for role in roles),
        *(Slice(module, cohort) for module, cohort in groups),
    ]


def cohorts_in_order(forms: Forms, module: str) -> list[str]:
    """Return the cohorts of a module, the one that began first first; without a date, last."""
    began: dict[str, pd.Timestamp] = {}
    for form, kind in FORM_KINDS.items():
        own = Slice(module).of(forms[form])
        (day,) = (name for name in kind.columns if name.endswith("_date"))
        for cohort, first in own.groupby("cohort")[day].min().items():
            known = pd.Timestamp.max if pd.isna(first) else pd.Timestamp(first)
            began[str(cohort)] = min(known, began.get(str(cohort), known))
    return sorted(began, key=lambda cohort: (began[cohort], cohort))


def _groups(forms: Forms) -> list[tuple[str, str]]:
    return sorted(
        {
            (str(module), str(cohort))
            for frame in forms.frames.values()
            for module, cohort in frame[GROUP].drop_duplicates().itertuples(index=False)
        }
    )


def _roles(forms: Forms) -> list[str]:
    found = {
        str(role)
        for frame in forms.frames.values()
        if "role" in frame
        for role in frame["role"].dropna().unique()
    }
    return sorted(found - {PREFER_NOT})
