"""Faults that are understood: every figure stays as it is.

Each kind leaves the files as they are where there is nothing to spoil.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

import xlsxwriter

from samples.days import as_date
from samples.desk import CARE, Desk

_MOST_ROWS = 12
_UNKNOWN_SEX_SINCE = 2025
_EXCEL_DAY_0 = date(1899, 12, 30).toordinal()
_SEX_SPELLINGS = ("U", "Unknown", "unk", "Not known", "N/K", "?", "X", "9", "0")
_EPISODES, _HEADER, _REVIEWS = (f"{CARE}/{name}.csv" for name in ("episodes", "header", "reviews"))
_MEETINGS, _ATTENDANCE, _WORKFORCE = (
    f"{name}.csv" for name in ("pre_proceedings", "school_attendance", "workforce")
)
_CREATED = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_SPELLINGS = ("Q{n} {year}-{next}", "{year}-{next} Q{n}", "{year}_{next}_Q{n}", "{year}-{next}q{n}")
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini", "~$Return.xlsx")
_PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
_DATES = ("DECOM", "DEC", "REVIEW", "MIS_START", "MIS_END", "first_meeting_date")
_WORKED_DAYS = 3


def _noted(
    desk: Desk, files: Iterable[str], columns: Iterable[str], new: Callable[[str], str], said: str
) -> None:
    """Put new text in the cells of some columns and note it once for each file that changed.

    `said` is the kind and the words, with a colon between them.
    """
    kind, words = said.split(": ")
    for file in files:
        if desk.change(file, columns, new):
            desk.note(file, kind, words)


# Ids


def ids_protected(desk: Desk) -> None:
    """Write ids as an export does that protects their zeros."""
    said = 'ids_protected: Ids stand as ="...".'
    _noted(desk, desk.of(CARE), ("CHILD",), lambda text: f'"=""{text}"""', said)


def ids_spaced(desk: Desk) -> None:
    """Write ids with spaces around them and in small letters."""
    said = "ids_spaced: Ids stand in small letters or with spaces."
    _noted(desk, [_ATTENDANCE], ("child_id",), lambda text: f" {text.lower()} ", said)


# Cells


def dates_unpadded(desk: Desk) -> None:
    """Write days and months without their leading zeros."""
    said = "dates_unpadded: Dates are written without leading zeros."
    _noted(desk, [_EPISODES, _REVIEWS], _DATES, _unpadded, said)


def _unpadded(text: str) -> str:
    return "/".join(part.lstrip("0") for part in text.split("/"))


def dates_with_time(desk: Desk) -> None:
    """Write a time of day after dates."""
    said = "dates_with_time: Dates are followed by a time of day."
    _noted(desk, [_EPISODES, _MEETINGS], _DATES, _with_time, said)


def _with_time(text: str) -> str:
    return f"{text} 00:00" if text.count("/") == 2 else text


def nulls_written(desk: Desk) -> None:
    """Write NULL into cells without a value."""
    said = "nulls_written: NULL stands for no value."
    columns = ("DEC", "REC", "REASON_PLACE_CHANGE", "URN", "MC_DOB", "proceedings_issued_date")
    _noted(desk, [_EPISODES, _HEADER, _MEETINGS], columns, lambda text: text or "NULL", said)


def codes_with_decimals(desk: Desk) -> None:
    """Write codes and scores that are numbers with a decimal."""
    said = "codes_with_decimals: Codes are written as 1.0."
    columns = ("MOTHER", "SDQ_SCORE", "CONVICTED", "sessions_possible")
    files = [_HEADER, f"{CARE}/oc2.csv", _ATTENDANCE]
    _noted(desk, files, columns, lambda text: f"{text}.0" if text.isdigit() else text, said)


def dates_mixed(desk: Desk) -> None:
    """Write some dates otherwise than the rest of their column."""
    rows = desk.rows(_REVIEWS)
    column = rows[0].index("REVIEW")
    for number, row in enumerate(rows[1 : 1 + 2 * _MOST_ROWS : 2], start=1):
        row[column] = _other_date(row[column], as_serial=number % 2 == 0)
        desk.note(
            _REVIEWS,
            "dates_mixed",
            "A date is not written dd/mm/yyyy as the others are.",
            row=2 * number,
            column="REVIEW",
        )
    desk.save(_REVIEWS, rows)


def _other_date(text: str, *, as_serial: bool) -> str:
    day, month, year = map(int, text.split("/"))
    moment = date(year, month, day)
    return str(moment.toordinal() - _EXCEL_DAY_0) if as_serial else moment.isoformat()


