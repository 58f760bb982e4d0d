"""The last gate: every rule of the DfE open-data form, read back from the bytes to be published.

The rules are those of DfE's screener, failures and warnings alike, and stricter where the screener
is known to let things pass: strange numbers, blank indicators, indicators without a column,
authorities in the wrong region or under a retired code, missing combinations. A breach names the
table and the rule, never a value.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import pandas as pd
from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.editions import (
    COUNTRY_CODE,
    COUNTRY_NAME,
    LOCAL_AUTHORITY,
    META_COLUMNS,
    NATIONAL,
    TOTAL_ITEM,
    Symbol,
)
from tasks.publish.ees import IDENTIFIERS

REQUIRED: Final = IDENTIFIERS[:5]
REGION: Final = ("region_code", "region_name")
AUTHORITY: Final = ("new_la_code", "la_name", "old_la_code")
QUARTERS: Final = tuple(f"Financial year Q{number}" for number in (1, 2, 3, 4))
IDENTIFIER_GROUPS: Final = (frozenset({"Financial year"}), frozenset(QUARTERS))
UNITS: Final = frozenset({"", "%", "pp", "£", "£m", "numberstring"})
INDICATOR_ONLY: Final = ("indicator_grouping", "indicator_unit", "indicator_dp")
FILTER_ONLY: Final = ("filter_hint", "filter_grouping_column", "filter_default")
OPTIONAL_META: Final = ("filter_default", "parent_filter")

# Names the service would read as protected characteristics, found anywhere inside a name.
REFUSED_IN_INDICATORS: Final = re.compile(
    "male|female|asian|chinese|indian|pakistani|bangladeshi|black|african|caribbean|white|roma|"
    "irish|english|british|scottish|welsh|arab"
)
UNIT_LIKE: Final = re.compile(
    r"(country|sch|prov|inst|estab|reg|la|local|rsc|pfa|pcon|lep|mca|oa|ward|mat).*"
    r"(name|code|urn|ukprn|number|upin|id)"
)
NULLS: Final = frozenset({"NULL", "Null", "null", "NA", "na", "N/A", "n/a", ".", "..", "-"})
NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
SNAKE: Final = re.compile(r"[a-z][a-z0-9_]*")
STEM: Final = re.compile(r"[a-z0-9_-]+")
SYMBOLS: Final = frozenset({*(symbol.value for symbol in Symbol), "k"})
MAY_BE_NEGATIVE: Final = frozenset({"estimate", "interval_low", "interval_high", "central_value"})
LONGEST_NAME: Final = 50
LONGEST_LABEL: Final = 80
LONGEST_ITEM: Final = 120
LONGEST_CODE: Final = 30
MOST_ITEMS: Final = 25_000
SIX_DIGITS: Final = 6


@dataclass(frozen=True)
class Breach:
    """One rule that a table breaks: no value, only how often."""

    table: str
    rule: str
    words: str


@dataclass(frozen=True)
class Pair:
    """A data file and its metadata, read back as text.

    Attributes:
        name: stem of both.
        data, meta: every cell a text.
    """

    name: str
    data: DataFrame
    meta: DataFrame

    @property
    def filters(self) -> list[str]:
        """Names of the filters that are columns of the data."""
        return self._of_type("Filter")

    @property
    def indicators(self) -> list[str]:
        """Names of the indicators that are columns of the data."""
        return self._of_type("Indicator")

    def _of_type(self, kind: str) -> list[str]:
        names = self.meta.loc[self.meta["col_type"] == kind, "col_name"]
        return [name for name in names if name in self.data.columns]


_Rule = Callable[[Pair], Iterator[tuple[str, str]]]


def breaches(name: str, data: bytes, meta: bytes) -> list[Breach]:
    """Return every rule that a data file or its metadata breaks; empty when it may be published.

    Args:
        name: stem of both files.
        data: bytes of `name.csv`.
        meta: bytes of `name.meta.csv`.
    """
    try:
        pair = Pair(name, _read(data), _read(meta))
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        return [Breach(name, "file_unreadable", "not a table of commas in UTF-8")]
    found = [Breach(name, *breach) for rule in FIRST_RULES for breach in rule(pair)]
    if found:
        return found
    return [Breach(name, *breach) for rule in _RULES for breach in rule(pair)]


def _read(content: bytes) -> DataFrame:
    text = content.decode("utf-8")
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False)


def _counted(rule: str, words: str, wrong: Series[bool]) -> Iterator[tuple[str, str]]:
    """Yield the rule when anything is wrong, with how often."""
    count = int(wrong.sum())
    if count:
        yield rule, f"{words} ({count:,} of {len(wrong):,})"


def _named(rule: str, words: str, names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the rule when there are names that break it."""
    if names:
        yield rule, f"{words}: {', '.join(sorted(names))}"


