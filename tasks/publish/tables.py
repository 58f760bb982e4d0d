"""Data files apart from the outcomes: effects, cost-benefit, training, completeness."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.digits import ESTIMATE, ROUNDED_TO, Digits, cost_digits
from schemas.editions import TOTAL_ITEM, TRAINING_WORDS, Symbol
from schemas.outcomes import PUBLISHED
from schemas.outcomes.publication import TimeSpan
from schemas.returns import RETURNS
from schemas.trial import MODEL_NAMES
from tasks.costs.words import measure_words, plain_words
from tasks.effects.registry import ESTIMATORS
from tasks.publish.ees import IDENTIFIERS, MODEL_FILTER, DataFile, Filter, Indicator, time_period
from tasks.publish.ees import places as geography
from tasks.publish.evaluation import coarse_counts, published_costs, published_estimates
from tasks.publish.numbers import digit_texts, printed_numbers

_POOLED: Final = "pooled"
_PROGRAMME: Final = "programme"
CURVE_POINT: Final = re.compile(r"exposure_time_curve_(\d+)")
_OF_ONE: Final = " in cluster "
_COUNTED: Final = re.compile(r"\d[\d,]*\s+(child|event|case|plan|young|people|form)")


_EFFECT_INDICATORS = (
    Indicator("estimate", "Estimate", places=4, figures=ESTIMATE.figures),
    Indicator("standard_error", "Standard error", places=4, figures=ESTIMATE.figures),
    Indicator("degrees_of_freedom", "Degrees of freedom", places=1, figures=ESTIMATE.figures),
    Indicator("interval_low", "95% interval, lower end", places=4, figures=ESTIMATE.figures),
    Indicator("interval_high", "95% interval, upper end", places=4, figures=ESTIMATE.figures),
    Indicator("p_value", "p value", places=4, figures=ESTIMATE.figures),
    Indicator("authorities_counted", "Number of authorities counted"),
    Indicator("children", f"Number of children, to the nearest {ROUNDED_TO}"),
    Indicator("events", f"Number with the outcome, to the nearest {ROUNDED_TO}"),
)


def effects_file(effects: DataFrame | None, outcomes: DataFrame, *, time: str) -> DataFile | None:
    """Return the effects as a data file; None when there are none.

    Args:
        effects: columns of `sfp effects`; never by authority.
        outcomes: the outcome table, to see that no rounded count gives a small difference away.
        time: quarter of the cut.
    """
    if effects is None or effects.empty:
        return None
    exact = effects.reset_index(drop=True)
    rows = published_estimates(exact)
    filters = {
        "outcome": rows["outcome"].map(_outcome_label),
        MODEL_FILTER: rows["model"].map(model_label),
        "estimator": Series(
            [_estimator_label(*pair) for pair in zip(rows["estimator"], rows["scale"], strict=True)]
        ),
    }
    counted = counts_behind(exact, outcomes)
    indicators = {
        "estimate": number_texts(rows["estimate"], ESTIMATE, 4),
        "standard_error": number_texts(rows["se"], ESTIMATE, 4),
        "degrees_of_freedom": number_texts(rows["df"], ESTIMATE, 1),
        "interval_low": number_texts(rows["ci_low"], ESTIMATE, 4),
        "interval_high": number_texts(rows["ci_high"], ESTIMATE, 4),
        "p_value": number_texts(rows["p"], ESTIMATE, 4),
        "authorities_counted": _numbers(rows["clusters"], 0),
        **counted,
    }
    labels = (
        Filter("outcome", "Outcome", "Choose an outcome", filters["outcome"].iloc[0]),
        model_filter(filters[MODEL_FILTER]),
        Filter("estimator", "Estimator", "The first is primary", filters["estimator"].iloc[0]),
    )
    return national_file(
        "effects",
        "Effects of the practice models",
        filters,
        indicators,
        labels,
        _EFFECT_INDICATORS,
        time,
    )


def counts_behind(rows: DataFrame, outcomes: DataFrame) -> dict[str, Series[str]]:
    """Return children and events, rounded; hidden where even so they would tell of a few."""
    found = {}
    for name, counts in coarse_counts(rows, outcomes).items():
        symbols = np.select([np.isnan(counts.tens), counts.hidden], ["x", Symbol.HIDDEN.value], "")
        found[name] = printed_numbers(
            Series(counts.tens), places=0, symbols=Series(symbols, dtype=str)
        )
    return found


_EXTREMES: Final = ("npv_minimum", "npv_maximum")
"""The least and the greatest of so many draws say how many were drawn, and of an estimate on few
degrees of freedom nothing else: not published."""


def costs_file(costs: DataFrame | None, *, time: str) -> DataFile | None:
    """Return the cost-benefit results as a data file; None when there are none."""
    if costs is None or costs.empty:
        return None
    kept = costs[~costs["measure"].isin(_EXTREMES)].reset_index(drop=True)
    if kept.empty:
        return None
    rows = published_costs(kept)
    filters = {
        MODEL_FILTER: rows["model"].map(model_label),
        "perspective": _words(rows["perspective"]),
        "measure": rows["measure"].map(measure_words) + ", " + rows["unit"].fillna("").map(str),
    }
    indicators = {
        "central_value": _cost_texts(rows, "value"),
        "interval_low": _cost_texts(rows, "low"),
        "interval_high": _cost_texts(rows, "high"),
    }
    declared = (
        Indicator("central_value", "Central value", places=2, figures=ESTIMATE.figures),
        Indicator("interval_low", "Interval, lower end", places=2, figures=ESTIMATE.figures),
        Indicator("interval_high", "Interval, upper end", places=2, figures=ESTIMATE.figures),
    )
    labels = (
        model_filter(filters[MODEL_FILTER]),
        Filter("perspective", "Perspective", "Whose costs", filters["perspective"].iloc[0]),
        Filter("measure", "Measure", "With its unit", filters["measure"].iloc[0]),
    )
    return national_file("costs", "Costs and benefits", filters, indicators, labels, declared, time)


def _cost_texts(rows: DataFrame, column: str) -> Series[str]:
    """Return one column of the results, each with the digits of its measure."""
    pairs = zip(rows["measure"], rows["unit"].fillna("").map(str), strict=True)
    digits = [cost_digits(str(measure), unit) for measure, unit in pairs]
    found = Series("", index=rows.index, dtype=str)
    for each in dict.fromkeys(digits):
        is_mine = np.array([one == each for one in digits])
        found = found.mask(is_mine, number_texts(rows[column], each, 2))
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_TRAINING_INDICATORS = (
    Indicator("central_value", "Central value", places=2),
    Indicator("interval_low", "95% interval, lower end", places=2),
    Indicator("interval_high", "95% interval, upper end", places=2),
    Indicator("forms", "Number of forms"),
    Indicator("authorities_counted", "Number of authorities counted"),
)


def training_file(training: DataFrame | None, *, time: str) -> DataFile | None:
    """Return the training figures of all authorities together; None when there are none."""
    if training is None:
        return None
    rows = programme_rows(training)
    if rows.empty:
        return None
    filters = training_names(rows)
    columns = {
        "central_value": ("value", 2),
        "interval_low": ("low", 2),
        "interval_high": ("high", 2),
        "forms": ("n", 0),
    }
    symbols = rows["status"].where(rows["status"].isin([Symbol.HIDDEN, Symbol.NOT_AVAILABLE]))
    numbers = {name: _numbers(rows[of], places) for name, (of, places) in columns.items()}
    counted = rows["la_codes"].str.split().map(len).astype(str)
    numbers["authorities_counted"] = counted.mask(symbols.eq(Symbol.HIDDEN.value), "c")
    indicators = {
        name: texts if name == "authorities_counted" else symbols.fillna(texts)
        for name, texts in numbers.items()
    }
    first = (
        TOTAL_ITEM if (filters["module"] == TOTAL_ITEM).any() else str(filters["module"].iloc[0])
    )
    labels = (
        Filter("module", "Module", "Choose a module", first),
        Filter("measure", "Measure", "Choose a measure", str(filters["measure"].iloc[0])),
    )
    return national_file(
        "training", "Training feedback", filters, indicators, labels, _TRAINING_INDICATORS, time
    )


def programme_rows(training: DataFrame) -> DataFrame:
    """Return the training figures that are of all authorities together."""
    return training[training["la_code"] == _PROGRAMME].reset_index(drop=True)


def training_names(rows: DataFrame) -> dict[str, Series[str]]:
    """Return module and measure of training figures as the data file calls them."""
    return {
        "module": _words(rows["module"]).replace("all", TOTAL_ITEM).map(_capital),
        "measure": rows["measure"].map(lambda name: TRAINING_WORDS.get(name, _as_words(name))),
    }


_RETURNS = ("due", "received", "in_force", "with_queries", "refused", "held")
_COMPLETENESS_INDICATORS = (
    Indicator("returns_due", "Returns due"),
    Indicator("returns_received", "Returns whose figures are counted"),
    Indicator("returns_in_force", "Returns accepted"),
    Indicator("returns_with_queries", "Returns accepted with queries"),
    Indicator("returns_refused", "Returns whose newest version was refused"),
    Indicator("returns_held", "Returns whose newest version is held"),
)


def completeness_file(table: DataFrame) -> DataFile | None:
    """Return how many returns were due, received and in force, by authority and quarter.

    How many were refused or are held as well: with or without an earlier version that counts.
    """
    if table.empty:
        return None
    accepted = table["state"].isin(["accepted", "accepted with queries"])
    counted = table.assign(
        due=1,
        received=table["received"].astype(bool).astype(int),
        in_force=(accepted & table["received"].astype(bool)).astype(int),
        with_queries=table["state"].eq("accepted with queries").astype(int),
        refused=table["unsettled"].eq("rejected").astype(int),
        held=table["unsettled"].eq("held").astype(int),
    )
    sums = _with_totals(counted)
    where = {la: geography("la", la) for la in table["la_code"].unique()}
    where[TOTAL_ITEM] = geography("total", TOTAL_ITEM)
    when = {quarter: time_period(TimeSpan.QUARTER, quarter) for quarter in sums["quarter"].unique()}
    rows = [
        (*when[quarter], *where[la])
        for quarter, la in zip(sums["quarter"], sums["la_code"], strict=True)
    ]
    frame = DataFrame(rows, columns=list(IDENTIFIERS)).assign(
        collection=sums["return_name"].map(return_title),
        **{f"returns_{name}": sums[name] for name in _RETURNS},
    )
    order = ["time_period", "time_identifier", "geographic_level", "new_la_code", "collection"]
    return DataFile(
        "completeness",
        "Returns due, received and in force",
        frame.astype(str).sort_values(order, ignore_index=True),
        (Filter("collection", "Return", "Choose a return", TOTAL_ITEM),),
        _COMPLETENESS_INDICATORS,
    )


def return_title(name: str) -> str:
    """Return what people call a return; the word for all of them as it is."""
    return RETURNS[name].title if name in RETURNS else plain_words(name)


def _with_totals(counted: DataFrame) -> DataFrame:
    """Return the sums by quarter, authority (or all) and return (or all)."""
    names = list(_RETURNS)
    keys = ["quarter", "la_code", "return_name"]
    parts = [
        counted.assign(**dict.fromkeys(over, TOTAL_ITEM)).groupby(keys, as_index=False)[names].sum()
        for over in ((), ("la_code",), ("return_name",), ("la_code", "return_name"))
    ]
    return pd.concat(parts, ignore_index=True)


def model_label(model: str) -> str:
    """Return the practice model as readers know it; all of them together are the total."""
    return MODEL_NAMES.get(model, TOTAL_ITEM)


def safe_note(note: str) -> str:
    """Return a note without the parts that count people, or say of one authority how many it has.

    Counts pass disclosure control alone, and so do none and all of them.
    """
    kept = [_of_all(part) for part in str(note).split("; ") if not _COUNTED.search(part)]
    return "; ".join(part for part in kept if part and part != "nan")


def _of_all(part: str) -> str:
    """Return a part of a note; of one about an authority only the status that it begins with."""
    if _OF_ONE not in part:
        return part
    status, colon, _ = part.partition(": ")
    return status if colon else ""


def _estimator_label(estimator: str, scale: str) -> str:
    """Return an estimator, or a point of its curve, as readers know it, with its scale."""
    base, _, variation = estimator.partition(":")
    point = CURVE_POINT.fullmatch(base)
    label = ESTIMATORS[base].label if base in ESTIMATORS else _as_words(base)
    if point:
        label = f"By exposure time, quarter {int(point[1])}"
    if variation:
        label = f"Primary, {_as_words(variation)}"
    return f"{label}, {_as_words(scale)}"


def _outcome_label(outcome: str) -> str:
    return PUBLISHED[outcome].label if outcome in PUBLISHED else outcome.replace("_", " ")


def _words(names: Series[Any]) -> Series[str]:
    """Return identifiers as words."""
    return names.map(_as_words)


def _as_words(name: Any) -> str:
    return re.sub(r"\s*[_:.]\s*", " ", str(name)).strip()


def _numbers(values: Series[Any], places: int) -> Series[str]:
    """Return the numbers as printed, `x` where there is none."""
    numbers = pd.to_numeric(values).astype(float)
    numbers = numbers.where(np.isfinite(numbers))
    symbols = Series(np.where(numbers.isna(), Symbol.NOT_AVAILABLE.value, ""), dtype=str)
    return printed_numbers(numbers, places=places, symbols=symbols)


def number_texts(values: Series[Any], digits: Digits, places: int) -> Series[str]:
    """Return the numbers with the digits that stand, `x` where there is none."""
    numbers = pd.to_numeric(values).astype(float)
    numbers = numbers.where(np.isfinite(numbers))
    symbols = Series(np.where(numbers.isna(), Symbol.NOT_AVAILABLE.value, ""), dtype=str)
    return digit_texts(numbers, digits=digits, places=places, symbols=symbols)


def model_filter(models: Series[str]) -> Filter:
    """Return the filter by practice model; shown first is the total, where there is one."""
    default = TOTAL_ITEM if (models == TOTAL_ITEM).any() else str(models.iloc[0])
    return Filter(MODEL_FILTER, "Practice model", "Total is all models together", default)


def national_file(
    name: str,
    title: str,
    filters: Mapping[str, Series[str]],
    indicators: Mapping[str, Series[str]],
    labels: Sequence[Filter],
    declared: Sequence[Indicator],
    time: str,
) -> DataFile:
    """Return a data file of national rows at one time, `z` where a combination has none.

    A filter that would have one item alone is left out: it tells nothing.
    """
    varying = [f for f in labels if filters[f.name].nunique() > 1]
    rows = DataFrame({**{f.name: filters[f.name] for f in varying}, **indicators})
    keys = [f.name for f in varying]
    rows = _every_combination(rows.drop_duplicates(keys), keys)
    period, identifier = time_period(TimeSpan.QUARTER, time)
    fixed = (period, identifier, *geography("total", TOTAL_ITEM))
    frame = pd.concat(
        [DataFrame([fixed] * len(rows), columns=list(IDENTIFIERS)), rows.reset_index(drop=True)],
        axis=1,
    )
    return DataFile(name, title, frame, tuple(varying), tuple(declared))


def _every_combination(rows: DataFrame, keys: list[str]) -> DataFrame:
    """Return the rows in order of first appearance of their items, none missing."""
    items: Iterable[Any] = itertools.product(*(rows[key].drop_duplicates() for key in keys))
    every = DataFrame(list(items), columns=keys)
    return every.merge(rows, how="left", on=keys).fillna(Symbol.NOT_APPLICABLE.value)
