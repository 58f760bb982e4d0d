"""The edition as a Data Package (version 2), and its data dictionary."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pandas import DataFrame

from schemas.authorities import authorities
from schemas.editions import LICENCE_NAME, LICENCE_PATH, LICENCE_TITLE, SYMBOL_MEANINGS
from schemas.outcomes import OUTCOMES, PUBLISHED
from schemas.outcomes.reason import FigureReason
from tasks.outcomes.reasons import figures_not_known
from tasks.publish.ees import IDENTIFIERS, DataFile

if TYPE_CHECKING:
    from tasks.publish.inputs import EditionInputs

PACKAGE_PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_PROFILE: Final = "https://datapackage.org/profiles/2.0/dataresource.json"
SCHEMA_PROFILE: Final = "https://datapackage.org/profiles/2.0/tableschema.json"
MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "html": "text/html",
    "md": "text/markdown",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
IDENTIFIER_MEANINGS: Final = {
    "time_period": "Financial year, as 202324 for April 2023 to March 2024.",
    "time_identifier": "Whether the row is of the whole financial year or of one quarter of it.",
    "geographic_level": "National or Local authority. National rows add up the set of authorities "
    "that totals.csv names; they are not all of England.",
    "country_code": "ONS code of England.",
    "country_name": "England.",
    "region_code": "ONS code of the region.",
    "region_name": "Name of the region.",
    "old_la_code": "Three-digit number of the authority used by DfE.",
    "new_la_code": "ONS code of the authority in use now.",
    "la_name": "Name of the authority.",
}
INDICATOR_MEANINGS: Final = {
    "numerator": "The number with the outcome: what it counts is in outcome_definitions.csv.",
    "denominator": "The number it is out of: what it counts is in outcome_definitions.csv.",
    "percentage": "Numerator out of denominator, from unrounded numbers.",
    "rate_per_10000": "Numerator for every 10,000 children aged 0 to 17.",
    "mean_days": "Days in the numerator for each one in the denominator.",
    "median_days": "Half of the plans are longer. Given for one authority and quarter only.",
    "mean_score": "Sum of scores for each child scored.",
    "cases_per_worker": "Cases for each social worker in post.",
    "number": "How many of what the statement counts: returns, figures or cells, never people.",
    "out_of": "How many there could be; z where no such number exists.",
    "quarters_counted": "How many quarters of referral have a figure in some authority counted.",
    "authorities_counted": "How many authorities the row adds up; 0 where it is x or z. Which, "
    "totals.csv says.",
}
MOST_CATEGORIES: Final = 100
DEFINITIONS_FILE: Final = "outcome_definitions.csv"


def data_package(
    inputs: EditionInputs, tables: Sequence[DataFile], files: Mapping[str, bytes]
) -> bytes:
    """Return datapackage.json: every file with its hash, every data file with its schema.

    Raises:
        frictionless.FrictionlessException: the description is no valid Data Package.
    """
    from frictionless import Package

    by_path = {f"data/{table.name}.csv": table for table in tables}
    description: dict[str, Any] = {
        "$schema": PACKAGE_PROFILE,
        "name": f"sfpc-{inputs.name.lower()}",
        "title": f"Strengthening Families, Protecting Children: edition {inputs.name}",
        "description": _described(inputs),
        "version": inputs.name,
        "licenses": [{"name": LICENCE_NAME, "title": LICENCE_TITLE, "path": LICENCE_PATH}],
        "sources": [{"title": "Returns of the local authorities that take part"}],
        "data_cut": inputs.cut_id,
        "data_up_to": inputs.cut_quarter,
        "code_version": inputs.code_version,
        "analysis_plan_hash": inputs.plan_hash,
        "is_final": inputs.final,
        "resources": [_resource(path, files[path], by_path.get(path)) for path in sorted(files)],
    }
    checked = Package.from_descriptor(description).to_descriptor()
    return (json.dumps(checked, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _described(inputs: EditionInputs) -> str:
    kind = "Final edition" if inputs.final else "Draft"
    return (
        f"{kind}. Outcomes of three practice models in children's social care, from returns up to "
        f"{inputs.cut_quarter}. Small counts are hidden; symbols are described in each schema."
    )


def _resource(path: str, content: bytes, table: DataFile | None) -> dict[str, Any]:
    suffix = path.rpartition(".")[2]
    stem = path.removesuffix(f".{suffix}").rpartition("/")[2]
    resource: dict[str, Any] = {
        "name": f"{stem}-{suffix}".lower().replace(".", "-").replace("_", "-"),
        "path": path,
        "format": suffix,
        "mediatype": MEDIA_TYPES[suffix],
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if table is None:
        return resource | (_as_texts(content) if suffix == "csv" else {})
    more = {"type": "table", "title": table.title, "schema": _schema(table)}
    return {"$schema": RESOURCE_PROFILE, **resource, **more, "name": stem.replace("_", "-")}


def _as_texts(content: bytes) -> dict[str, Any]:
    """Return the description of a listing: every column is text, numbers and symbols alike.

    Without it a reader guesses by the first rows, and takes a symbol further down for a fault.
    """
    header = next(csv.reader(io.StringIO(content.decode())))
    fields = [{"name": name, "type": "string"} for name in header]
    return {"type": "table", "schema": {"$schema": SCHEMA_PROFILE, "fields": fields}}


def _schema(table: DataFile) -> dict[str, Any]:
    keys = [
        name
        for name in (*IDENTIFIERS, *(f.name for f in table.filters))
        if name in set(table.frame)
    ]
    return {
        "$schema": SCHEMA_PROFILE,
        "fields": [_field(table, name) for name in table.frame.columns],
        "missingValues": [
            {"value": "", "label": "does not apply at this geographic level"},
            *({"value": s.value, "label": words} for s, words in SYMBOL_MEANINGS.items()),
        ],
        "primaryKey": keys,
    }


def _field(table: DataFile, name: str) -> dict[str, Any]:
    title, meaning = _words(table, name)
    field: dict[str, Any] = {"name": name, "title": title, "description": meaning}
    if any(indicator.name == name for indicator in table.indicators):
        return {**field, "type": "number"}
    items = sorted(table.frame[name].unique())
    if any(f.name == name for f in table.filters) and len(items) <= MOST_CATEGORIES:
        field["categories"] = items
    return {**field, "type": "string"}


def _words(table: DataFile, name: str) -> tuple[str, str]:
    """Return the label and the meaning of a column."""
    if name in IDENTIFIER_MEANINGS:
        return name.replace("_", " ").capitalize(), IDENTIFIER_MEANINGS[name]
    for each in table.filters:
        if each.name == name:
            return each.label, f"{each.hint}."
    (label,) = (indicator.label for indicator in table.indicators if indicator.name == name)
    return label, INDICATOR_MEANINGS.get(name, f"{label}.")


def data_dictionary(tables: Sequence[DataFile]) -> DataFrame:
    """Return one row per column of every data file."""
    rows = [_entry(table, name) for table in tables for name in table.frame.columns]
    columns = ["table", "column", "kind", "label", "unit", "decimals", "meaning", "items"]
    return DataFrame(rows, columns=columns)


def _entry(table: DataFile, name: str) -> tuple[str, ...]:
    label, meaning = _words(table, name)
    for indicator in table.indicators:
        if indicator.name == name:
            places = str(indicator.places)
            return (table.name, name, "indicator", label, indicator.unit, places, meaning, "")
    if any(each.name == name for each in table.filters):
        items = "; ".join(sorted(table.frame[name].unique()))
        return (table.name, name, "filter", label, "", "", meaning, items)
    return (table.name, name, "identifier", label, "", "", meaning, "")


def outcome_definitions() -> DataFrame:
    """Return one row per published outcome: what it means and what it rests on."""
    rows = [
        {
            "outcome": published.label,
            "id": name,
            "role": outcome.role,
            "definition": outcome.protocol,
            "unit": outcome.unit,
            "numerator": outcome.numerator,
            "denominator": outcome.denominator,
            "window_months": "" if outcome.window_months is None else str(outcome.window_months),
            "stands_under": outcome.kind.value,
            "made_from": " ".join(outcome.reads),
            "grade": outcome.grade,
        }
        for name, published in PUBLISHED.items()
        for outcome in (OUTCOMES[name],)
    ]
    return DataFrame(rows)


def figures_not_available(outcomes: DataFrame) -> DataFrame:
    """Return why figures of authorities are `x`: a row for quarters in a row with one reason.

    It rests on what was sent and could be used, and names no figure that is hidden.
    """
    runs = figures_not_known(outcomes)
    return DataFrame(
        {
            "outcome": runs["outcome"].map({name: one.label for name, one in PUBLISHED.items()}),
            "id": runs["outcome"],
            "new_la_code": runs["la_code"],
            "la_name": runs["la_code"].map({la: one.la_name for la, one in authorities().items()}),
            "from_quarter": runs["from_quarter"],
            "to_quarter": runs["to_quarter"],
            "figures": runs["figures"],
            "reason": runs["reason"],
            "meaning": runs["reason"].map({reason: reason.words for reason in FigureReason}),
        }
    )