def spellings_of_unknown(desk: Desk) -> None:
    """Write unknown sex in the ways that authorities have found for it."""
    rows = desk.rows(_HEADER)
    if len(rows) < 2:
        return
    column = rows[0].index("SEX")
    for number, (row, spelling) in enumerate(zip(rows[1:], _SEX_SPELLINGS, strict=False), start=2):
        if spelling == "U" and desk.occasion.span.collection >= _UNKNOWN_SEX_SINCE:
            continue
        row[column] = spelling
        words = "Unknown sex in a spelling that is no code of the collection year."
        desk.note(_HEADER, "unknown_sex_spelling", words, row=number, column="SEX")
    desk.save(_HEADER, rows)


def packed_factors(desk: Desk) -> None:
    """Write several assessment factors into one element."""
    file = "cin_census.xml"
    lines = desk.files[file].decode().split("\n")
    joint = "</AssessmentFactors><AssessmentFactors>"
    found = [number for number, line in enumerate(lines) if joint in line][:_MOST_ROWS]
    for number in found:
        lines[number] = lines[number].replace(joint, ",")
        words = "Several assessment factors stand in one element."
        desk.note(file, "factors_packed", words, row=number + 1, column="AssessmentFactors")
    desk.files[file] = "\n".join(lines).encode()


# Rows


def title_above_header(desk: Desk) -> None:
    """Put a title and an empty row above the headings."""
    title = f"Children looked after,{desk.occasion.setting.name.replace(',', '')}\r\n\r\n"
    desk.files[_HEADER] = title.encode() + desk.files[_HEADER]
    desk.note(_HEADER, "header_not_in_row_1", "The headings are in row 3, not in row 1.", row=3)


def rows_repeated(desk: Desk) -> None:
    """Repeat rows exactly."""
    rows = desk.rows(_EPISODES)
    again = rows[1::7]
    if again:
        desk.save(_EPISODES, [*rows, *again])
        desk.note(_EPISODES, "rows_repeated", "Rows repeat others exactly.", row=len(rows) + 1)


def heading_repeated(desk: Desk) -> None:
    """Repeat the headings in the middle."""
    rows = desk.rows(_EPISODES)
    middle = len(rows) // 2
    if middle > 1:
        desk.save(_EPISODES, [*rows[:middle], rows[0], *rows[middle:]])
        words = "The headings stand again in the middle."
        desk.note(_EPISODES, "heading_repeated", words, row=middle + 1)


def reviews_left_out(desk: Desk) -> None:
    """Leave out a file that no figure is made of."""
    if len(desk.rows(_REVIEWS)) > 1:
        del desk.files[_REVIEWS]
        desk.note(_REVIEWS, "reviews_left_out", "A file that had rows last time was not sent.")


# Files


def care_in_a_workbook(desk: Desk) -> None:
    """Send the file set as one workbook with a sheet for each file."""
    files = desk.of(CARE)
    sheets = {file.split("/")[1].removesuffix(".csv"): desk.rows(file) for file in files}
    for file in files:
        del desk.files[file]
        desk.note(file, "care_in_a_workbook", "The file is a sheet of a workbook.")
    desk.files[f"{CARE}/looked after.xlsx"] = _book(sheets)


def rows_hidden(desk: Desk) -> None:
    """Send a workbook with some rows hidden by a filter."""
    rows = desk.rows(_ATTENDANCE)
    if len(rows) > 1:
        del desk.files[_ATTENDANCE]
        book = _book({"attendance": rows}, hidden=range(1, len(rows), 2))
        desk.files[_ATTENDANCE.replace(".csv", ".xlsx")] = book
        desk.note(_ATTENDANCE, "rows_hidden", "Rows of a workbook are hidden by a filter.")


def _book(sheets: dict[str, list[list[str]]], *, hidden: Iterable[int] = ()) -> bytes:
    """Return a workbook of text, the same bytes for the same rows."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": _CREATED})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, text in enumerate(row):
                    sheet.write_string(number, place, text)
            for number in hidden:
                sheet.set_row(number, None, None, {"hidden": True})
    return made.getvalue()


def authority_by_name(desk: Desk) -> None:
    """Write the authority's name where its code is asked for."""
    name = desk.occasion.setting.name
    if "," not in name:
        said = "authority_by_name: The authority's name stands in place of its code."
        _noted(desk, [_WORKFORCE], ("la_code",), lambda _: name, said)


