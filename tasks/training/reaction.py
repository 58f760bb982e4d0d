"""Reaction: what people made of the sessions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from pandas import DataFrame

from schemas.training import (
    DETRACTOR_TO,
    PROMOTER_FROM,
    TOP_TWO,
    Item,
    items_of,
)
from tasks.training.forms import Forms
from tasks.training.measure import NOT_A_SURVEY, MeasureRow, described, measure
from tasks.training.response import session_response
from tasks.training.statistics import clustered_mean, clustered_share

_RECOMMEND: Final = "recommend"
_SCALE_OF_FIVE: Final = range(1, 6)
Clusters = npt.NDArray[np.int64]


def reaction_measures(forms: Forms, *, in_full: bool) -> Iterator[MeasureRow]:
    """Yield what people made of the sessions, sessions as clusters where there are enough.

    Args:
        forms: of the group spoken of.
        in_full: also the distribution and the mean of every item, and what was left unanswered.
    """
    sessions, answered = forms["session"], session_response(forms)
    if not len(sessions):
        return
    clusters = sitting(sessions)
    for item in items_of("session", "reaction"):
        if item.name == _RECOMMEND:
            yield from net_promoter(sessions, clusters, answered)
        else:
            yield from agreement("reaction", item, sessions, clusters, answered, in_full=in_full)
        if in_full:
            yield from unanswered("reaction", item, sessions)
    if in_full:
        yield from facilitator_measures(forms)


def sitting(sessions: DataFrame) -> Clusters:
    """Return a number per form, the same for forms of one session."""
    groups = sessions.groupby(["module", "cohort", "session"], dropna=False)
    places: Clusters = groups.ngroup().to_numpy().astype(np.int64)
    return places


def agreement(
    prefix: str,
    item: Item,
    forms: DataFrame,
    clusters: Clusters,
    answered: float,
    *,
    in_full: bool,
) -> Iterator[MeasureRow]:
    """Yield the share of the two favourable answers; in full, mean and distribution too."""
    numbers = forms[f"{item.name}_number"]
    known = numbers.notna().to_numpy()
    values, held = numbers.to_numpy()[known], clusters[known]
    name, n = f"{prefix}_{item.name}", len(values)
    if not n:
        return
    top = clustered_share(np.isin(values, TOP_TWO), held)
    yield measure(f"{name}_top_two", top, n, answered)
    if in_full:
        yield measure(f"{name}_mean", clustered_mean(values, held), n, answered)
        for answer in _SCALE_OF_FIVE:
            part = float((values == answer).mean())
            yield described(f"{name}_share_{answer}", part, n, answered)


def net_promoter(forms: DataFrame, clusters: Clusters, answered: float) -> Iterator[MeasureRow]:
    """Yield the net promoter score, from -100 to 100, and the shares it is made of.

    The score is the mean of +100 for promoters, -100 for detractors and 0 for the rest, so its
    interval is that of a mean.
    """
    numbers = forms[f"{_RECOMMEND}_number"]
    known = numbers.notna().to_numpy()
    values = numbers.to_numpy()[known]
    if not len(values):
        return
    promotes, detracts = values >= PROMOTER_FROM, values <= DETRACTOR_TO
    scores = 100.0 * promotes - 100.0 * detracts
    yield measure("nps", clustered_mean(scores, clusters[known]), len(values), answered)
    for name, part in (("promoters", promotes), ("detractors", detracts)):
        yield described(f"nps_{name}", float(part.mean()), len(values), answered)


def unanswered(prefix: str, item: Item, forms: DataFrame) -> Iterator[MeasureRow]:
    """Yield the shares of forms that said they prefer not to say, and that left the item blank.

    Nothing where no one answered: the question was not asked.
    """
    declined = forms[f"{item.name}_declined"].to_numpy()
    blank = forms[f"{item.name}_number"].isna().to_numpy() & ~declined
    if blank.all():
        return
    for name, part in (("prefer_not_to_say", declined), ("blank", blank)):
        yield described(
            f"{prefix}_{item.name}_{name}", float(part.mean()), len(forms), NOT_A_SURVEY
        )


def facilitator_measures(forms: Forms) -> Iterator[MeasureRow]:
    """Yield how facilitators saw the group; no one is asked but they, so response plays no part."""
    evaluations = forms["facilitator"]
    for item in items_of("facilitator", "reaction"):
        values = evaluations[f"{item.name}_number"].dropna().to_numpy()
        mean = float(values.mean()) if len(values) else math.nan
        if len(values):
            yield described(f"facilitator_{item.name}_mean", mean, len(values), NOT_A_SURVEY)