# What must hold before anything else can be looked at.


def _file_name(pair: Pair) -> Iterator[tuple[str, str]]:
    if not STEM.fullmatch(pair.name) or len(pair.name) > LONGEST_NAME:
        yield "file_name", "needs small letters, digits, - or _, at most 50"


def _has_rows(pair: Pair) -> Iterator[tuple[str, str]]:
    if pair.data.empty or pair.meta.empty:
        yield "file_empty", "needs at least one row in each file"


def _required_columns(pair: Pair) -> Iterator[tuple[str, str]]:
    missing = [name for name in REQUIRED if name not in pair.data.columns]
    yield from _named("columns_missing", "data file lacks", missing)
    needed = [name for name in META_COLUMNS if name not in pair.meta.columns]
    missing = [name for name in needed if name not in OPTIONAL_META]
    yield from _named("meta_columns_missing", "metadata lacks", missing)
    more = [n for n in pair.meta.columns if n not in (*META_COLUMNS, *OPTIONAL_META)]
    yield from _named("meta_columns_unknown", "metadata has also", more)


def _indicators_present(pair: Pair) -> Iterator[tuple[str, str]]:
    named = pair.meta["col_name"] if "col_name" in pair.meta.columns else Series(dtype=str)
    missing = [name for name in named if name not in pair.data.columns]
    yield from _named("meta_without_column", "described but not in the data", missing)
    yield from _counted("meta_name_twice", "a column is described twice", named.duplicated())


FIRST_RULES: Final[tuple[_Rule, ...]] = (
    _file_name,
    _has_rows,
    _required_columns,
    _indicators_present,
)


# Time.


def _time_identifiers(pair: Pair) -> Iterator[tuple[str, str]]:
    met = frozenset(pair.data["time_identifier"])
    if not any(met <= group for group in IDENTIFIER_GROUPS):
        yield "time_identifier", "needs financial years, or quarters of them, never both"


def _time_periods(pair: Pair) -> Iterator[tuple[str, str]]:
    wrong = ~pair.data["time_period"].map(_is_financial_year)
    yield from _counted("time_period", "needs six digits of two years in a row", wrong)


@cache
def _is_financial_year(text: str) -> bool:
    is_long = len(text) == SIX_DIGITS and text.isascii() and text.isdigit()
    return is_long and (int(text[:4]) + 1) % 100 == int(text[4:])


# Geography.


def _levels(pair: Pair) -> Iterator[tuple[str, str]]:
    known = pair.data["geographic_level"].isin([NATIONAL, LOCAL_AUTHORITY])
    yield from _counted("geographic_level", "needs National or Local authority", ~known)
    country = (pair.data["country_code"] == COUNTRY_CODE) & (
        pair.data["country_name"] == COUNTRY_NAME
    )
    yield from _counted("country", "needs England with its code", ~country)


def _blank_where_level_does_not_apply(pair: Pair) -> Iterator[tuple[str, str]]:
    national = pair.data[pair.data["geographic_level"] == NATIONAL]
    for name in (*REGION, *AUTHORITY):
        if name in national.columns:
            yield from _counted("geog_overcompleted", f"{name} in a row", national[name] != "")


def _authorities(pair: Pair) -> Iterator[tuple[str, str]]:
    rows = pair.data[pair.data["geographic_level"] == LOCAL_AUTHORITY]
    if rows.empty:
        return
    missing = [name for name in (*REGION, *AUTHORITY) if name not in rows.columns]
    yield from _named("la_columns_missing", "authority rows need", missing)
    if missing:
        return
    names = [*AUTHORITY, *REGION, "time_period"]
    places = rows[names].drop_duplicates()
    unknown = Series([_known(*row[:5]) for row in places.itertuples(index=False)], dtype=bool)
    yield from _counted("la_unknown", "code, number, name and region are not one", ~unknown)
    retired = Series(
        [_retired(row[0], row[5]) for row in places.itertuples(index=False)], dtype=bool
    )
    yield from _counted("la_retired", "the code was not in use any more", retired)


