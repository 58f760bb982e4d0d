"""What moved between two editions, by how much, and which submissions moved it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.editions import COST_WORDS, COUNTRY_NAME, LOCAL_AUTHORITY, TOTAL_ITEM, Symbol
from schemas.outcomes import OUTCOMES, PUBLISHED
from schemas.outcomes.publication import ValueMeasure
from schemas.plan import PLAN
from schemas.trial import MODEL_NAMES, model_of
from tasks.effects.registry import ESTIMATORS
from tasks.publish.ees import IDENTIFIERS, MODEL_FILTER, OUTCOME_FILTER, csv_texts
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
    "headline",
)
REVISED: Final = "revised"
NOW_HIDDEN: Final = "now hidden"
NOW_AVAILABLE: Final = "now available"
WITHDRAWN: Final = "no longer available"
_OTHER: Final = "symbol changed"
_TIME: Final = ("time_period", "time_identifier")
_VALUES: Final = tuple(measure.value for measure in ValueMeasure)
BY_SUBMISSION: Final = "returns sent since"
BY_CODE: Final = "code changed"
BY_PLAN: Final = "analysis plan changed"
BY_PRICES: Final = "prices changed"
BY_POPULATION: Final = "population estimates changed"
BY_OTHERS: Final = "hidden to protect another figure"
HELD_BACK: Final = "an earlier number is repeated, see the notes"
ALL_RETURNS: Final = ("headlines", "effects", "costs", "completeness", "training")
"""Tables that rest on many returns of many authorities."""
AT_ONE_TIME: Final = ("headlines", "effects", "costs", "training")
"""Tables whose rows all speak of the whole time up to the edition's quarter: the same figure has
another quarter in the next edition."""
OF_THE_EDITION: Final = ("quality",)
"""Tables that speak of their edition, and of nothing that could move between two."""
_CAUSES: Final = (
    (BY_CODE, ("code_version", "edition_code_version"), None),
    (BY_PLAN, ("plan_hash",), ("headlines", "effects", "costs")),
    (BY_PRICES, ("prices_hash",), ("costs",)),
    (BY_POPULATION, ("population_vintage",), ("care_and_protection", "costs")),
)
"""What may move a figure apart from returns: in words, what of an edition's origin tells that it
changed, and the beginnings of the names of the tables that rest on it; None for every one."""
_YES: Final = "yes"


@dataclass(frozen=True)
class _Edition:
    """One edition's published tables, and what it was made from.

    Attributes:
        tables: by name, every cell a text, indexed by everything that is no indicator.
        submissions: submission_id, la_code, return_name, quarter; None where it is not known.
        made_from: what its disclosure report says it was made from.
    """

    tables: Mapping[str, DataFrame]
    submissions: DataFrame | None
    made_from: Mapping[str, Any]


def edition_diff(a: EarlierEdition, b: EarlierEdition) -> DataFrame:
    """Return every published figure that differs between two editions.

    Figures of times, places or outcomes that only one of them has are not listed, nor those of
    `tables_not_compared`.

    Returns:
        `CHANGE_COLUMNS`: the table, time, place and filters of the figure; its column; text before
        and after; change (after less before, where both are numbers); kind; why (everything that
        changed and that it rests on); the submissions (id, authority, return, quarter) that could
        have moved it, those new in `b`; headline (`yes` or empty). Headlines come first.
    """
    before, after = _read(a), _read(b)
    parts = [
        _moved(name, before.tables[name], after.tables[name])
        for name in sorted(before.tables.keys() & after.tables.keys())
        if name not in OF_THE_EDITION
    ]
    moved = pd.concat([DataFrame(columns=list(CHANGE_COLUMNS)), *parts], ignore_index=True)
    moved = _explained(moved, before, after).assign(headline=_headline(moved))
    first = moved.sort_values("headline", ascending=False, kind="stable", ignore_index=True)
    return first[list(CHANGE_COLUMNS)]


def tables_not_compared(a: EarlierEdition, b: EarlierEdition) -> list[str]:
    """Return the tables that both editions have, with other filters: nothing can be compared."""
    before, after = _read(a).tables, _read(b).tables
    both = before.keys() & after.keys()
    return sorted(name for name in both if before[name].index.names != after[name].index.names)


def _headline(moved: DataFrame) -> NDArray[Any]:
    """Return `yes` for what a reader looks for first, and nothing for the rest.

    The primary estimate of each model on the primary outcome, the headline measures of the
    cost-benefit analysis, and what the primary outcome came to in all authorities together.
    """
    planned = PLAN.primary_outcome
    label = PUBLISHED[planned.id].label
    estimator = f"{ESTIMATORS[PLAN.primary(planned)].label}, "
    table, filters = moved["table"].astype(str), moved["filters"].astype(str)
    items = "; " + filters + "; "
    is_primary = items.str.contains(f"; {label}; ", regex=False)
    # A filter that would have one item is left out: then every row is of the primary outcome.
    is_alone = ~items.str.contains("|".join(f"; {re.escape(w)}; " for w in _outcome_labels()))
    is_effect = (
        table.eq("effects")
        & (is_primary | is_alone)
        & items.str.contains(f"; {estimator}", regex=False)
        & moved["indicator"].isin(["estimate", "interval_low", "interval_high"])
    )
    measures = "|".join(f"; {re.escape(words)}, " for words in COST_WORDS.values())
    is_cost = table.eq("costs") & items.str.contains(measures)
    is_total = is_primary & moved["place"].eq(COUNTRY_NAME) & moved["indicator"].isin(_VALUES)
    found: NDArray[Any] = np.where(is_effect | is_cost | is_total & ~table.eq("effects"), _YES, "")
    return found


def _outcome_labels() -> list[str]:
    return [published.label for published in PUBLISHED.values()]


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
    place = frame["la_name"].where(frame["geographic_level"] == LOCAL_AUTHORITY, COUNTRY_NAME)
    keys = ["time_period", "time_identifier", "place", "filters"]
    filters = _joined(frame, [found.name for found in table.filters])
    rows = frame.assign(place=place, filters=filters)[keys].reset_index()
    labels = {each.name: each.label for each in table.indicators}
    note = "[r] " + mine["indicator"].map(labels) + " was " + mine["before"]
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
    return _Edition(
        tables,
        None if submissions is None else csv_texts(submissions),
        json.loads(edition.restricted.get(REPORT_FILE, b"{}")),
    )


def _table(data: bytes, meta: bytes) -> DataFrame:
    """Return the indicators of a data file, indexed by place, time and filters."""
    frame, described = csv_texts(data), csv_texts(meta)
    indicators = described.loc[described["col_type"] == "Indicator", "col_name"]
    return frame.set_index([name for name in frame.columns if name not in set(indicators)])


def _moved(name: str, before: DataFrame, after: DataFrame) -> DataFrame:
    """Return the cells of one table that differ, in order of place, time and filters.

    The same number printed with other digits is no figure that moved.
    """
    if before.index.names != after.index.names:
        return DataFrame(columns=list(CHANGE_COLUMNS))
    if name in AT_ONE_TIME:
        before = _at_the_time_of(before, after)
    columns = [column for column in after.columns if column in before.columns]
    rows = before.index.intersection(after.index, sort=False)
    was, now = before.loc[rows, columns].stack(), after.loc[rows, columns].stack()
    differs = (was != now).to_numpy()
    texts = DataFrame({"before": was[differs], "after": now[differs]})
    numbers = texts.apply(pd.to_numeric, errors="coerce")
    differing = texts[numbers["before"] != numbers["after"]].reset_index()
    differing = differing.rename(columns={differing.columns[-3]: "indicator"})
    return _worded(differing, name, [str(key) for key in before.index.names])


def _at_the_time_of(before: DataFrame, after: DataFrame) -> DataFrame:
    """Return a table all of one time with the time that another such table has."""
    index = before.index.to_frame(index=False)
    for name in _TIME:
        index[name] = after.index.get_level_values(name)[0]
    return before.set_axis(pd.MultiIndex.from_frame(index))


def _worded(differing: DataFrame, name: str, keys: Sequence[str]) -> DataFrame:
    filters = [key for key in keys if key not in IDENTIFIERS]
    change = pd.to_numeric(differing["after"], errors="coerce") - pd.to_numeric(
        differing["before"], errors="coerce"
    )
    return differing.assign(
        table=name,
        place=differing["la_name"].where(
            differing["geographic_level"] == LOCAL_AUTHORITY, COUNTRY_NAME
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
    others = {name: _other_causes(name, before, after) for name in moved["table"].unique()}
    sent = submissions.where(submissions == "", BY_SUBMISSION)
    both = sent + "; " + moved["table"].map(others).astype(str)
    return moved.assign(submissions=submissions, why=both.str.strip("; ").replace("", BY_OTHERS))


def _other_causes(table: str, before: _Edition, after: _Edition) -> str:
    """Return what changed apart from returns and may have moved figures of a table.

    What an earlier edition does not say of itself is not known to have changed.
    """
    return "; ".join(
        words
        for words, names, tables in _CAUSES
        if (tables is None or table.startswith(tables))
        and any(
            before.made_from.get(n, after.made_from.get(n)) != after.made_from.get(n) for n in names
        )
    )


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
    name: str,
    *,
    previous: str | None,
    moved: DataFrame,
    new: int,
    held: int,
    not_compared: Sequence[str] = (),
    definitions: Sequence[str] = (),
) -> str:
    """Return CHANGES.md: what moved since the edition before, and why.

    Args:
        name: of this edition.
        previous: name of the edition before; None for the first.
        moved: `edition_diff` from it to this one.
        new: rows that the edition before did not have.
        held: rows that repeat an earlier number.
        not_compared: tables with other filters than before.
        definitions: what changed in them, as sentences.
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
        *_not_compared_words(not_compared),
        *(f"- Definition: {words}" for words in definitions),
        "",
    ]
    if len(moved):
        lines += ["## Headline figures", "", *_headline_lines(moved), ""]
        lines += ["## By table", "", "| Table | What happened | Figures |", "|---|---|---|"]
        counts = moved.groupby(["table", "kind"], as_index=False).size()
        lines += [f"| {r.table} | {r.kind} | {r.size:,} |" for r in counts.itertuples(index=False)]
        lines += ["", "## By submission", "", *_by_submission(moved)]
    lines += ["", "Every figure that moved is in `revisions.csv`.", ""]
    return "\n".join(lines)


def _not_compared_words(tables: Sequence[str]) -> list[str]:
    if not tables:
        return []
    return [f"- Not compared, because they are divided otherwise than before: {', '.join(tables)}."]


def headlines(moved: DataFrame) -> DataFrame:
    """Return the headline figures that moved: figure, before, after and why, in words."""
    mine = moved[moved["headline"] == _YES]
    figure = mine["filters"] + ", " + mine["indicator"].str.replace("_", " ")
    time = mine["time_identifier"] + " " + mine["time_period"]
    figure = figure.where(mine["table"].isin(AT_ONE_TIME), figure + ", " + time)
    return mine[["before", "after", "why"]].assign(figure=figure)


def _headline_lines(moved: DataFrame) -> list[str]:
    found = headlines(moved)
    if found.empty:
        return ["No headline figure moved."]
    rows = [f"| {r.figure} | {r.before} | {r.after} | {r.why} |" for r in found.itertuples()]
    return ["| Figure | Before | Now | Why |", "|---|---|---|---|", *rows]


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