def quarter_twice(desk: Desk) -> None:
    """Give the quarter in two rows, once without values."""
    rows = desk.rows(_WORKFORCE)
    rows.append([*rows[1][:2], *[""] * (len(rows[1]) - 2)])
    desk.save(_WORKFORCE, rows)
    words = "The same quarter stands in two rows, once without values."
    desk.note(_WORKFORCE, "quarter_twice_once_blank", words, row=3, column="quarter")


def litter(desk: Desk) -> None:
    """Leave what systems and office programs leave alongside a return."""
    for name in _LITTER:
        desk.files[f"{CARE}/{name}"] = b"\x00" * 64
        desk.note(f"{CARE}/{name}", "litter", "Litter of a system: nothing is to be found.")


def note_alongside(desk: Desk) -> None:
    """Put a note as PDF alongside the returns."""
    file = f"{CARE}/Read me first.pdf"
    desk.files[file] = _PDF
    desk.note(file, "note_alongside", "A file that is no data lies alongside the return.")


def folder_spelled(desk: Desk) -> None:
    """Name the quarter's folder otherwise."""
    quarter = desk.occasion.quarter
    spelling = _SPELLINGS[desk.chance.between(0, len(_SPELLINGS) - 1)]
    named = {"n": quarter.number, "year": quarter.year, "next": f"{(quarter.year + 1) % 100:02d}"}
    desk.folder = spelling.format(**named)
    desk.note("", "folder_spelled", f"The quarter's folder is named {desk.folder}.")


# Care histories


def followed_by_no_one(desk: Desk) -> None:
    """Say of the last episode of some children that another follows, which none does."""
    rows = desk.rows(_EPISODES)
    if len(rows) < 2:
        return
    decom, dec, rec = (rows[0].index(name) for name in ("DECOM", "DEC", "REC"))
    begun = {(row[0], row[decom]) for row in rows[1:]}
    for number, row in enumerate(rows[1:], start=2):
        if row[rec] in ("E8", "E5", "E6") and (row[0], row[dec]) not in begun:
            row[rec] = "X1"
            words = "An episode says that another follows, and none does."
            desk.note(_EPISODES, "followed_by_no_one", words, row=number, column="REC")
    desk.save(_EPISODES, rows)


def start_to_be_corrected(desk: Desk) -> None:
    """Give the start of open episodes three days late; the next year's return has it right."""
    occasion, rows = desk.occasion, desk.rows(_EPISODES)
    is_last_of_year = occasion.quarter.number == 4 and occasion.quarter < occasion.setting.last
    if not is_last_of_year or len(rows) < 2:
        return
    decom, rne, dec = (rows[0].index(name) for name in ("DECOM", "RNE", "DEC"))
    of_child = [row[0] for row in rows]
    for number, row in enumerate(rows[1:], start=2):
        is_only = row[rne] == "S" and not row[dec] and of_child.count(row[0]) == 1
        if is_only and occasion.span.cut - _day(row[decom]) > 10 * _WORKED_DAYS:
            row[decom] = as_date(_day(row[decom]) + _WORKED_DAYS).strftime("%d/%m/%Y")
            words = "The start differs by three days from that of the next year's return."
            desk.note(_EPISODES, "start_to_be_corrected", words, row=number, column="DECOM")
            occasion.kept["sound"] = occasion.quarter.year + 1
            break
    desk.save(_EPISODES, rows)


def _day(text: str) -> int:
    day, month, year = map(int, text.split("/"))
    return date(year, month, day).toordinal()


def unborn_with_age(desk: Desk) -> None:
    """Give unborn children as born, a century ago or in the future."""
    file = "cin_census.xml"
    lines = desk.files[file].decode().split("\n")
    pattern = re.compile(r"<ExpectedPersonBirthDate>(.*?)</ExpectedPersonBirthDate>")
    found = [number for number, line in enumerate(lines) if pattern.search(line)][:2]
    tags = "<PersonBirthDate>{}</PersonBirthDate>"
    for number, born in zip(found, ("1900-01-01", r"\1"), strict=False):
        lines[number] = pattern.sub(tags.format(born), lines[number])
        years = "122 or more" if born.startswith("1900") else "less than 0"
        words = f"An unborn child is given as born: its age would be {years}."
        desk.note(file, "unborn_with_age", words, row=number + 1, column="PersonBirthDate")
    desk.files[file] = "\n".join(lines).encode()