def _known(code: str, name: str, old: str, region_code: str, region_name: str) -> bool:
    la = authorities().get(code)
    if la is None:
        return False
    declared = (la.la_name, la.old_la_code, la.region_code, la.region_name)
    return declared == (name, old, region_code, region_name)


def _retired(code: str, period: str) -> bool:
    """Return whether the code had ended before the financial year began."""
    la = authorities().get(code)
    if la is None or la.valid_to is None or not _is_financial_year(period):
        return False
    return la.valid_to < date(int(period[:4]), 4, 1)


def _no_totals_in_places(pair: Pair) -> Iterator[tuple[str, str]]:
    for name in IDENTIFIERS:
        if name in pair.data.columns:
            wrong = pair.data[name].str.lower().isin(["total", "all"])
            yield from _counted("total_in_identifier", f"{name} holds a total", wrong)


# Metadata.


def _meta_names(pair: Pair) -> Iterator[tuple[str, str]]:
    names = pair.meta["col_name"]
    wrong = [n for n in names if not SNAKE.fullmatch(n) or len(n) > LONGEST_NAME]
    yield from _named("column_name", "needs snake case, at most 50", wrong)
    yield from _named("meta_identifier", "is place or time", [n for n in names if n in IDENTIFIERS])
    if len(pair.meta) > len(pair.data.columns) - len(REQUIRED):
        yield "meta_rows", "more rows than columns they could describe"


def _meta_types(pair: Pair) -> Iterator[tuple[str, str]]:
    meta = pair.meta
    known = meta["col_type"].isin(["Filter", "Indicator"])
    yield from _counted("meta_type", "needs Filter or Indicator", ~known)
    for kind, names in (("Filter", INDICATOR_ONLY), ("Indicator", FILTER_ONLY)):
        mine = meta[meta["col_type"] == kind]
        for name in names:
            if name in mine.columns:
                words = f"{name} must be blank for type {kind}"
                yield from _counted("meta_not_blank", words, mine[name] != "")


def _meta_labels(pair: Pair) -> Iterator[tuple[str, str]]:
    labels = pair.meta["label"]
    yield from _counted("meta_label_blank", "a label is missing", labels.str.strip() == "")
    yield from _counted("meta_label_twice", "a label is used twice", labels.duplicated())
    yield from _counted("meta_label_long", "more than 80", labels.str.len() > LONGEST_LABEL)


def _meta_units(pair: Pair) -> Iterator[tuple[str, str]]:
    mine = pair.meta[pair.meta["col_type"] == "Indicator"]
    yield from _counted("meta_unit", "unit not known", ~mine["indicator_unit"].isin(UNITS))
    whole = mine["indicator_dp"].str.fullmatch(r"\d+")
    yield from _counted("meta_dp", "needs a whole number of decimals", ~whole)


def _only_described(pair: Pair) -> Iterator[tuple[str, str]]:
    described = {*IDENTIFIERS, *pair.meta["col_name"], *pair.meta["filter_grouping_column"]}
    more = [name for name in pair.data.columns if name not in described]
    yield from _named("column_not_described", "in the data but not in the metadata", more)


# Names the service refuses.


def _indicator_names(pair: Pair) -> Iterator[tuple[str, str]]:
    wrong = [n for n in pair.indicators if REFUSED_IN_INDICATORS.search(n)]
    yield from _named("indicator_name", "holds a word the service refuses", wrong)


def _filter_names(pair: Pair) -> Iterator[tuple[str, str]]:
    wrong = [name for name in pair.filters if UNIT_LIKE.fullmatch(name)]
    yield from _named("filter_name", "reads as a unit of observation", wrong)
    wrong = [name for name in pair.filters if name.startswith("characteristic")]
    yield from _named("filter_characteristic", "is reserved", wrong)


# Filters.


def _filter_items(pair: Pair) -> Iterator[tuple[str, str]]:
    for name in pair.filters:
        items = Series(pair.data[name].unique(), dtype=str)
        yield from _counted("filter_blank", f"{name} is blank", items == "")
        yield from _counted("filter_spaces", f"{name} has outer spaces", items != items.str.strip())
        yield from _counted("filter_long", f"{name} is too long", items.str.len() > LONGEST_ITEM)
        if not 1 < len(items) <= MOST_ITEMS:
            yield "filter_levels", f"{name} has {len(items):,} items (needs 2 to 25,000)"


