"""A definition shown on a few children: what was sent, and the answer worked out alongside it.

Tables are written as text, in the names of columns at rest. `child` is the authority's own id;
`born` is the date of birth the return gives, where it matters; `sent_in` is the quarter of the
return, `sent_by` the authority's code at that time. What is not written has a harmless default.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa
from pandas import DataFrame, Series

from schemas.authorities import lasting_code
from schemas.derived import AT_REST
from schemas.endings import SPELLS
from schemas.quarter import Quarter
from schemas.returns import RETURNS, table_named
from schemas.rows import AuthorityRows
from tasks.outcomes.authority import AuthorityResult, authority_outcomes

WALSALL = "E08000030"
WARWICKSHIRE = "E10000031"
ROCHDALE = "E08000005"
LANCASHIRE = "E10000017"

FIRST, LAST = Quarter.parse("2017-18Q1"), Quarter.parse("2026-27Q4")

DEFAULTS = {
    "episodes": {
        "start_reason": "S",
        "legal_status": "C2",
        "placement_code": "U6",
        "placement_urn": "SC1",
        "episode_end": "",
        "end_reason": "",
        "place_change_reason": "",
    },
    "referrals": {"age_at_referral": "5", "is_unborn": "no", "is_nfa": "no"},
    "cp_plans": {"cp_plan_end": "", "previous_cp_plan_count": "0"},
    "pre_proceedings": {"proceedings_issued_date": ""},
}
QUARTERLY = ("workforce", "programme_delivery")


@dataclass(frozen=True)
class Example:
    """One small table, and what it comes to.

    Attributes:
        outcome: id of the outcome.
        says: the point it makes, as a sentence.
        sent: the tables, as text.
        quarter: the quarter looked at.
        numerator, denominator: the answer; None where the figure is not known.
        because: how the answer is worked out.
        value: only where it is not the numerator over the denominator, times the scale.
        status: ok, x or z.
        la_code: the authority looked at.
        covered: returns that did not come in for the whole of ten years: first and last quarter.
        left_out: optional tables that no return brought.
        edge: the edge case it settles, for the index of the page.
    """

    outcome: str
    says: str
    sent: str
    quarter: str
    numerator: float | None
    denominator: float | None
    because: str
    value: float | None = None
    status: str = "ok"
    la_code: str = WALSALL
    covered: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    edge: str = ""


def tables_of(sent: str) -> dict[str, DataFrame]:
    """Return tables as they are written, every cell as text."""
    tables: dict[str, DataFrame] = {}
    for block in sent.strip().split("\n\n"):
        name, heading, *lines = [line.strip() for line in block.strip().splitlines()]
        columns = _cells(heading)
        tables[name] = DataFrame([_cells(line) for line in lines], columns=columns, dtype="str")
    return tables


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def rows_sent(
    sent: str,
    *,
    la_code: str = WALSALL,
    covered: Mapping[str, tuple[str, str]] | None = None,
    left_out: tuple[str, ...] = (),
) -> AuthorityRows:
    """Return what the outcomes read: the rows of the authority, under its lasting code."""
    own = {name: _own(table, la_code) for name, table in tables_of(sent).items()}
    spans = coverage(covered or {})
    frames = {name: at_rest(name, table) for name, table in own.items()}
    sent = {
        table.name: spans[known.name]
        for known in RETURNS.values()
        for table in known.tables
        if table.name not in left_out
    }
    last_told = {
        name: until_last_told(frames[name], sent[name])
        for name in SPELLS.keys() & frames.keys()
        if SPELLS[name].return_name not in (covered or {})
    }
    return AuthorityRows(lasting_code(la_code), frames, spans, {**sent, **last_told})


def until_last_told(frame: DataFrame, quarters: frozenset[Quarter]) -> frozenset[Quarter]:
    """Return the quarters up to the year of the last return that an example shows.

    What is open then is still open; where an example says what came in, all that came in counts.
    """
    last = max((Quarter.parse(text).year for text in frame["quarter"]), default=FIRST.year)
    return frozenset(quarter for quarter in quarters if quarter.year <= last)


def _own(table: DataFrame, la_code: str) -> DataFrame:
    if "sent_by" not in table:
        return table
    ours = table["sent_by"].map(lasting_code) == lasting_code(la_code)
    return table[ours].drop(columns="sent_by")


def coverage(spans: Mapping[str, tuple[str, str]]) -> dict[str, frozenset[Quarter]]:
    """Return every return as covered for ten years, but for those whose span is given."""
    whole = dict.fromkeys(RETURNS, (str(FIRST), str(LAST)))
    return {
        name: frozenset(Quarter.parse(first).through(Quarter.parse(last)))
        for name, (first, last) in {**whole, **spans}.items()
    }


def at_rest(name: str, written: DataFrame) -> DataFrame:
    """Return a written table as it rests in the warehouse."""
    defaults = {"sent_in": "2023-24Q4", **DEFAULTS.get(name, {})}
    rows = written.assign(**{c: v for c, v in defaults.items() if c not in written})
    types = {**{c.name: c.type for c in table_named(name)[1].columns}, **AT_REST}
    columns = {c: typed(types[c], rows[c]) for c in rows if c in types}
    quarter = rows["quarter"] if name in QUARTERLY else rows["sent_in"]
    return DataFrame({**keyed(rows), **columns, "quarter": quarter.astype("str")})


def keyed(rows: DataFrame) -> dict[str, Series]:
    """Return child_key, birth_mark and month of birth, where a table is about children."""
    if "child" not in rows:
        return {}
    born = rows["born"] if "born" in rows else Series("", index=rows.index)
    marks = [
        _key(child + day) if day else 0 for child, day in zip(rows["child"], born, strict=True)
    ]
    return {
        "child_key": rows["child"].map(_key).astype("int64"),
        "birth_mark": Series(marks, index=rows.index, dtype="int64"),
        "birth_month": typed(AT_REST["birth_month"], born.str[:7]),
    }


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest())


def typed(declared: pa.DataType, texts: Series) -> Series:
    """Return written cells in their type at rest; an empty one is missing."""
    given = texts.where(texts != "")
    if pa.types.is_date(declared):
        return pd.to_datetime(given, format="ISO8601").astype("datetime64[s]")
    if pa.types.is_boolean(declared):
        return given.map({"yes": True, "no": False}).astype("boolean")
    return given.astype("str" if pa.types.is_string(declared) else "float64")


def outcomes_of(rows: AuthorityRows) -> AuthorityResult:
    """Return everything the rows come to, over ten years."""
    return authority_outcomes(rows, first=FIRST, last=LAST)


def figure_in(table: DataFrame, outcome: str, quarter: str) -> Series:
    """Return the one figure of an outcome and quarter."""
    found = table[(table["outcome"] == outcome) & (table["quarter"] == quarter)]
    (figure,) = (row for _, row in found.iterrows())
    return figure


def figure_of(example: Example) -> Series:
    """Return the one figure the example is about."""
    rows = rows_sent(
        example.sent,
        la_code=example.la_code,
        covered=example.covered,
        left_out=example.left_out,
    )
    return figure_in(outcomes_of(rows).outcomes, example.outcome, example.quarter)
