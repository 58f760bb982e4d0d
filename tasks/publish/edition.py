"""One data cut becomes one edition: the files the world may see, and those it may not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pandas import DataFrame

from schemas.errors import PipelineError
from schemas.outcomes import RESULT_COLUMNS
from schemas.published import OUTCOME_TABLES
from tasks.disclose.control import controlled
from tasks.publish.ees import DataFile, csv_bytes, outcome_file
from tasks.publish.report import report_html


class PublicationRefused(PipelineError):  # noqa: N818 - a verdict, not a fault
    """The edition would break a rule; names the table and the rule, never a value."""


@dataclass(frozen=True)
class EarlierEdition:
    """An edition the world has seen.

    Attributes:
        name: of the edition.
        public: its published files, by relative path.
        restricted: its restricted files, by relative path.
    """

    name: str
    public: Mapping[str, bytes]
    restricted: Mapping[str, bytes]


@dataclass(frozen=True)
class EditionInputs:
    """Everything an edition is made from.

    Attributes:
        name: of the edition.
        final: whether it is final; a draft says so on every page.
        cut_id, code_version, plan_hash: what it can be traced to.
        cut_quarter: latest quarter covered by the cut, as 2023-24Q4.
        outcomes: columns of `sfp outcomes`, not suppressed.
        effects, costs, training: columns of `sfp effects`, `sfp costs`, `sfp training`; None where
            there are none.
        cost_inputs: every value the cost-benefit analysis used, with its source.
        seven_outcomes: the seven outcomes before and after go-live.
        completeness: la_code, return_name, quarter, state, received.
        figures: named SVG texts made elsewhere.
        earlier: every earlier edition, oldest first.
        submissions: submission_id, la_code, return_name, quarter of those in the cut.
    """

    name: str
    final: bool
    cut_id: str
    cut_quarter: str
    code_version: str
    plan_hash: str
    outcomes: DataFrame
    effects: DataFrame | None
    costs: DataFrame | None
    cost_inputs: DataFrame | None
    seven_outcomes: DataFrame | None
    training: DataFrame | None
    completeness: DataFrame
    figures: Mapping[str, str]
    earlier: tuple[EarlierEdition, ...]
    submissions: DataFrame


@dataclass(frozen=True)
class EditionFiles:
    """The files of an edition, by relative path.

    Attributes:
        public: what the world may see.
        restricted: the disclosure report and the full numbers, for the next comparison.
    """

    public: Mapping[str, bytes]
    restricted: Mapping[str, bytes]


def edition_files(inputs: EditionInputs) -> EditionFiles:
    """Return the files of an edition: the same bytes for the same inputs.

    Raises:
        PublicationRefused: the edition would break a rule of disclosure control or of the form.
    """
    shown = controlled(inputs.outcomes, seen=())
    tables = [outcome_file(table, shown.rows) for table in OUTCOME_TABLES]
    public = _data_files([table for table in tables if table is not None])
    public["report.html"] = report_html(inputs, shown.rows).encode()
    restricted = {
        "outcomes.csv": csv_bytes(inputs.outcomes[list(RESULT_COLUMNS)]),
        "disclosure.json": _disclosure_report(inputs, public),
    }
    return EditionFiles(public, restricted)


def _data_files(tables: list[DataFile]) -> dict[str, bytes]:
    files = {}
    for table in tables:
        files[f"data/{table.name}.csv"] = csv_bytes(table.frame)
        files[f"data/{table.name}.meta.csv"] = csv_bytes(table.meta)
    return files


def _disclosure_report(inputs: EditionInputs, public: Mapping[str, bytes]) -> bytes:
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in public.items()}
    report = {"edition": inputs.name, "cut": inputs.cut_id, "files": dict(sorted(hashes.items()))}
    return (json.dumps(report, indent=1, sort_keys=True) + "\n").encode()
