"""`report.html`: the answer as a page an officer can read, print and act on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pandas import DataFrame, Series

from schemas.quarter import Quarter
from schemas.submission import Reach, Severity, State
from tasks.answer.answer import Answer, fault_and_advice
from tasks.answer.findings import printable
from tasks.answer.rules import ReportedRule, settled_rules
from tasks.page import page, rendered
from tasks.page.figure import bars

PLACES_SHOWN = 20
"""Places named per group on the page; the workbook and the CSV file hold all."""

MOST_WORDINGS = 50
"""Wordings of one rule shown as groups of their own; beyond these they share one group."""

PAST_RULES_SHOWN = 15
PAST_QUARTERS_SHOWN = 8

_TEMPLATES: Final = Path(__file__).parent / "templates"
UK_TIME = ZoneInfo("Europe/London")

_TITLES = {
    "file": "File",
    "place": "Sheet or element",
    "row": "Row",
    "field": "Field",
    "words": "What is wrong",
    "found": "What was found",
}
_COLOURS = {
    State.ACCEPTED: "green",
    State.ACCEPTED_WITH_QUERIES: "blue",
    State.REJECTED: "red",
    State.HELD: "grey",
}


@dataclass(frozen=True)
class _Group:
    """Findings of one rule that are corrected the same way.

    Attributes:
        code, severity, reach: of the rule.
        heading: what is wrong, in words.
        action: what to do about it.
        count: places in all.
        shared: what all places have in common: file, sheet or element, field.
        headings: of the columns of `places`.
        places: the first places, as texts.
    """

    code: str
    severity: str
    reach: str
    heading: str
    action: str
    count: int
    shared: str
    headings: tuple[str, ...]
    places: tuple[tuple[str, ...], ...]

    @property
    def more(self) -> int:
        """Places that are only in the workbook."""
        return self.count - len(self.places) if self.places else 0

    @property
    def is_rows_only(self) -> bool:
        """Whether row and value are all that a place shows."""
        return set(self.headings) <= {_TITLES["row"], _TITLES["found"]}


def answer_html(answer: Answer, findings: DataFrame, rules: list[ReportedRule]) -> str:
    """Return the report as one self-contained page."""
    groups = list(finding_groups(findings))
    rejecting = [group for group in groups if group.reach == Reach.SUBMISSION]
    sections = _sections(groups)
    earlier = past(answer)
    body = rendered(
        _TEMPLATES,
        "report.html.j2",
        answer=answer,
        colour=_COLOURS.get(answer.state, "grey"),
        quarter=quarter_words(answer.submission.quarter),
        received=uk_time(answer.received_at),
        aside=_by_table(answer, answer.rows_set_aside),
        to_correct=_by_table(answer, answer.rows_to_correct),
        contents=_contents(answer, rejecting, sections, has_past=earlier is not None),
        rejecting=rejecting,
        sections=sections,
        changes=row_changes(answer),
        has_fallen=has_fallen(answer),
        rules=rules,
        settled=settled_rules(rules),
        past=earlier,
    )
    title = f"{str(answer.state).capitalize()}: {answer.return_title}, {answer.submission.quarter}"
    return page(f"{title}, {answer.la_name}", body)


def finding_groups(findings: DataFrame) -> Iterator[_Group]:
    """Yield the findings rule by rule, in their order; wordings that differ stand apart."""
    wordings = findings.groupby("code")["words"].transform("nunique")
    wording = findings["words"].where(wordings <= MOST_WORDINGS, "")
    keys = [findings["reach"].eq(str(Reach.SUBMISSION)), "severity", "reach", "code", wording]
    for _, found in findings.groupby(keys, sort=False):
        yield _group(found)


def _group(found: DataFrame) -> _Group:
    first = found.iloc[0]
    heading, advice = fault_and_advice(str(first["words"]))
    shared = _shared(found)
    headings, places = _places(found.drop(columns=shared))
    return _Group(
        code=str(first["code"]),
        severity=str(first["severity"]),
        reach=str(first["reach"]),
        heading=heading or f"Rule {first['code']} is broken.",
        action=advice or _advice(found),
        count=len(found),
        shared=_where(first, shared),
        headings=headings,
        places=places,
    )


def _advice(found: DataFrame) -> str:
    fields = [str(name) for name in found["field"].unique() if name]
    what = " and ".join(fields[:3]) if fields else "what is named here"
    if found["severity"].iloc[0] == Severity.ERROR:
        return f"Correct {what} at each place and send the file again."
    return f"Look at {what} at each place. If it is right, you do not need to do anything."


def _shared(found: DataFrame) -> list[str]:
    """Return the columns that hold the same for every place."""
    return [name for name in ("file", "place", "field") if found[name].nunique() == 1]


def _where(first: Series, shared: list[str]) -> str:
    said = {"file": "{}", "place": "{}", "field": "field {}"}
    return ", ".join(said[name].format(first[name]) for name in shared if first[name])


def _places(found: DataFrame) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return headings and first places, without columns that would be empty."""
    shown = found.head(PLACES_SHOWN)
    rows = shown["row"].map(str, na_action="ignore").astype(object).where(shown["row"].notna(), "")
    texts = shown.assign(row=rows)
    one_wording = found["words"].nunique() == 1
    kept = [
        name
        for name in _TITLES
        if name in texts and texts[name].ne("").any() and not (name == "words" and one_wording)
    ]
    places = tuple(texts[kept].itertuples(index=False, name=None)) if kept else ()
    return tuple(_TITLES[name] for name in kept), places


