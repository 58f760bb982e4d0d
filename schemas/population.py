"""Children aged 0 to 17 who live in an authority: what rates are per.

Source: reference/population_0_17.csv, ONS mid-year estimates as used in DfE statistics. Each year
is taken from the newest vintage that has it. Years after the series carry its last year forward,
years before it carry its first year backward; the year and vintage used are kept alongside the
number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from schemas.authorities import lasting_code, reference_rows


@dataclass(frozen=True)
class Population:
    """Children in one authority, for one collection year.

    Attributes:
        children: residents aged 0 to 17.
        year: year of the series it is taken from; differs where a year was carried.
        vintage: year in which the estimate was made.
    """

    children: int
    year: int
    vintage: int


@cache
def _series() -> dict[str, dict[int, Population]]:
    """Return, by lasting code and year, the newest estimate; the code's own row comes first."""
    rows = [
        row for row in reference_rows("population_0_17.csv") if row["population_0_17"].isdigit()
    ]
    rows.sort(key=lambda row: (lasting_code(row["la_code"]) == row["la_code"], int(row["vintage"])))
    series: dict[str, dict[int, Population]] = {}
    for row in rows:
        found = Population(int(row["population_0_17"]), int(row["year"]), int(row["vintage"]))
        series.setdefault(lasting_code(row["la_code"]), {})[found.year] = found
    return series


@cache
def newest_vintage() -> int:
    """Return the year of the newest estimates in use; earlier ones fill the years it lacks."""
    return max(found.vintage for years in _series().values() for found in years.values())


@cache
def population_0_17(la_code: str, collection_year: int) -> Population | None:
    """Return the children of the authority in a collection year; None where no year is known."""
    years = _series().get(lasting_code(la_code), {})
    if not years:
        return None
    return years[min(max(collection_year, min(years)), max(years))]
