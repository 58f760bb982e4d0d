"""What an edition keeps to itself, so that the next one can be compared with it.

Restricted files: the outcome table it was made from, what was shown of every figure, and the
disclosure report. They hold small counts and never leave the restricted zone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pandas import DataFrame

from schemas.outcomes.outcome import RESULT_COLUMNS
from schemas.outcomes.publication import TABLE_THRESHOLDS
from schemas.population import newest_vintage
from tasks.disclose.control import STATES, Controlled
from tasks.disclose.earlier import SIDES, Seen
from tasks.disclose.reasons import reason_counts, reasons
from tasks.publish.ees import csv_texts, table_csv
from tasks.publish.totals import TOTALS_FILE, read_sets

if TYPE_CHECKING:
    from tasks.publish.attack import AttackedFiles
    from tasks.publish.inputs import EarlierEdition, EditionInputs

OUTCOMES_FILE: Final = "outcomes.csv"
FIGURES_FILE: Final = "figures.csv"
SUBMISSIONS_FILE: Final = "submissions.csv"
REPORT_FILE: Final = "disclosure.json"
ORIGIN_FILE: Final = "origin.json"
"""What an edition was made with and compared with, without its own name: equal for a draft and the
final edition that is made of it."""
SEVEN_FILE: Final = "seven_outcomes.csv"
"""Of authorities and whole models, before and after, unsuppressed; the public one is another."""
NUMBERS: Final = ("numerator", "denominator", "value", "authorities")
SUBMISSION_COLUMNS: Final = ("submission_id", "la_code", "return_name", "quarter")


def restricted_files(
    inputs: EditionInputs,
    found: Controlled,
    public: Mapping[str, bytes],
    attacked: AttackedFiles,
) -> dict[str, bytes]:
    """Return the restricted files of an edition."""
    states = found.rows[[*STATES, *(f"{side}_state" for side in SIDES)]].join(reasons(found))
    seven = inputs.seven_outcomes
    return {
        **origin_files(inputs),
        **({} if seven is None else {SEVEN_FILE: table_csv(seven)}),
        OUTCOMES_FILE: table_csv(inputs.outcomes[list(RESULT_COLUMNS)]),
        FIGURES_FILE: table_csv(states),
        ORIGIN_FILE: _origin(inputs),
        REPORT_FILE: _report(inputs, found, public, attacked),
    }


def origin_files(inputs: EditionInputs) -> dict[str, bytes]:
    """Return what tells one edition's origin from another's: submissions, code, plan."""
    return {
        SUBMISSIONS_FILE: table_csv(inputs.submissions[list(SUBMISSION_COLUMNS)]),
        REPORT_FILE: json.dumps(_made_with(inputs)).encode(),
    }


def _made_with(inputs: EditionInputs) -> dict[str, Any]:
    """Return code, plan, prices and estimates an edition was made with, and its predecessors."""
    return {
        "code_version": inputs.code_version,
        "edition_code_version": inputs.edition_code_version,
        "plan_hash": inputs.plan_hash,
        "prices_hash": inputs.prices_hash,
        "population_vintage": newest_vintage(),
        "compared_with": [edition.name for edition in inputs.earlier],
    }


def _origin(inputs: EditionInputs) -> bytes:
    return (json.dumps(_made_with(inputs), indent=1, sort_keys=True) + "\n").encode()


def seen(earlier: EarlierEdition) -> Seen:
    """Return what an earlier edition showed, from its restricted files, and over which sets."""
    states = read_csv(earlier.restricted[FIGURES_FILE])
    unnamed = {name: "" for name in ("set", "since") if name not in states.columns}
    return Seen(
        name=earlier.name,
        outcomes=read_csv(earlier.restricted[OUTCOMES_FILE]),
        states=states.assign(**unnamed),
        sets=read_sets(earlier.public.get(TOTALS_FILE)),
    )


def read_csv(content: bytes) -> DataFrame:
    """Return a restricted table, numbers exactly as they were written."""
    texts = csv_texts(content)
    numbers = {
        name: np.array([float(text) if text else np.nan for text in texts[name]])
        for name in NUMBERS
        if name in texts.columns
    }
    return texts.assign(**numbers)


def _report(
    inputs: EditionInputs,
    found: Controlled,
    public: Mapping[str, bytes],
    attacked: AttackedFiles,
) -> bytes:
    """Return the disclosure report: the rules, the pattern, the attack, the published files."""
    report = {
        "edition": inputs.name,
        "cut": inputs.cut_id,
        **_made_with(inputs),
        "thresholds": dict(TABLE_THRESHOLDS),
        "pattern": _pattern(found),
        "attack": _attack(found),
        "attack_on_files": {
            "numbers_read": attacked.numbers,
            "numbers_tied_to_nothing": [
                {"file": one.path, "place": one.place, "count": one.count}
                for one in attacked.untied
            ],
            "files_not_read": list(attacked.not_read),
        },
        "files": {path: hashlib.sha256(public[path]).hexdigest() for path in sorted(public)},
    }
    return (json.dumps(report, indent=1, sort_keys=True) + "\n").encode()


def _pattern(found: Controlled) -> dict[str, Any]:
    hidden, sensitive = found.protection.hidden, found.sensitive
    quantities = found.figures.cells["quantity"]
    by_quantity = {
        name: {
            "cells": len(group),
            "sensitive": int(sensitive[group.index].sum()),
            "hidden": int(hidden[group.index].sum()),
        }
        for name, group in quantities.groupby(quantities)
    }
    held = sum(int((found.rows[f"{side}_state"] == "held").sum()) for side in SIDES)
    return {
        "methods": found.protection.methods,
        "figures_held_back": held,
        "reasons": reason_counts(found),
        "already_public": len(found.protection.hopeless_cells)
        + len(found.protection.hopeless_extras),
        "quantities": by_quantity,
    }


def _attack(found: Controlled) -> dict[str, Any]:
    """Return what the attack found; widths are given as shares of what is needed."""
    share = found.ranges.found / found.ranges.widths
    return {
        "targets": len(share),
        "unsafe": int(found.ranges.unsafe.sum()),
        "narrowest_range_as_share_of_width": round(float(np.min(share, initial=np.inf)), 6)
        if len(share)
        else None,
    }
