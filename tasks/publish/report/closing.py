"""The last chapters of the report: how figures are made and protected, and what changed."""

from __future__ import annotations

from schemas.editions import SYMBOL_MEANINGS
from schemas.outcomes.publication import THRESHOLD
from tasks.disclose.earlier import HELD, SIDES
from tasks.publish.changes import headlines
from tasks.publish.report.section import Listing, ReportInputs, Section, rows_of


def methods(report: ReportInputs) -> Section:
    """Return how the figures are made and protected, in short, and why some are not known."""
    rows = tuple((symbol.value, words) for symbol, words in SYMBOL_MEANINGS.items())
    return Section(
        "methods",
        "Methods",
        words=(
            "Outcomes are worked out child by child inside each authority, from returns that "
            "passed every rule, and leave it only as counts. outcome_definitions.csv gives every "
            "definition; data_dictionary.csv every column.",
            f"Counts from 1 to {THRESHOLD} are hidden, with every rate made from them, and what "
            "remains of a group when one is taken from the other. Further figures are hidden so "
            "that none of these can be worked out by adding and subtracting, within this edition "
            "or against any earlier one. A figure that would change by so little that it gave a "
            "child away keeps its earlier number until more has changed.",
            "A percentage is made from unrounded numbers and shown to one decimal. Zero is a true "
            "zero.",
            "A total is over one set of authorities, the same in every quarter and year, and is "
            "not available (x) where one of them has no figure. totals.csv names each set, and why "
            "the other authorities are not in it.",
        ),
        tables=(Listing("Symbols", ("Symbol", "Meaning"), rows, 2),),
    )


def moved_figures(report: ReportInputs) -> Section:
    """Return what moved since the edition before, and why."""
    if report.previous is None:
        words: tuple[str, ...] = ("This is the first edition: there is nothing to compare with.",)
        return Section("changes", "What changed", words=words)
    held = sum(int((report.shown[f"{side}_state"] == HELD).sum()) for side in SIDES)
    words = (
        f"Compared with edition {report.previous}, {len(report.moved):,} published figures moved. "
        "revisions.csv lists each, with the returns it rests on that were sent since.",
        f"{held:,} figures repeat an earlier number, because the new one would give away few "
        "children. The workbook marks them.",
    )
    titles = {name: table.title for name, table in report.tables.items()}
    moved = report.moved.assign(table=report.moved["table"].map(lambda name: titles[str(name)]))
    counts = moved.groupby(["table", "kind", "why"], as_index=False).size()
    listing = Listing(
        "Figures that moved, by table",
        ("Table", "What happened", "Why", "Figures"),
        rows_of(counts, ["table", "kind", "why", "size"]),
        3,
    )
    first = headlines(report.moved)
    moved_first = Listing(
        "Headline figures that moved",
        ("Figure", "Before", "Now", "Why"),
        rows_of(first, ["figure", "before", "after", "why"]),
        1,
    )
    tables = (*((moved_first,) if len(first) else ()), *((listing,) if len(counts) else ()))
    return Section("changes", "What changed", words=words, tables=tables)
