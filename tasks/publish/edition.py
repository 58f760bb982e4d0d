"""One data cut becomes one edition: the files the world may see, and those it may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from pandas import DataFrame

from schemas.editions import CONTACT
from schemas.errors import PipelineError
from schemas.outcomes import OUTCOME_TABLES
from schemas.quarter import Quarter
from tasks.disclose.control import Controlled, controlled
from tasks.publish.attack import AttackedFiles, attacked_files
from tasks.publish.changes import (
    changes_markdown,
    edition_diff,
    marks,
    new_figures,
    no_changes,
    tables_not_compared,
)
from tasks.publish.ees import DataFile, csv_texts, outcome_file, table_csv
from tasks.publish.ees_rules import file_breaches
from tasks.publish.evaluation import published_inputs
from tasks.publish.headlines import headlines_file
from tasks.publish.inputs import EarlierEdition, EditionInputs
from tasks.publish.package import (
    DEFINITIONS_FILE,
    data_dictionary,
    data_package,
    figures_not_available,
    outcome_definitions,
)
from tasks.publish.quality import definition_changes, quality_file, quality_rows
from tasks.publish.record import origin_files, restricted_files, seen
from tasks.publish.report import report_html
from tasks.publish.report.section import ReportInputs
from tasks.publish.seven import public_seven, with_value_for_money
from tasks.publish.tables import (
    completeness_file,
    costs_file,
    effects_file,
    training_file,
)
from tasks.publish.totals import TOTALS_FILE, totals_table, training_totals
from tasks.publish.wedges import wedge_figures
from tasks.publish.workbook import workbook_bytes


class PublicationRefused(PipelineError):  # noqa: N818 - a verdict, not a fault
    """The edition would break a rule; names the table and the rule, never a value."""


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
    earlier = [seen(edition) for edition in inputs.earlier]
    found = controlled(inputs.outcomes, seen=earlier)
    _refuse_if_unsafe(inputs, found)
    inputs = replace(inputs, figures={**inputs.figures, **wedge_figures(found.rows)})
    tables = data_tables(inputs, found)
    totals = pd.concat(
        [
            totals_table(found, earlier),
            training_totals(inputs.training, until=inputs.cut_quarter),
        ],
        ignore_index=True,
    )
    public = _data_files(tables)
    _refuse_if_malformed(inputs, public)
    public |= _readable_files(inputs, found, tables, public, totals)
    public["datapackage.json"] = data_package(inputs, tables, public)
    before = [edition.public for edition in inputs.earlier]
    attacked = attacked_files(
        public,
        found,
        earlier,
        before=before,
        training=inputs.training,
        outcomes=inputs.outcomes,
        completeness=inputs.completeness,
    )
    _refuse_if_it_leaks(inputs, attacked)
    return EditionFiles(public, restricted_files(inputs, found, public, attacked))


def _readable_files(
    inputs: EditionInputs,
    found: Controlled,
    tables: Sequence[DataFile],
    data: Mapping[str, bytes],
    totals: DataFrame,
) -> dict[str, bytes]:
    """Return what people read: report, workbook, dictionaries, and what changed."""
    previous = inputs.earlier[-1] if inputs.earlier else None
    now = EarlierEdition(inputs.name, data, origin_files(inputs))
    moved = edition_diff(previous, now) if previous else no_changes()
    not_compared = tables_not_compared(previous, now) if previous else []
    new = new_figures(previous, now) if previous else 0
    by_name = {table.name: table for table in tables}
    name = previous.name if previous else None
    definitions = outcome_definitions()
    before = previous.public.get(DEFINITIONS_FILE) if previous else None
    changed = definition_changes(None if before is None else csv_texts(before), definitions)
    seven = with_value_for_money(public_seven(found.rows), by_name.get("costs"), inputs.costs)
    report = ReportInputs(inputs, found.rows, by_name, moved, name, totals, seven, changed)
    files = {
        "report.html": report_html(report).encode(),
        "edition.xlsx": _workbook(inputs, tables, moved, totals),
        "CHANGES.md": changes_markdown(
            inputs.name,
            previous=name,
            moved=moved,
            new=new,
            held=sum(len(t.held) for t in tables),
            not_compared=not_compared,
            definitions=changed,
        ).encode(),
        "data_dictionary.csv": table_csv(data_dictionary(tables)),
        DEFINITIONS_FILE: table_csv(definitions),
        "not_available.csv": table_csv(figures_not_available(inputs.outcomes)),
        "seven_outcomes.csv": table_csv(seven),
        "revisions.csv": table_csv(moved),
        TOTALS_FILE: table_csv(totals),
    }
    if inputs.cost_inputs is not None and len(inputs.cost_inputs):
        files["cost_inputs.csv"] = table_csv(published_inputs(inputs.cost_inputs))
    return files


def _workbook(
    inputs: EditionInputs, tables: Sequence[DataFile], moved: DataFrame, totals: DataFrame
) -> bytes:
    kind = "Final edition" if inputs.final else "Draft: figures may still change"
    return workbook_bytes(
        tables,
        title=f"Strengthening Families, Protecting Children: edition {inputs.name}",
        paragraphs=[
            f"{kind}, of {inputs.day}. Returns up to {inputs.cut_quarter}, cut {inputs.cut_id}.",
            "Authorities by year; England and the practice models by quarter. Every figure, "
            "authorities by quarter included, is in the data files alongside this workbook.",
            "Begin with the sheet Headlines: what each practice model changed, with its interval. "
            "The sheet Quality says what is covered, what is known to be wrong and what is hidden.",
            "[x] is a figure that is not known: not_available.csv names the reason of each, by "
            "outcome, authority and quarters.",
            "A practice model, or Total, adds up one set of authorities at all times: the sheet "
            "Totals names it. [x] stands where one of the set has no figure.",
            "[r] in the note column marks a figure revised since the edition before.",
        ],
        contact=[CONTACT, "Language: English."],
        as_at=Quarter.parse(inputs.cut_quarter),
        marks={table.name: marks(table, moved) for table in tables},
        totals=totals,
    )


def data_tables(inputs: EditionInputs, found: Controlled) -> list[DataFile]:
    """Return every table of the edition that has rows, in the order of the contents."""
    time = inputs.cut_quarter
    made = [
        headlines_file(inputs.effects, inputs.outcomes, time=time),
        *(outcome_file(table, found.rows) for table in OUTCOME_TABLES),
        effects_file(inputs.effects, inputs.outcomes, time=time),
        costs_file(inputs.costs, time=time),
        training_file(inputs.training, time=time),
        completeness_file(inputs.completeness),
    ]
    tables = [table for table in made if table is not None]
    return [*tables, quality_file(quality_rows(inputs, tables, found.rows), time=time)]


def _data_files(tables: Sequence[DataFile]) -> dict[str, bytes]:
    files = {}
    for table in tables:
        files[f"data/{table.name}.csv"] = table_csv(table.frame)
        files[f"data/{table.name}.meta.csv"] = table_csv(table.meta)
    return files


def _refuse_if_unsafe(inputs: EditionInputs, found: Controlled) -> None:
    if found.is_safe:
        return
    count = int(found.ranges.unsafe.sum())
    raise PublicationRefused(
        f"edition {inputs.name}: {count} hidden figures of {len(found.ranges.widths)} can be "
        "worked out too closely from what would be shown (rule attack). Nothing was published."
    )


def _refuse_if_it_leaks(inputs: EditionInputs, attacked: AttackedFiles) -> None:
    if not attacked.leaks:
        return
    listed = "; ".join(f"{leak.rule}: {leak.count}" for leak in attacked.leaks)
    raise PublicationRefused(
        f"edition {inputs.name}: its files give away what was to be hidden (rule attack): "
        f"{listed}. Nothing was published."
    )


def _refuse_if_malformed(inputs: EditionInputs, files: Mapping[str, bytes]) -> None:
    found = file_breaches({path: files[path] for path in files if path.startswith("data/")})
    if not found:
        return
    listed = "; ".join(f"{breach.table}: {breach.rule}, {breach.words}" for breach in found[:10])
    raise PublicationRefused(
        f"edition {inputs.name}: {len(found)} breaches of the open-data form ({listed}). "
        "Nothing was published."
    )
