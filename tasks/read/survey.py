"""Survey exports as tools write them, into the one table their form is.

A tool adds columns of its own, more rows of headings, one column for each option of a question and
rows of its own trials. What is certain is read and reported; columns that hold names are dropped
unread, and reported as an error of the survey's settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pyarrow as pa

from schemas.arrays import Flags
from schemas.rows import SURVEY_NAMES, Tolerance
from schemas.spellings import is_direct_identifier, plain
from schemas.training import FORM_KINDS, items, survey_columns, survey_words
from tasks.read.arrow import Texts, blank, encoded, taken, texts
from tasks.read.headings import TableHeadings
from tasks.read.sheet import SentTable, Sheet
from tasks.read.survey_headings import unnumbered
from tasks.read.survey_scales import check_scales

_IMPORT_ID = re.compile(r"""\s*\{\s*["']ImportId["']""")
_ROWS_OF_HEADINGS = 3
_LEAST_REPEATED = 2
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_YEAR = re.compile(r"20[0-9]{2}")
_DAY = re.compile(
    r"\bof\s+[0-9]{1,2}\b|\b[0-9]{1,4}([/.-])[0-9]{1,2}\1[0-9]{2,4}\b"
    r"|\b[0-9]{1,2}(?:st|nd|rd|th)?\s+(?=(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
    r"|\b20[0-9]{2}\b",
    re.IGNORECASE,
)
_QUALTRICS = frozenset(("distributionchannel", "recordeddate"))  # headings of this tool alone
_LONGEST_NUMBER = 2  # digits of a cohort or session


def survey_sheet(sheet: Sheet, known: TableHeadings) -> Sheet:
    """Return a sheet of a survey's export with the columns and rows of its form alone.

    Raises:
        UnreadableError: SCALE_DIFFERS, where a question was asked on another scale.
    """
    words = _trial_words(sheet)
    for step in (
        _without_heading_rows,
        _with_one_of_each,
        partial(_without_trials, words=words),
        _without_identifiers,
        _with_options_joined,
        _with_response_ids,
    ):
        sheet = step(sheet, known)
    check_scales(sheet, known)
    return sheet


def survey_table(sent: SentTable) -> SentTable:
    """Return a form with its cohorts and sessions named as short as the register names them."""
    for name, read in (("cohort", _cohorts_named), ("session", _sessions_named)):
        if name in sent.raw.column_names:
            sent = _renamed(sent, name, read)
    return sent


def without_blank_forms(sent: SentTable) -> SentTable:
    """Return one of several forms in a survey without the rows of those who left it out."""
    (kind,) = (kind for kind in FORM_KINDS.values() if kind.table == sent.table.name)
    empty = np.ones(len(sent.rows), dtype=bool)
    for item in items(kind.name):
        empty &= blank(sent.raw.column(item.name))
    if not empty.any():
        return sent
    kept = pa.array(~empty)
    return replace(
        sent,
        raw=sent.raw.filter(kept),
        rows=sent.rows[~empty],
        unpacked={name: cells.filter(kept) for name, cells in sent.unpacked.items()},
    )


def _renamed(sent: SentTable, name: str, read: Callable[[list[str]], list[str]]) -> SentTable:
    distinct, places = encoded(sent.raw.column(name))
    short = read(distinct)
    changed = [one != text.strip() for one, text in zip(short, distinct, strict=True)]
    if not any(changed):
        return sent
    count = int(np.array([*changed, False], dtype=bool)[places].sum())
    words = f"{sent.table[name].sent_as}: numbers were read out of longer names."
    return replace(
        sent,
        unpacked={**sent.unpacked, name: taken(texts(short), places)},
        tolerances=(*sent.tolerances, Tolerance("SPELLING", sent.name, words, count)),
    )


def _cohorts_named(sent: list[str]) -> list[str]:
    """Return cohorts of a column by their short names, except those of two times with one."""
    short = [cohort_named(text) for text in sent]
    told: dict[str, set[frozenset[str]]] = {}
    for one, text in zip(short, sent, strict=True):
        told.setdefault(one, set()).add(frozenset(_words(text) & _times() - {"term"}))
    is_one = {one: len(times - {frozenset()}) <= 1 for one, times in told.items()}
    return [one if is_one[one] else text.strip() for one, text in zip(short, sent, strict=True)]


def _sessions_named(sent: list[str]) -> list[str]:
    return [session_named(text) for text in sent]


def cohort_named(text: str) -> str:
    """Return a cohort as its number, after its year where one is named: `2023-2`; else the text.

    A term or month after the number says when it ran; before it, it is part of the name.
    """
    number, before, after = _numbered(text, "cohort word")
    years = {word for word in before | after if _YEAR.fullmatch(word)}
    if not number or len(years) > 1 or before - years or after - years - _times():
        return text.strip()
    return f"{years.pop()}-{number}" if years else number


def session_named(text: str) -> str:
    """Return a session as its number where else it says when at most (`Day 1`); else the text."""
    number, before, after = _numbered(_DAY.sub(" ", text), "session word")
    return number if number and not before | after - _times() else text.strip()


def _numbered(text: str, concept: str) -> tuple[str, set[str], set[str]]:
    """Return the one number with a word of a concept, and the words before and after the two."""
    found = list(_with_number(concept).finditer(text))
    number = _digits("".join(filter(None, found[0].groups())).casefold()) if found else ""
    if len(found) != 1 or len(number) > _LONGEST_NUMBER:
        return "", set(), set()
    return number, _words(text[: found[0].start()]), _words(text[found[0].end() :])


@cache
def _with_number(concept: str) -> re.Pattern[str]:
    """Return the pattern of a word of a concept with a number after it, or in words before it."""
    words = "|".join(map(re.escape, sorted(survey_words(concept), key=len, reverse=True)))
    written = "|".join((*_NUMBERS, *_ORDINALS))
    after = rf"(?:{words})\s*(?:no\.?|number)?\s*#?([0-9]+|{written})\b"
    before = rf"([0-9]+(?=st|nd|rd|th)|{written})(?:st|nd|rd|th)?\s+(?:{words})\b"
    return re.compile(rf"\b(?:{after}|{before})", re.IGNORECASE)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _times() -> set[str]:
    return set(survey_words("cohort time"))


def _digits(number: str) -> str:
    for words in (_NUMBERS, _ORDINALS):
        if number in words:
            return str(words.index(number) + 1)
    return number.lstrip("0")


def _meaning(heading: str, known: TableHeadings) -> str:
    """Return what a column a tool added is for; empty for a question and for what is not known."""
    if known.plain(heading) in known.columns:
        return ""
    bare = unnumbered(heading)
    meaning = survey_columns().get(plain(bare), "")
    return meaning or ("identifying" if is_direct_identifier(bare) else "")


def _without_heading_rows(sheet: Sheet, known: TableHeadings) -> Sheet:
    """Return the sheet with the rows of headings below the first joined to it."""
    count = 0
    for row in sheet.cells.slice(0, _ROWS_OF_HEADINGS).to_pylist():
        cells = [(cell or "").strip() for cell in row.values()]
        if not _is_headings(cells, sheet.headings, known):
            break
        sheet = replace(sheet, headings=_joined_headings(sheet.headings, cells, known))
        count += 1
    if not count:
        return sheet
    words = "Rows that go on with the headings were read as headings."
    used = Tolerance("SURVEY_HEADINGS", sheet.name, words, count)
    return _kept_rows(sheet, np.arange(sheet.cells.num_rows) >= count, used)


def _is_headings(cells: Sequence[str], headings: Sequence[str], known: TableHeadings) -> bool:
    if any(_IMPORT_ID.match(cell) for cell in cells):
        return True
    if sum(known.plain(cell) in known.columns for cell in cells) >= _LEAST_REPEATED:
        return True
    if _is_answered(cells, headings, known):
        return False
    generic = {plain(word) for word in survey_words("second heading")}
    told = [
        cell
        for cell, heading in zip(cells, headings, strict=True)
        if survey_columns().get(plain(heading)) in ("response_id", "completed_date")
    ]
    return not any(told) and any(plain(cell) in generic for cell in cells)


def _is_answered(cells: Sequence[str], headings: Sequence[str], known: TableHeadings) -> bool:
    """Return whether a row answers a question of the table; options may stand below one."""
    generic = {plain(word) for word in survey_words("second heading")}
    asked = known.columns.keys() - known.multiples
    return any(
        cell and plain(cell) not in generic and known.plain(heading) in asked
        for cell, heading in zip(cells, headings, strict=True)
    )


def _joined_headings(
    headings: Sequence[str], cells: Sequence[str], known: TableHeadings
) -> tuple[str, ...]:
    """Return the headings with what a second row of them adds."""
    generic = {plain(word) for word in survey_words("second heading")}
    joined, spanning = [], ""
    for heading, cell in zip(headings, cells, strict=True):
        spanning = heading or spanning
        if known.plain(cell) in known.columns:
            joined.append(cell)
        elif not cell or _IMPORT_ID.match(cell) or (plain(cell) in generic and heading):
            joined.append(heading)
        else:
            joined.append(f"{spanning} - {cell}")
    return tuple(joined)


def _kept_rows(sheet: Sheet, is_kept: Flags, used: Tolerance) -> Sheet:
    return replace(
        sheet,
        cells=sheet.cells.filter(pa.array(is_kept)),
        rows=sheet.rows[is_kept],
        tolerances=(*sheet.tolerances, used),
    )


def _with_columns(sheet: Sheet, kept: Sequence[tuple[str, Texts]], *used: Tolerance) -> Sheet:
    names = [str(place) for place in range(len(kept))]
    return replace(
        sheet,
        headings=tuple(heading for heading, _ in kept),
        cells=pa.Table.from_arrays([cells for _, cells in kept], names=names),
        tolerances=(*sheet.tolerances, *used),
    )


def _columns(sheet: Sheet) -> list[tuple[str, Texts]]:
    return list(zip(sheet.headings, sheet.cells.columns, strict=True))


def _with_one_of_each(sheet: Sheet, known: TableHeadings) -> Sheet:
    """Return the sheet with the tool's own number and day under their names, each once.

    Of several days, as begun and ended, the one that the table of tools names first counts.
    """
    order = [text for text, meaning in survey_columns().items()]
    kept = _columns(sheet)
    for name in ("response_id", "completed_date"):
        standard = plain(name)
        if standard not in known.columns:
            continue
        own = [at for at, (h, _) in enumerate(kept) if known.plain(h) == standard]
        added = [at for at, (h, _) in enumerate(kept) if _meaning(h, known) == name]
        places = own or added
        if not places:
            continue
        first = min(places, key=lambda at: _rank(order, kept[at][0]))
        others = [
            at for at in (*own, *added) if at != first and _rank(order, kept[at][0]) < len(order)
        ]
        kept[first] = (kept[first][0] if own else name, kept[first][1])
        kept = [column for at, column in enumerate(kept) if at not in others]
    return _with_columns(sheet, kept)


def _rank(order: Sequence[str], heading: str) -> int:
    bare = plain(heading)
    return order.index(bare) if bare in order else len(order)


def _trial_words(sheet: Sheet) -> set[str]:
    """Return the plain words of a preview or test; Qualtrics alone has numbers for them."""
    words = {plain(word) for word in survey_words("preview")}
    first = sheet.cells.slice(0, _ROWS_OF_HEADINGS).to_pylist()
    has_import_ids = any(_IMPORT_ID.match(cell or "") for row in first for cell in row.values())
    if has_import_ids or not _QUALTRICS.isdisjoint(map(plain, sheet.headings)):
        return words
    return {word for word in words if not word.isdigit()}


def _without_trials(sheet: Sheet, known: TableHeadings, words: set[str]) -> Sheet:
    """Return the sheet without rows of a preview or test, which are counted."""
    is_trial = np.zeros(sheet.cells.num_rows, dtype=bool)
    for heading, cells in _columns(sheet):
        if _meaning(heading, known) == "status":
            is_trial |= _says(cells, words)
        elif known.plain(heading) in ("responseid", "participantid", "cohort"):
            is_trial |= _says(cells, {word for word in words if not word.isdigit()})
    if not is_trial.any():
        return sheet
    text = "Rows marked as a preview or test of the survey were left out."
    return _kept_rows(
        sheet, ~is_trial, Tolerance("SURVEY_PREVIEW", sheet.name, text, int(is_trial.sum()))
    )


def _says(cells: Texts, words: set[str]) -> Flags:
    distinct, places = encoded(cells)
    found: Flags = np.array([*(plain(text) in words for text in distinct), False], dtype=bool)[
        places
    ]
    return found


def _without_identifiers(sheet: Sheet, known: TableHeadings) -> Sheet:
    """Return the sheet without columns that may name people, whatever they hold."""
    named = {
        at: _names_people(cells)
        for at, (heading, cells) in enumerate(_columns(sheet))
        if _meaning(heading, known) == "identifying"
    }
    if not named:
        return sheet
    kept = [column for at, column in enumerate(_columns(sheet)) if at not in named]
    counts = (
        ("SURVEY_NO_NAMES", "Columns for names that hold none were dropped", False),
        (SURVEY_NAMES, "Columns that hold names or addresses were dropped unread", True),
    )
    used = [
        Tolerance(code, sheet.name, f"{words}.", count)
        for code, words, holds in counts
        if (count := sum(names is holds for names in named.values()))
    ]
    return _with_columns(sheet, kept, *used)


def _names_people(cells: Texts) -> bool:
    """Return whether a column holds anything but nothing, a word for no one, or one constant."""
    distinct, _ = encoded(cells)
    no_one = {plain(word) for word in survey_words("no one")}
    said = {at for at, text in enumerate(distinct) if text.strip() and plain(text) not in no_one}
    if not said:
        return False
    is_constant = len(said) == 1 and len(cells) > 1 and not blank(cells).any()
    return not is_constant


def _with_options_joined(sheet: Sheet, known: TableHeadings) -> Sheet:
    """Return the sheet with the columns of a question's options as one, divided by semicolons."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for at, heading in enumerate(sheet.headings):
        found = known.option(heading)
        if found is not None:
            groups.setdefault(found[0], []).append((at, found[1]))
    if not groups:
        return sheet
    columns, taken_up = _columns(sheet), {at for group in groups.values() for at, _ in group}
    kept = [column for at, column in enumerate(columns) if at not in taken_up]
    for question, group in groups.items():
        whole = [(at, "") for at, (h, _) in enumerate(kept) if known.plain(h) == question]
        parts = [
            *(kept[at][1] for at, _ in whole),
            *(_ticked(columns[at][1], o) for at, o in group),
        ]
        kept = [column for at, column in enumerate(kept) if (at, "") not in whole]
        kept.append((str(known.columns[question].sent_as), _joined(parts)))
    words = "Columns for each option of a question were read as one."
    return _with_columns(sheet, kept, Tolerance("SURVEY_OPTIONS", sheet.name, words, len(taken_up)))


def _ticked(cells: Texts, option: str) -> Texts:
    """Return the option where its column says that it was ticked, and other text as it is."""
    not_ticked = {plain(word) for word in survey_words("not ticked")}
    is_ticked = {plain(word) for word in survey_words("ticked")}
    distinct, places = encoded(cells)
    read = [
        None if plain(text) in not_ticked else option if plain(text) in is_ticked else text
        for text in distinct
    ]
    return taken(texts(read), places)


def _joined(parts: Sequence[Texts]) -> Texts:
    rows = zip(*(part.to_pylist() for part in parts), strict=True)
    return texts(["; ".join(filter(None, row)) or None for row in rows])


def _with_response_ids(sheet: Sheet, known: TableHeadings) -> Sheet:
    """Return the sheet with its rows numbered where the tool gave no numbers."""
    standard = plain("response_id")
    there = {known.plain(heading) for heading in sheet.headings}
    if standard not in known.columns or standard in there or not sheet.cells.num_rows:
        return sheet
    empty = np.ones(sheet.cells.num_rows, dtype=bool)
    for cells in sheet.cells.columns:
        empty &= blank(cells)
    numbers = texts([None if is_empty else str(n) for n, is_empty in enumerate(empty, start=1)])
    words = "The tool gave no numbers of responses, so rows were numbered."
    used = Tolerance("ROWS_NUMBERED", sheet.name, words, int((~empty).sum()))
    return _with_columns(sheet, [*_columns(sheet), ("response_id", numbers)], used)
