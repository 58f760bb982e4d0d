"""Learning: what people said they knew before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pandas import DataFrame

from schemas.training import COMPOSITE
from tasks.training.forms import LEARNING, Forms, changes_per_person
from tasks.training.measure import NOT_A_SURVEY, MeasureRow, described, inferred, measure
from tasks.training.response import matched_response
from tasks.training.statistics import PairedChange, holm, paired_change, share_with_interval


def learning_measures(forms: Forms, *, in_full: bool) -> Iterator[MeasureRow]:
    """Yield the change from before to after of people who can be matched, and who cannot.

    Response is the share of those who came who can be matched: what happened to the others is not
    known, so they count as not having answered.

    Args:
        forms: of the group spoken of.
        in_full: every item apart from the composite, their p values adjusted together (Holm).
    """
    met = forms["pre_post"]
    answered = matched_response(forms, "pre_post")
    yield from changed("learning", COMPOSITE, met, answered)
    if in_full:
        for name in LEARNING:
            yield from changed("learning", name, met, answered)
        yield from adjusted(met, answered)
        yield from unmatched(forms)


def changed(prefix: str, name: str, met: DataFrame, answered: float) -> Iterator[MeasureRow]:
    """Yield everything about the change of one item or the composite."""
    found = paired_change(changes_per_person(met, name))
    if not found.n:
        return
    stem = f"{prefix}_{name}"
    for side in ("before", "after"):
        mean = float(met[f"{name}_{side}"].mean())
        yield described(f"{stem}_{side}_mean", mean, found.n, answered)
    yield measure(f"{stem}_mean_change", found.mean, found.n, answered)
    yield described(f"{stem}_d_z", found.d_z, found.n, answered)
    yield described(f"{stem}_g_z", found.g_z, found.n, answered)
    yield from inferred(f"{stem}_t_p", found.t_p, found.n, answered)
    yield from inferred(f"{stem}_wilcoxon_p", found.wilcoxon_p, found.n, answered)
    yield from moved(stem, found, answered)


def moved(stem: str, found: PairedChange, answered: float) -> Iterator[MeasureRow]:
    """Yield the shares that improved, stayed the same and got worse."""
    for name, count in (
        ("improved", found.improved),
        ("same", found.same),
        ("worse", found.worse),
    ):
        yield measure(f"{stem}_{name}", share_with_interval(count, found.n), found.n, answered)


def adjusted(met: DataFrame, answered: float) -> Iterator[MeasureRow]:
    """Yield the p values of the items adjusted for there being several (Holm).

    The composite was named before any data, so it is tested by itself.
    """
    found = {name: paired_change(changes_per_person(met, name)) for name in LEARNING}
    for test, p_values in (
        ("t_p_holm", [each.t_p for each in found.values()]),
        ("wilcoxon_p_holm", [each.wilcoxon_p for each in found.values()]),
    ):
        yield from _holm(test, list(found), p_values, [each.n for each in found.values()], answered)


def _holm(
    test: str, names: Sequence[str], p_values: Sequence[float], ns: Sequence[int], answered: float
) -> Iterator[MeasureRow]:
    for name, p, n in zip(names, holm(p_values), ns, strict=True):
        yield from inferred(f"learning_{name}_{test}", p, n, answered)


def unmatched(forms: Forms) -> Iterator[MeasureRow]:
    """Yield how many sent one form alone, and where they stood: are they like the others?"""
    for form, side in (("pre", "before"), ("post", "after")):
        alone, sent = forms[f"{form}_only"], len(forms[form])
        stood = alone[f"{COMPOSITE}_number"].dropna()
        if sent:
            yield described(f"learning_only_{side}", float(len(alone)), sent, NOT_A_SURVEY)
        if len(stood):
            name = f"learning_only_{side}_{COMPOSITE}_mean"
            yield described(name, float(stood.mean()), len(stood), NOT_A_SURVEY)
