"""Findings as their authority sees them: in order, printable, never a live formula."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from io import StringIO

from pandas import DataFrame, Series, to_numeric

from schemas.period import PERIOD_CODES
from schemas.submission import Reach, Severity

REPORTED_COLUMNS = (
    "file",
    "place",
    "row",
    "field",
    "code",
    "severity",
    "reach",
    "words",
    "found",
)
LONGEST_FOUND = 500
"""Characters of a cell shown; enough to know it again, and a pack stays small."""

BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet may take for the start of a formula (OWASP ASVS 1.2.10), full width included.
_FORMULA = re.compile(r"[\t\r\n\0]|\s*[-=+@＝＋－＠]")
# Cc control, Cf format (invisible, or turns the writing direction), Cs half a character,
# Zl and Zp line breaks; private-use and unassigned characters are harmless.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SUSPECT = re.compile(r"[^ -~\u00a0-\u00ac\u00ae-\u05ff]")


def reported_findings(findings: DataFrame) -> DataFrame:
    """Return the findings in the order of the report, every text fit to print.

    That the return is of another period comes first, since the others may follow from it; then what
    rejects the submission, then errors, queries and notices; within these by code, file, place and
    row, so that an officer goes through each file once per rule.

    Returns:
        `REPORTED_COLUMNS`: texts, `row` as a nullable whole number; one row per finding.
    """
    texts = DataFrame({name: _text(findings[name]) for name in REPORTED_COLUMNS if name != "row"})
    texts["row"] = to_numeric(findings["row"], errors="coerce").astype("Int64").array
    rejects = texts["reach"].ne(str(Reach.SUBMISSION)).astype("int8")
    ranks = {str(severity): rank for rank, severity in enumerate(Severity)}
    other = ~texts["code"].isin(PERIOD_CODES)
    ranked = texts.assign(
        other=other, rejects=rejects, rank=texts["severity"].map(ranks).fillna(len(ranks))
    )
    order = ["other", "rejects", "rank", "code", "file", "place", "row", "field", "found"]
    ordered = ranked.sort_values(order, kind="stable", na_position="first", ignore_index=True)
    return ordered[list(REPORTED_COLUMNS)]


def findings_csv(findings: DataFrame) -> bytes:
    """Return the findings as CSV for a spreadsheet.

    UTF-8 with a byte order mark, because without one Excel reads a name such as Zoë wrongly, and
    CRLF line ends (RFC 4180). A text that a spreadsheet could take for a formula gets a leading
    apostrophe.
    """
    safe = findings.assign(
        **{
            name: _by_distinct(findings[name], neutral)
            for name in REPORTED_COLUMNS
            if name != "row"
        }
    )
    out = StringIO(newline="")
    safe.to_csv(out, index=False, lineterminator="\r\n")
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def neutral(text: str) -> str:
    """Return the text, with an apostrophe before what could be taken for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def printable(text: str) -> str:
    """Return the text on one line, with nothing that hides, and no longer than we show.

    A control character becomes its picture (␉ for a tab), an invisible one its number (⟨U+202E⟩),
    so that what was found can be seen and cannot disturb the page it stands on.
    """
    shown = text[:LONGEST_FOUND]
    if _SUSPECT.search(shown):
        shown = "".join(map(_visible, shown))
    return shown if len(text) <= LONGEST_FOUND else f"{shown}… ({len(text):,} characters)"


def _visible(character: str) -> str:
    if character < " ":
        return chr(0x2400 + ord(character))
    if unicodedata.category(character) in _UNPRINTABLE:
        return f"⟨U+{ord(character):04X}⟩"
    return character


def _text(values: Series) -> Series:
    return _by_distinct(values.astype(object).where(values.notna(), ""), printable)


def _by_distinct(values: Series, change: Callable[[str], str]) -> Series:
    changed = {value: change(str(value)) for value in values.unique()}
    return values.map(changed).astype(object).reset_index(drop=True)
