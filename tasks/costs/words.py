"""What the variables and measures of the cost-benefit analysis are called, for readers."""

from __future__ import annotations

from functools import cache
from typing import Final

from schemas.authorities import reference_rows
from schemas.editions import COST_WORDS
from schemas.outcomes import OUTCOMES, PUBLISHED

_MEASURES: Final = {
    **COST_WORDS,
    "units_avoided": "Units avoided",
    "cost_set_up_pv": "Set-up cost, present value",
    "cost_running_pv": "Running cost, present value",
    "spend_reported_share": "Share of spending that was reported",
    "break_even_effect": "Effect at which it breaks even",
    "npv_after_optimism_bias": "After optimism bias: net present value",
    "bcr_after_optimism_bias": "After optimism bias: benefits for every pound of cost",
    "npv_minimum": "Least net present value drawn",
    "npv_lower_quartile": "Lower quartile of net present value",
    "npv_median": "Median of net present value",
    "npv_upper_quartile": "Upper quartile of net present value",
    "npv_maximum": "Greatest net present value drawn",
}
_THINGS: Final = {
    "care_foster": "foster care",
    "care_residential": "children's homes",
    "care_any": "care of any kind",
    "care": "care",
    "plans": "child protection plans",
    "cp_plan": "child protection plans",
    "cv": "how uncertain",
    "neet": "not in education, employment or training",
    "neet_16_17": "not in education, employment or training, aged 16 to 17",
    "neet_18_24": "not in education, employment or training, aged 18 to 24",
    "payer": "to",
}
_KINDS: Final = {
    "effect": "Effect on",
    "price": "Price:",
    "parameter": "Parameter:",
    "setting": "Setting:",
    "cashable share": "Cashable share:",
}
"""What a variable or input begins with, and what a reader meets instead."""


def measure_words(measure: str) -> str:
    """Return what a measure is called: `benefit_pv.cla_18m` and the like, its parts in words."""
    head, _, tail = measure.partition(".")
    named = _MEASURES.get(head, plain_words(head))
    return f"{named}: {', '.join(_part(part) for part in tail.split('.'))}" if tail else named


def variable_words(name: str) -> str:
    """Return what an uncertain variable, or an input, is called.

    Args:
        name: as `effect days_in_care_18m`, `price care_foster_week_2017` or `programme spend`.
    """
    for kind, words in _KINDS.items():
        if name.startswith(f"{kind} "):
            rest = name.removeprefix(f"{kind} ")
            parts = [rest] if rest in _items() else rest.split(".")
            return f"{words} {', '.join(_part(part) for part in parts)}"
    return name[:1].upper() + plain_words(name[1:])


def plain_words(name: str) -> str:
    """Return an identifier with spaces between its words."""
    return name.replace("_", " ").replace(".", " ")


def _part(part: str) -> str:
    """Return one part of a name: an outcome, a price, a thing; else with spaces."""
    if part in PUBLISHED:
        label = PUBLISHED[part].label
        return label[:1].lower() + label[1:]
    if part in OUTCOMES:
        return plain_words(part)
    return _items().get(part) or _THINGS.get(part) or plain_words(part)


@cache
def _items() -> dict[str, str]:
    """Return what each price is of, with its year: one thing may have several."""
    return {
        row["id"]: f"{row['item']}, {row['price_year']} prices"
        for row in reference_rows("unit_costs.csv")
    }
