"""Data files and their metadata, in the form of Explore Education Statistics."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd
from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.digits import RATE
from schemas.editions import (
    COUNTRY_CODE,
    COUNTRY_NAME,
    LOCAL_AUTHORITY,
    META_COLUMNS,
    NATIONAL,
    RELIABLE_FROM,
    TOTAL_ITEM,
    Symbol,
)
from schemas.outcomes import PUBLISHED, OutcomeTable
from schemas.outcomes.publication import (
    MEASURE_LABELS,
    WORKFORCE_TABLE,
    TimeSpan,
    ValueMeasure,
)
from schemas.quarter import Quarter
from schemas.trial import MODEL_NAMES
from tasks.disclose.earlier import HELD, SIDES
from tasks.disclose.figures import LA, MODEL
from tasks.publish.numbers import digit_texts, printed_numbers

IDENTIFIERS: Final = (
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
)
FINANCIAL_YEAR: Final = "Financial year"
VALUE_PLACES: Final = 1
RATE_PLACES: Final = 3


@dataclass(frozen=True)
class Filter:
    """One filter of a data file.

    Attributes:
        name: of the column.
        label: what people call it.
        hint: how to choose.
        default: item shown first.
    """

    name: str
    label: str
    hint: str
    default: str


@dataclass(frozen=True)
class Indicator:
    """One indicator of a data file.

    Attributes:
        name, label: of the column, and what people call it.
        unit: blank, %, pp, £.
        places: decimals; the most of them where the digits are `figures`.
        figures: significant figures, where each number has the digits that stand; 0 where every
            one has `places` decimals.
    """

    name: str
    label: str
    unit: str = ""
    places: int = 0
    figures: int = 0


@dataclass(frozen=True)
class DataFile:
    """One table in its published form, every cell a text.

    Attributes:
        name: stem of the two files.
        title: what people call it.
        frame: identifiers, filters, indicators, sorted.
        filters, indicators: in order of column.
        held: labels of the rows in which an earlier edition's number is repeated.
    """

    name: str
    title: str
    frame: DataFrame
    filters: tuple[Filter, ...]
    indicators: tuple[Indicator, ...]
    held: frozenset[int] = frozenset()

    @property
    def meta(self) -> DataFrame:
        """The rows of the metadata file."""
        filters = [
            (f.name, "Filter", f.label, "", "", "", f.hint, "", f.default) for f in self.filters
        ]
        indicators = [
            (i.name, "Indicator", i.label, "", i.unit, str(i.places), "", "", "")
            for i in self.indicators
        ]
        return DataFrame([*filters, *indicators], columns=list(META_COLUMNS))


def table_csv(frame: DataFrame) -> bytes:
    """Return the frame as CSV: UTF-8, commas, line feeds, quotes only where needed."""
    return frame.to_csv(index=False, lineterminator="\n").encode()


def csv_texts(content: bytes) -> DataFrame:
    """Return a published table, every cell as it was printed."""
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, na_filter=False)


def time_period(span: TimeSpan, time: str) -> tuple[str, str]:
    """Return time_period and time_identifier: `202526` with `Financial year Q1`, or the year's."""
    years = time[:4] + time[5:7]
    if span is TimeSpan.QUARTER:
        return years, f"{FINANCIAL_YEAR} Q{Quarter.parse(time).number}"
    return years, FINANCIAL_YEAR


def places(level: str, place: str) -> tuple[str, ...]:
    """Return the geography columns of a row, from geographic_level to la_name."""
    if level != LA:
        return (NATIONAL, COUNTRY_CODE, COUNTRY_NAME, "", "", "", "", "")
    la = authorities()[place]
    return (
        LOCAL_AUTHORITY,
        COUNTRY_CODE,
        COUNTRY_NAME,
        la.region_code,
        la.region_name,
        la.old_la_code,
        la.la_code,
        la.la_name,
    )


OUTCOME_FILTER: Final = "outcome"
MODEL_FILTER: Final = "practice_model"


def outcome_file(table: OutcomeTable, shown: DataFrame) -> DataFile | None:
    """Return one outcome table as a data file; None when there is nothing to put in it.

    Every location has a row for every time and outcome of the table: `z` where the outcome does
    not apply there (another model's, or outside its referral window).

    Args:
        table: which outcomes, over which span.
        shown: rows after disclosure control (`tasks.disclose.control.Controlled.rows`).
    """
    labels = {name: one.label for name, one in table.outcomes.items()}
    mine = shown[(shown["span"] == table.span) & shown["outcome"].isin(list(labels))]
    if mine.empty:
        return None
    whole = _completed(mine)
    indicators = _indicators(table)
    frame = pd.concat(
        [
            _identified(whole, table.span),
            DataFrame(
                {
                    OUTCOME_FILTER: whole["outcome"].map(labels),
                    MODEL_FILTER: _model_names(whole),
                }
            ),
            _indicator_columns(whole, table, indicators),
            DataFrame({HELD: _is_held(whole)}),
        ],
        axis=1,
    )
    ordered = _sorted(frame)
    held = frozenset(ordered.index[ordered.pop(HELD)].tolist())
    return DataFile(table.name, table.title, ordered, _filters(table), indicators, held)


