"""What arithmetic on published effects and costs gives away of exact counts of children.

Children exposed are published to the nearest ten, and everything else of the costs is worked out
from that. So no number may have more digits than are declared, and a quotient that is a number of
children (net present value by net saving for each child; children kept from care by the effect)
must agree with some whole ten.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from pandas import DataFrame

from schemas.digits import (
    AS_IT_IS,
    ESTIMATE,
    INPUT_DIGITS,
    MONEY,
    MONEY_EACH,
    MONEY_UNIT,
    PEOPLE,
    Digits,
    cost_digits,
)
from schemas.editions import TOTAL_ITEM
from schemas.prices import ENTRY_OUTCOME
from schemas.trial import MODEL_NAMES
from tasks.publish.ees import csv_texts

FINER: Final = "effects or costs are printed with more digits than declared"
EXACT_COUNT: Final = "a quotient of costs is an exact number of children"
_COSTS: Final = "data/costs.csv"
_EFFECTS: Final = "data/effects.csv"
_INPUTS: Final = "cost_inputs.csv"
_COST_NUMBERS: Final = ("central_value", "interval_low", "interval_high")
_PEOPLE_COLUMNS: Final = ("children", "events")
_HAIR: Final = 1e-9

_Interval = tuple[float, float]


def evaluation_leaks(public: Mapping[str, bytes]) -> dict[str, int]:
    """Return how often effects, costs and their inputs break each rule."""
    costs, effects, inputs = (_texts(public, path) for path in (_COSTS, _EFFECTS, _INPUTS))
    numbers = [*_cost_numbers(costs), *_effect_numbers(effects), *_input_numbers(inputs)]
    finer = sum(_is_finer(text, digits) for text, digits in numbers)
    counts = [*_net_quotients(costs), *_kept_quotients(costs, inputs)]
    return {FINER: finer, EXACT_COUNT: sum(not _holds_a_step(found) for found in counts)}


def _texts(public: Mapping[str, bytes], path: str) -> DataFrame:
    return csv_texts(public[path]) if path in public else DataFrame()


def _is_finer(text: str, digits: Digits) -> bool:
    """Return whether a printed number has digits that were to be rounded away."""
    number = _number(text)
    if number is None:
        return False
    decimals = len(text.partition("e")[0].partition(".")[2])
    off = abs(float(digits.rounded(number)) - number)
    # A number that was rounded as declared may be printed with fewer decimals, never with more.
    return off > max(_HAIR, _HAIR * abs(number)) and off >= 0.5 * 10.0**-decimals


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _cost_numbers(costs: DataFrame) -> Iterator[tuple[str, Digits]]:
    for row in costs.to_dict("records"):
        digits = _measure_digits(str(row["measure"]))
        yield from ((str(row[name]), digits) for name in _COST_NUMBERS)


def _measure_digits(measure: str) -> Digits:
    """Return how coarse a result is, from its measure and unit as the files name it."""
    name, _, unit = measure.partition(f", {MONEY_UNIT}")
    if unit:
        return cost_digits(name.replace(" ", "_"), MONEY_UNIT)
    if measure.startswith("children exposed"):
        return PEOPLE
    return AS_IT_IS if "years after" in measure else ESTIMATE


def _effect_numbers(effects: DataFrame) -> Iterator[tuple[str, Digits]]:
    named = ("estimate", "standard_error", "interval_low", "interval_high", "p_value")
    for row in effects.to_dict("records"):
        yield from ((str(row[name]), ESTIMATE) for name in named)
        yield from ((str(row[name]), PEOPLE) for name in _PEOPLE_COLUMNS)


def _input_numbers(inputs: DataFrame) -> Iterator[tuple[str, Digits]]:
    for row in inputs.to_dict("records"):
        is_count = row["unit"] == "children"
        digits = PEOPLE if is_count else INPUT_DIGITS.get(str(row["origin"]), AS_IT_IS)
        yield from ((str(row[name]), digits) for name in ("value", "spread"))


def _of(costs: DataFrame, start: str) -> dict[tuple[str, str], DataFrame]:
    """Return the rows of one measure by practice model and perspective."""
    if costs.empty:
        return {}
    rows = costs[costs["measure"].str.startswith(start)]
    keys = {name: rows.get(name, TOTAL_ITEM) for name in _KEYS}
    found = rows.assign(**keys)
    return {(str(a), str(b)): part for (a, b), part in found.groupby(list(_KEYS))}


_KEYS: Final = ("practice_model", "perspective")


def _net_quotients(costs: DataFrame) -> Iterator[_Interval]:
    """Yield where net present value by net saving for each child says that the number lies."""
    each = _of(costs, "net saving per child referred")
    for key, totals in _of(costs, "Net present value").items():
        for name in _COST_NUMBERS if key in each else ():
            total = _interval(str(totals[name].iloc[0]), MONEY)
            child = _interval(str(each[key][name].iloc[0]), MONEY_EACH)
            found = _quotient(total, child)
            if found is not None:
                yield found


def _kept_quotients(costs: DataFrame, inputs: DataFrame) -> Iterator[_Interval]:
    """Yield where children kept from care by the effect says that the number lies."""
    effects = {}
    for row in inputs.to_dict("records"):
        if row["input"] == f"effect {ENTRY_OUTCOME}":
            effects[MODEL_NAMES.get(str(row["model"]), TOTAL_ITEM)] = str(row["value"])
    for (model, _), rows in _of(costs, "Children kept from care").items():
        kept = _interval(str(rows["central_value"].iloc[0]), ESTIMATE)
        effect = _interval(effects.get(model, ""), ESTIMATE)
        found = _quotient(kept, effect)
        if found is not None:
            yield found


def _interval(text: str, digits: Digits) -> _Interval | None:
    """Return where the size of the number lies that was printed so."""
    number = _number(text)
    if number is None or number == 0:
        return None
    decimals = len(text.partition(".")[2])
    half = 0.5 * 10.0**-decimals if _is_finer(text, digits) else digits.half_step(number)
    half = max(half, 0.5 * 10.0**-decimals if decimals else 0.0)
    return abs(number) - half, abs(number) + half


def _quotient(top: _Interval | None, bottom: _Interval | None) -> _Interval | None:
    if top is None or bottom is None or top[0] <= 0 or bottom[0] <= 0:
        return None
    return top[0] / bottom[1], top[1] / bottom[0]


def _holds_a_step(found: _Interval) -> bool:
    """Return whether a whole ten lies in the interval."""
    return math.floor(found[1] / PEOPLE.step + _HAIR) * PEOPLE.step >= found[0] - _HAIR