def _filter_totals(pair: Pair) -> Iterator[tuple[str, str]]:
    meta = pair.meta.set_index("col_name")
    for name in pair.filters:
        default = meta["filter_default"].get(name, "") if "filter_default" in meta.columns else ""
        if (default or TOTAL_ITEM) not in set(pair.data[name]):
            yield "filter_default", f"{name} has neither a total nor its default"


def _filter_groups(pair: Pair) -> Iterator[tuple[str, str]]:
    for row in pair.meta.to_dict("records"):
        group, name = row["filter_grouping_column"], row["col_name"]
        if group and group not in pair.data.columns:
            yield "filter_group_missing", f"{group} is not a column"
        elif group and pair.data[group].nunique() > pair.data[name].nunique():
            yield "filter_groups", f"{group} has more groups than {name} has items"


def _no_row_twice(pair: Pair) -> Iterator[tuple[str, str]]:
    keys = [name for name in (*IDENTIFIERS, *pair.filters) if name in pair.data.columns]
    yield from _counted("row_twice", "time, place and filters", pair.data.duplicated(keys))


def _whole_matrix(pair: Pair) -> Iterator[tuple[str, str]]:
    """Every place of a level has every time and combination of filter items met at that level."""
    place = [name for name in IDENTIFIERS[2:] if name in pair.data.columns]
    when = ["time_period", "time_identifier"]
    for level, rows in pair.data.groupby("geographic_level"):
        combinations = len(rows[pair.filters].drop_duplicates()) if pair.filters else 1
        needed = len(rows[place].drop_duplicates()) * len(rows[when].drop_duplicates())
        if len(rows) != needed * combinations:
            yield "matrix", f"{level}: {len(rows):,} rows (needs {needed * combinations:,})"


# Cells.


def _no_nulls(pair: Pair) -> Iterator[tuple[str, str]]:
    for name in pair.data.columns:
        wrong = Series(pair.data[name].unique(), dtype=str).isin(NULLS)
        yield from _counted("null_text", f"{name} holds a word for nothing", wrong)


def _numbers_or_symbols(pair: Pair) -> Iterator[tuple[str, str]]:
    places = dict(zip(pair.meta["col_name"], pair.meta["indicator_dp"], strict=True))
    for name in pair.indicators:
        cells = Series(pair.data[name].unique(), dtype=str)
        numbers = cells[~cells.isin(SYMBOLS)]
        plain = numbers.map(lambda cell: NUMBER.fullmatch(cell) is not None).astype(bool)
        yield from _counted("indicator_cell", f"{name}: neither number nor symbol", ~plain)
        negative = numbers[plain].str.startswith("-")
        if name not in MAY_BE_NEGATIVE:
            yield from _counted("indicator_negative", f"{name} is below zero", negative)
        yield from _decimals(name, numbers[plain], places[name])


def _decimals(name: str, numbers: Series[str], places: str) -> Iterator[tuple[str, str]]:
    if places.isdigit():
        wrong = numbers.map(lambda number: len(number.partition(".")[2])) > int(places)
        yield from _counted("indicator_decimals", f"{name} has more than {places} decimals", wrong)


def _codes_short(pair: Pair) -> Iterator[tuple[str, str]]:
    for name in ("country_code", "region_code", "new_la_code", "old_la_code"):
        if name in pair.data.columns:
            long = pair.data[name].str.len() > LONGEST_CODE
            yield from _counted("code_long", f"{name} is longer than 30", long)


_RULES: Final[tuple[_Rule, ...]] = (
    _time_identifiers,
    _time_periods,
    _levels,
    _blank_where_level_does_not_apply,
    _authorities,
    _no_totals_in_places,
    _meta_names,
    _meta_types,
    _meta_labels,
    _meta_units,
    _only_described,
    _indicator_names,
    _filter_names,
    _filter_items,
    _filter_totals,
    _filter_groups,
    _no_row_twice,
    _whole_matrix,
    _no_nulls,
    _numbers_or_symbols,
    _codes_short,
)


def file_breaches(files: Mapping[str, bytes]) -> list[Breach]:
    """Return the breaches of every data file among `files` (relative path to bytes).

    A data file without metadata, and metadata without data, are breaches too.
    """
    stems = {path.removesuffix(".csv").removesuffix(".meta") for path in files}
    found = []
    for stem in sorted(stems):
        name = stem.rpartition("/")[2]
        data, meta = files.get(f"{stem}.csv"), files.get(f"{stem}.meta.csv")
        if data is None or meta is None:
            found.append(Breach(name, "pair", "a data file needs its metadata, and the other way"))
        else:
            found += breaches(name, data, meta)
    return found
