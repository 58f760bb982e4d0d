"""Behaviour: what lasted after six months, what is on the files, which tools are used."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from schemas.arrays import Floats
from schemas.training import COMPOSITE, GOOD_GRADES, TOP_TWO, items_of, tool_labels
from tasks.training.coded import split_codes
from tasks.training.forms import Forms, changes_per_person, each_person
from tasks.training.measure import NOT_A_SURVEY, MeasureRow, described, measure
from tasks.training.response import matched_response, response
from tasks.training.statistics import (
    difference_of_means,
    mean_estimate,
    paired_change,
    share_with_interval,
)


def behaviour_measures(forms: Forms, *, in_full: bool) -> Iterator[MeasureRow]:
    """Yield what lasted: six months on, on case files, in examples and in the tools used.

    Args:
        forms: of the group spoken of.
        in_full: also audits, coaching and each tool.
    """
    yield from retention_measures(forms)
    yield from review_measures(forms)
    if in_full:
        yield from audit_measures(forms)
        yield from coaching_measures(forms)
        for form in ("review", "coaching", "audit"):
            yield from tool_measures(forms, form)


def retention_measures(forms: Forms) -> Iterator[MeasureRow]:
    """Yield how the composite moved from after the training to six months on.

    `kept_gain` is the mean gain six months on over the mean gain after the training, of people with
    all three forms; it is not given where there was no gain to keep. `above_start` is the share of
    them who still stand above where they started.
    """
    lasted = forms["post_review"]
    answered = matched_response(forms, "post_review")
    found = paired_change(changes_per_person(lasted, COMPOSITE))
    if found.n:
        name = f"retention_{COMPOSITE}"
        yield measure(f"{name}_mean_change", found.mean, found.n, answered)
        yield described(f"{name}_d_z", found.d_z, found.n, answered)
        yield from _kept(name, forms, answered)


def _kept(name: str, forms: Forms, answered: float) -> Iterator[MeasureRow]:
    followed = forms["all_three"]
    if not len(followed):
        return
    gained, still = (each_person(followed, followed[side]) for side in ("gained", "still"))
    above = share_with_interval(int((still > 0).sum()), len(still))
    yield measure(f"{name}_above_start", above, len(still), answered)
    if gained.mean() > 0:
        yield described(
            f"{name}_kept_gain", float(still.mean() / gained.mean()), len(still), answered
        )


def review_measures(forms: Forms) -> Iterator[MeasureRow]:
    """Yield the shares who agree that they use what they learned and are supported to."""
    answered = response(forms, "review")
    for item in items_of("review", "behaviour"):
        values = forms["review"][f"{item.name}_number"].dropna()
        if len(values):
            top = share_with_interval(int(values.isin(TOP_TWO).sum()), len(values))
            yield measure(f"review_{item.name}_top_two", top, len(values), answered)


def audit_measures(forms: Forms) -> Iterator[MeasureRow]:
    """Yield grades of case files, before and after the training where both were audited.

    Files of the two periods are different files, so the difference is that of two groups. An audit
    that does not say when the work was done counts as after.
    """
    audits = forms["audit"]
    is_before = (audits["audit_period"] == "before").fillna(value=False).to_numpy(dtype=bool)
    for item in items_of("audit", "behaviour"):
        grades = audits[f"{item.name}_number"]
        known = {
            "before": grades[is_before].dropna().to_numpy(dtype="float64"),
            "after": grades[~is_before].dropna().to_numpy(dtype="float64"),
        }
        yield from _graded(item.name, known["before"], known["after"])


def _graded(name: str, before: Floats, after: Floats) -> Iterator[MeasureRow]:
    for period, grades in (("before", before), ("after", after)):
        if n := len(grades):
            stem = f"audit_{name}_{period}"
            good = share_with_interval(int(np.isin(grades, GOOD_GRADES).sum()), n)
            yield measure(f"{stem}_mean", mean_estimate(grades), n, NOT_A_SURVEY)
            yield measure(f"{stem}_good_share", good, n, NOT_A_SURVEY)
    if len(before) and len(after):
        found, fewest = difference_of_means(before, after), min(len(before), len(after))
        yield measure(f"audit_{name}_difference", found, fewest, NOT_A_SURVEY)


def coaching_measures(forms: Forms) -> Iterator[MeasureRow]:
    """Yield how far coaching examples show the learning at work; examples are chosen, not drawn."""
    examples = forms["coaching"]
    applied = examples["applied_number"].dropna()
    seen = examples["difference"].dropna()
    if len(applied):
        top = float(applied.isin(TOP_TWO).mean())
        yield described("coaching_applied_top_two", top, len(applied), math.nan)
    if len(seen):
        yield described(
            "coaching_difference_yes", float((seen == "yes").mean()), len(seen), math.nan
        )


def tool_measures(forms: Forms, form: str) -> Iterator[MeasureRow]:
    """Yield the share of forms, of those that answered, that name each tool, and any at all."""
    ticked = forms[form]["tools"].dropna()
    ticked = ticked[ticked != ""]
    if not len(ticked):
        return
    answered = response(forms, "review") if form == "review" else NOT_A_SURVEY
    named = split_codes(ticked)
    n = len(ticked)
    counts = named.value_counts()
    any_tool = int(named[named != "none"].groupby(level=0).size().gt(0).sum())
    yield measure(f"{form}_tools_any", share_with_interval(any_tool, n), n, answered)
    for tool in tool_labels():
        if tool != "none" and counts.get(tool, 0):
            yield measure(
                f"{form}_tools_{tool}", share_with_interval(int(counts[tool]), n), n, answered
            )