def _is_held(whole: DataFrame) -> Series[bool]:
    """Return whether a count of the row is one that an earlier edition showed."""
    return (whole[[f"{side}_state" for side in SIDES]] == HELD).any(axis=1)


def _completed(mine: DataFrame) -> DataFrame:
    """Return the rows with one more, not applicable, for every combination that has none."""
    places = mine[["level", "place"]].drop_duplicates()
    times = mine[["span", "time"]].drop_duplicates()
    outcomes = mine[["outcome"]].drop_duplicates()
    every = places.merge(times, how="cross").merge(outcomes, how="cross")
    whole = every.merge(mine, how="left", on=["outcome", "level", "place", "span", "time"])
    symbols = [name for name in whole.columns if name.endswith("_symbol")]
    whole[symbols] = whole[symbols].fillna(Symbol.NOT_APPLICABLE.value)
    return whole.assign(authorities=whole["authorities"].fillna(0))


def _identified(whole: DataFrame, span: TimeSpan) -> DataFrame:
    """Return the identifier columns of the rows."""
    times = {time: time_period(span, time) for time in whole["time"].unique()}
    where = {
        pair: places(*pair)
        for pair in whole[["level", "place"]].drop_duplicates().itertuples(index=False, name=None)
    }
    pairs = zip(whole["time"], whole["level"], whole["place"], strict=True)
    rows = [(*times[time], *where[level, place]) for time, level, place in pairs]
    return DataFrame(rows, columns=list(IDENTIFIERS))


def _model_names(whole: DataFrame) -> Series[str]:
    return whole["place"].map(MODEL_NAMES).where(whole["level"] == MODEL, TOTAL_ITEM)


def _filters(table: OutcomeTable) -> tuple[Filter, ...]:
    first = next(iter(table.outcomes.values())).label
    return (
        Filter(OUTCOME_FILTER, "Outcome", "Choose an outcome", first),
        Filter(
            MODEL_FILTER,
            "Practice model",
            "Each adds up one set of authorities: see totals.csv",
            TOTAL_ITEM,
        ),
    )


def _indicators(table: OutcomeTable) -> tuple[Indicator, ...]:
    """Return numerator, denominator, the value columns the table needs, authorities counted."""
    count_places = 1 if table.holds == WORKFORCE_TABLE else 0
    values = tuple(_value_indicator(measure) for measure in table.measures)
    return (
        Indicator("numerator", "Number with the outcome", places=count_places),
        Indicator("denominator", "Number it is out of", places=count_places),
        *values,
        Indicator("authorities_counted", "Number of authorities counted"),
    )


def _value_indicator(measure: ValueMeasure) -> Indicator:
    label = MEASURE_LABELS[measure]
    if measure is ValueMeasure.RATE:
        return Indicator(measure.value, label, places=RATE_PLACES, figures=RATE.figures)
    unit = "%" if measure is ValueMeasure.PERCENTAGE else ""
    return Indicator(measure.value, label, unit, VALUE_PLACES)


def _indicator_columns(
    whole: DataFrame, table: OutcomeTable, indicators: tuple[Indicator, ...]
) -> DataFrame:
    count_places = indicators[0].places
    measures = {name: one.measure.value for name, one in table.outcomes.items()}
    measure_of = whole["outcome"].map(measures)
    columns = {
        side: printed_numbers(whole[side], places=count_places, symbols=whole[f"{side}_symbol"])
        for side in ("numerator", "denominator")
    }
    symbols = whole["value_symbol"].where(~_is_unreliable(whole, table), Symbol.UNRELIABLE.value)
    values = value_texts(whole.assign(value_symbol=symbols))
    for measure in table.measures:
        columns[measure.value] = values.where(measure_of == measure.value, "z")
    columns["authorities_counted"] = whole["authorities"].astype(int).astype(str)
    return DataFrame(columns)


def value_texts(rows: DataFrame) -> Series[str]:
    """Return the values of outcomes as they are printed wherever they stand.

    One decimal; of a rate for 10,000 children three significant figures, because a change of it
    would not show in fewer. It says no more than numerator and denominator, which stand alongside.

    Args:
        rows: outcome, value, value_symbol.
    """
    rates = [name for name, one in PUBLISHED.items() if one.measure is ValueMeasure.RATE]
    values, symbols = rows["value"], rows["value_symbol"]
    return printed_numbers(values, places=VALUE_PLACES, symbols=symbols).mask(
        rows["outcome"].isin(rates),
        digit_texts(values, digits=RATE, places=RATE_PLACES, symbols=symbols),
    )


def _is_unreliable(whole: DataFrame, table: OutcomeTable) -> Series[bool]:
    """Return whether the value is a mean over fewer people than may be relied on."""
    means = {name for name, shown in table.outcomes.items() if shown.measure.is_mean}
    few = whole["outcome"].isin(means) & (whole["denominator"] < RELIABLE_FROM)
    return few & (whole["value_symbol"] == "")


def _sorted(frame: DataFrame) -> DataFrame:
    """Return the rows in the one order they are always published in."""
    order = ["time_period", "time_identifier", "geographic_level", "new_la_code"]
    rest: Iterable[str] = [name for name in frame.columns if name in (OUTCOME_FILTER, MODEL_FILTER)]
    return frame.sort_values([*order, *rest], ignore_index=True)
