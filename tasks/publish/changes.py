"""What moved between two editions, by how much, and which submissions moved it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.editions import LOCAL_AUTHORITY, TOTAL_ITEM, Symbol
from schemas.outcomes import OUTCOMES
from schemas.trial import MODEL_NAMES, model_of
from tasks.publish.ees import IDENTIFIERS, MODEL_FILTER, OUTCOME_FILTER
from tasks.publish.record import REPORT_FILE, SUBMISSIONS_FILE

if TYPE_CHECKING:
    from tasks.publish.ees import DataFile
    from tasks.publish.inputs import EarlierEdition

CHANGE_COLUMNS: Final = (
    "table",
    "time_period",
    "time_identifier",
    "place",
    "filters",
    "indicator",
    "before",
    "after",
    "change",
    "kind",
    "why",
    "submissions",
)
MADE_FROM: Final = ("code_version", "edition_code_version", "plan_hash")
REVISED: Final = "revised"
NOW_HIDDEN: Final = "now hidden"
NOW_AVAILABLE: Final = "now available"
WITHDRAWN: Final = "no longer available"
_OTHER: Final = "symbol changed"
BY_SUBMISSION: Final = "returns sent since"
BY_CODE: Final = "code, plan or reference data changed"
BY_OTHERS: Final = "hidden to protect another figure"
HELD_BACK: Final = "an earlier number is repeated, see the notes"
ALL_RETURNS: Final = ("effects", "costs", "completeness", "training")
"""Tables that rest on many returns of many authorities."""


@dataclass(frozen=True)
class _Edition:
    """One edition's published tables, and what it was made from.

    Attributes:
        tables: by name, every cell a text, indexed by everything that is no indicator.
        submissions: submission_id, la_code, return_name, quarter; None where it is not known.
        made_from: versions of the code and hash of the analysis plan, as `MADE_FROM` names them.
    """

    tables: Mapping[str, DataFrame]
    submissions: DataFrame | None
    made_from: tuple[str | None, ...]


def edition_diff(a: EarlierEdition, b: EarlierEdition) -> DataFrame:
    """Return every published figure that differs between two editions.

    Figures of times, places or outcomes that only one of them has are not listed.

    Returns:
        `CHANGE_COLUMNS`: the table, time, place and filters of the figure; its column; text before
        and after; change (after less before, where both are numbers); kind; why; the submissions
        (id, authority, return, quarter) that could have moved it, those new in `b`.
    """
    before, after = _read(a), _read(b)
    parts = [
        _moved(name, before.tables[name], after.tables[name])
        for name in sorted(before.tables.keys() & after.tables.keys())
    ]
    moved = pd.concat([DataFrame(columns=list(CHANGE_COLUMNS)), *parts], ignore_index=True)
    return _explained(moved, before, after)[list(CHANGE_COLUMNS)]


def no_changes() -> DataFrame:
    """Return a table of changes with nothing in it."""
    return DataFrame(columns=list(CHANGE_COLUMNS))


def new_figures(a: EarlierEdition, b: EarlierEdition) -> int:
    """Return how many rows of the published tables only the later edition has."""
    before, after = _read(a), _read(b)
    counts = [
        len(table) - len(table.index.intersection(before.tables[name].index))
        if name in before.tables and before.tables[name].index.names == table.index.names
        else len(table)
        for name, table in after.tables.items()
    ]
    return sum(counts)


def marks(table: DataFile, moved: DataFrame) -> Series[str]:
    """Return the note of each row of a table that has one: revised, or an earlier number held."""
    revised = _revision_marks(table, moved)
    held = Series(HELD_BACK, index=sorted(table.held), dtype=str)
    both = pd.concat([revised, held])
    return both.groupby(level=0).agg("; ".join)


def _revision_marks(table: DataFile, moved: DataFrame) -> Series[str]:
    """Return the note of each row of a table in which a figure moved: which, and from what."""
    mine = moved[(moved["table"] == table.name) & (moved["kind"] == REVISED)]
    if mine.empty:
        return Series(dtype=str)
    frame = table.frame
    place = frame["la_name"].where(frame["geographic_level"] == LOCAL_AUTHORITY, "England")
    keys = ["time_period", "time_identifier", "place", "filters"]
    filters = _joined(frame, [found.name for found in table.filters])
    rows = frame.assign(place=place, filters=filters)[keys].reset_index()
    note = "[r] " + mine["indicator"] + " was " + mine["before"]
    notes = mine.assign(note=note).groupby(keys, as_index=False)["note"].agg("; ".join)
    marked = rows.merge(notes, on=keys)
    return Series(marked["note"].to_numpy(), index=marked["index"].to_numpy(), dtype=str)


def _joined(frame: DataFrame, names: Sequence[str]) -> Series[str]:
    """Return the filter items of each row as one text."""
    words = ["; ".join(row) for row in frame[list(names)].itertuples(index=False, name=None)]
    return Series(words, index=frame.index, dtype=str)


def _read(edition: EarlierEdition) -> _Edition:
    tables = {
        path.rpartition("/")[2].removesuffix(".csv"): _table(
            content, edition.public[path.removesuffix(".csv") + ".meta.csv"]
        )
        for path, content in edition.public.items()
        if path.startswith("data/") and path.endswith(".csv") and not path.endswith(".meta.csv")
    }
    submissions = edition.restricted.get(SUBMISSIONS_FILE)
    report = json.loads(edition.restricted.get(REPORT_FILE, b"{}"))
    return _Edition(
        tables,
        None if submissions is None else _texts(submissions),
        tuple(report.get(name) for name in MADE_FROM),
    )


def _texts(content: bytes) -> DataFrame:
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, na_filter=False)


def _table(data: bytes, meta: bytes) -> DataFrame:
    """Return the indicators of a data file, indexed by place, time and filters."""
    frame, described = _texts(data), _texts(meta)
    indicators = described.loc[described["col_type"] == "Indicator", "col_name"]
    return frame.set_index([name for name in frame.columns if name not in set(indicators)])


def _moved(name: str, before: DataFrame, after: DataFrame) -> DataFrame:
    """Return the cells of one table that differ, in order of place, time and filters."""
    if before.index.names != after.index.names:
        return DataFrame(columns=list(CHANGE_COLUMNS))
    columns = [column for column in after.columns if column in before.columns]
    rows = before.index.intersection(after.index, sort=False)
    was, now = before.loc[rows, columns].stack(), after.loc[rows, columns].stack()
    differs = (was != now).to_numpy()
    differing = DataFrame({"before": was[differs], "after": now[differs]}).reset_index()
    differing = differing.rename(columns={differing.columns[-3]: "indicator"})
    return _worded(differing, name, [str(key) for key in before.index.names])


def _worded(differing: DataFrame, name: str, keys: Sequence[str]) -> DataFrame:
    filters = [key for key in keys if key not in IDENTIFIERS]
    change = pd.to_numeric(differing["after"], errors="coerce") - pd.to_numeric(
        differing["before"], errors="coerce"
    )
    return differing.assign(
        table=name,
        place=differing["la_name"].where(
            differing["geographic_level"] == LOCAL_AUTHORITY, "England"
        ),
        filters=_joined(differing, filters),
        change=change.round(6),
        kind=_kinds(differing["before"], differing["after"]),
    )


def _kinds(before: Series[str], after: Series[str]) -> Series[str]:
    was = pd.to_numeric(before, errors="coerce").notna()
    now = pd.to_numeric(after, errors="coerce").notna()
    kinds = np.select(
        [
            was & now,
            after.eq(Symbol.HIDDEN.value),
            ~was & now,
            after.eq(Symbol.NOT_AVAILABLE.value),
        ],
        [REVISED, NOW_HIDDEN, NOW_AVAILABLE, WITHDRAWN],
        _OTHER,
    )
    return Series(kinds, index=before.index, dtype=str)


def _explained(moved: DataFrame, before: _Edition, after: _Edition) -> DataFrame:
    """Return the moved figures with the submissions that could have moved them."""
    new = _new_submissions(before, after)
    cache: dict[tuple[str, ...], str] = {}
    found = []
    for row in moved.to_dict("records"):
        key = tuple(
            str(row.get(name, ""))
            for name in ("table", "new_la_code", OUTCOME_FILTER, MODEL_FILTER)
        )
        cache.setdefault(key, _those_behind(new, *key))
        found.append(cache[key])
    submissions = Series(found, index=moved.index, dtype=str)
    changed = before.made_from != after.made_from
    other = BY_CODE if changed else BY_OTHERS
    why = np.where(submissions != "", BY_SUBMISSION, other)
    return moved.assign(submissions=submissions, why=why)


def _new_submissions(before: _Edition, after: _Edition) -> DataFrame:
    if after.submissions is None:
        return DataFrame(columns=["submission_id", "la_code", "return_name", "quarter"])
    if before.submissions is None:
        return after.submissions
    known = set(before.submissions["submission_id"])
    return after.submissions[~after.submissions["submission_id"].isin(known)]


def _those_behind(new: DataFrame, table: str, la_code: str, outcome: str, model: str) -> str:
    """Return the new submissions that a figure rests on, each as id, authority, return, quarter."""
    mine = new
    if la_code:
        mine = mine[mine["la_code"] == la_code]
    elif model and model != TOTAL_ITEM:
        mine = mine[mine["la_code"].map(lambda la: MODEL_NAMES.get(model_of(la) or "")) == model]
    reads = _reads().get(outcome)
    if reads is not None and table not in ALL_RETURNS:
        mine = mine[mine["return_name"].isin(reads)]
    columns = ["submission_id", "la_code", "return_name", "quarter"]
    return "; ".join(" ".join(row) for row in mine[columns].itertuples(index=False, name=None))


def _reads() -> dict[str, tuple[str, ...]]:
    """Return the returns that each outcome, by its published label, is made from."""
    return {o.publication.label: (*o.reads, "cin_census") for o in OUTCOMES.values()}


def changes_markdown(
    name: str, *, previous: str | None, moved: DataFrame, new: int, held: int
) -> str:
    """Return CHANGES.md: what moved since the edition before, and why.

    Args:
        name: of this edition.
        previous: name of the edition before; None for the first.
        moved: `edition_diff` from it to this one.
        new: rows that the edition before did not have.
        held: rows that repeat an earlier number.
    """
    if previous is None:
        return (
            f"# Changes in edition {name}\n\nThis is the first edition: nothing to compare with.\n"
        )
    lines = [f"# Changes in edition {name}", "", f"Compared with edition {previous}.", ""]
    lines += [
        f"- {len(moved):,} published figures moved.",
        f"- {new:,} rows are new.",
        f"- {held:,} rows repeat an earlier number: the new one would tell of few children.",
        "",
    ]
    if len(moved):
        lines += ["## By table", "", "| Table | What happened | Figures |", "|---|---|---|"]
        counts = moved.groupby(["table", "kind"], as_index=False).size()
        lines += [f"| {r.table} | {r.kind} | {r.size:,} |" for r in counts.itertuples(index=False)]
        lines += ["", "## By submission", "", *_by_submission(moved)]
    lines += ["", "Every figure that moved is in `revisions.csv`.", ""]
    return "\n".join(lines)


def _by_submission(moved: DataFrame) -> list[str]:
    """Return one line per submission: how many figures rest on it."""
    behind = moved["submissions"].str.split("; ").explode()
    counts = behind[behind != ""].value_counts().sort_index()
    if counts.empty:
        return ["No return was sent since: the figures moved for other reasons, given in the file."]
    head = ["| Submission | Authority | Return | Quarter | Figures that rest on it |"]
    rows = []
    for label, count in counts.items():
        id_, la_code, return_name, quarter = str(label).split(" ")
        rows.append(f"| {id_} | {_la_name(la_code)} | {return_name} | {quarter} | {count:,} |")
    return [*head, "|---|---|---|---|---|", *rows]


def _la_name(la_code: str) -> str:
    la = authorities().get(la_code)
    return la_code if la is None else la.la_name