def _sections(groups: list[_Group]) -> list[tuple[Severity, list[_Group]]]:
    """Return what does not reject the submission, errors first, then queries, then notices."""
    rest = [group for group in groups if group.reach != Reach.SUBMISSION]
    by_severity = [(each, [g for g in rest if g.severity == each]) for each in Severity]
    return [(severity, found) for severity, found in by_severity if found]


def _by_table(answer: Answer, counts: dict[str, int]) -> str:
    return ", ".join(f"{answer.table_label(name)}: {count:,}" for name, count in counts.items())


def _contents(
    answer: Answer,
    rejecting: list[_Group],
    sections: list[tuple[Severity, list[_Group]]],
    *,
    has_past: bool,
) -> list[tuple[str, str]]:
    """Return anchor and words of every section that the page has, in its order."""
    names = {Severity.ERROR: "Errors", Severity.QUERY: "Queries", Severity.NOTICE: "Notices"}
    why = "Why it is held" if answer.state is State.HELD else "Why it could not be read"
    parts = [
        ("refused", why, answer.refusal is not None),
        ("rejecting", "Why it was rejected", bool(rejecting)),
        ("changes", "What changed", answer.checked is not None and has_fallen(answer)),
        *((str(severity), names[severity], True) for severity, _ in sections),
        ("changes", "What changed", answer.checked is not None and not has_fallen(answer)),
        ("tolerances", "What we understood", bool(answer.tolerances)),
        ("rules", "Rules we checked", answer.checked is not None),
        ("past", "Findings over past quarters", has_past),
        ("receipt", "Receipt", True),
    ]
    return [(anchor, words) for anchor, words, is_there in parts if is_there]


def row_changes(answer: Answer) -> list[tuple[str, str, str, str]]:
    """Return what changed against the submission compared with, rows set aside left out.

    Returns:
        what is counted, before, now, difference; empty when there is nothing to compare with.
    """
    return [
        (what, f"{old:,}", f"{new:,}", f"{new - old:+,}" if new != old else "no change")
        for what, old, new in _counted(answer)
    ]


def has_fallen(answer: Answer) -> bool:
    """Return whether there is less of anything than before: that is said first on the page."""
    return any(new < old for _, old, new in _counted(answer))


def _counted(answer: Answer) -> list[tuple[str, int, int]]:
    before = answer.previous_row_counts
    if before is None:
        return []
    aside = answer.rows_set_aside
    kept = {name: count - aside.get(name, 0) for name, count in answer.row_counts.items()}
    counted = [
        (f"Rows in {answer.table_label(name)}", before.get(name, 0), kept.get(name, 0))
        for name in dict.fromkeys((*kept, *before))
    ]
    if answer.child_count is not None and answer.previous_child_count is not None:
        counted.insert(0, ("Children", answer.previous_child_count, answer.child_count))
    return [(what, old, new) for what, old, new in counted if old or new]


def past(answer: Answer) -> dict[str, Any] | None:
    """Return findings per rule over earlier quarters and this one; None when none is known."""
    patterns = answer.past_patterns
    if patterns is None or patterns.empty:
        return None
    this = str(answer.submission.quarter)
    counts = patterns.pivot_table(index="code", columns="quarter", values="count", aggfunc="sum")
    counts[this] = 0
    for code, count in answer.code_counts.items():
        counts.loc[code, this] = count
    counts = counts.fillna(0).astype("int64")
    quarters = sorted(map(str, counts.columns))[-PAST_QUARTERS_SHOWN:]
    totals = counts[quarters].sum()
    frequent = counts.assign(total=counts[quarters].sum(axis=1)).sort_values(
        "total", ascending=False, kind="stable"
    )
    shown = frequent.head(PAST_RULES_SHOWN)[quarters]
    return {
        "quarters": quarters,
        "rows": [
            [_rule_name(answer, str(code)), *(f"{count:,}" for count in row)]
            for code, *row in shown.itertuples(name=None)
        ],
        "totals": [f"{int(total):,}" for total in totals],
        "more": len(counts) - len(shown),
        "figure": bars(quarters, [int(total) for total in totals], title="Findings per quarter"),
    }


def _rule_name(answer: Answer, code: str) -> str:
    fault = printable(answer.fault(code))
    return f"{fault} ({code})" if fault else f"Rule {code}"


def quarter_words(quarter: Quarter) -> str:
    """Return the quarter as `April to June 2025`."""
    return f"{quarter.start:%B} to {quarter.last_day:%B %Y}"


def uk_time(moment: str) -> str:
    """Return a UTC moment as written in the UK: `8:12pm on 21 November 2026`."""
    local = datetime.fromisoformat(moment).astimezone(UK_TIME)
    clock = f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"
    return f"{clock} on {local.day} {local:%B %Y}"
