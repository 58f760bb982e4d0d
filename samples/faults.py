"""Faults that authorities' returns are known to have, planted on purpose and written down.

About one quarter in eight of an authority gets one fault. The kinds follow each other from a place
that depends on the authority, so that few returns already show many kinds. `truth/faults.csv` says
where each fault is and what must be found there; rows are counted as the authority sees them, the
heading being row 1, and are line numbers in XML.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from samples.chance import Chance
from samples.forms import Occasion

_Files = dict[str, bytes]

_SHARE = 0.125
_MOST_ROWS = 12
_UNKNOWN_SEX_SINCE = 2025
_EXCEL_DAY_0 = date(1899, 12, 30).toordinal()
_SEX_SPELLINGS = ("U", "Unknown", "unk", "Not known", "N/K", "?", "X", "9", "0")


@dataclass(frozen=True)
class Fault:
    """One planted fault.

    Attributes:
        return_name: return of the faulty file; in the table, `return`.
        file: name within the quarter's folder.
        row: row or XML line; empty where the whole file is meant.
        column: heading or element; empty where none is meant.
        fault: kind.
        must_find: what a check must tell the authority.
    """

    la_code: str
    quarter: str
    return_name: str
    file: str
    row: str
    column: str
    fault: str
    must_find: str

    @property
    def place(self) -> tuple[str, str, str, int, str]:
        """What the table is sorted by."""
        return self.la_code, self.quarter, self.file, int(self.row or 0), self.column


FAULT_COLUMNS = tuple("return" if f.name == "return_name" else f.name for f in fields(Fault))


@dataclass
class Desk:
    """The files of one quarter while faults are put into them."""

    occasion: Occasion
    chance: Chance
    files: _Files
    faults: list[Fault]

    def note(
        self, file: str, fault: str, must_find: str, *, row: int | None = None, column: str = ""
    ) -> None:
        """Write down a fault."""
        self.faults.append(
            Fault(
                la_code=self.occasion.setting.la_code,
                quarter=str(self.occasion.quarter),
                return_name=return_of(file),
                file=file,
                row="" if row is None else str(row),
                column=column,
                fault=fault,
                must_find=must_find,
            )
        )

    def rows(self, file: str) -> list[list[str]]:
        """Return the rows of a CSV file, the heading first."""
        return [line.split(",") for line in self.files[file].decode().splitlines()]

    def save(self, file: str, rows: Iterable[list[str]]) -> None:
        """Put rows back."""
        self.files[file] = ("\r\n".join(map(",".join, rows)) + "\r\n").encode()


def return_of(file: str) -> str:
    """Return which return a file belongs to."""
    return file.split("/")[0] if "/" in file else file.rsplit(".", 1)[0]


def with_faults(occasion: Occasion, files: _Files) -> tuple[_Files, list[Fault]]:
    """Return the quarter's files, faulty for some quarters, and what was planted in them."""
    own = occasion.setting
    chance = Chance(own.seed, own.la_code, "faults", str(occasion.quarter))
    if not chance.happens(_SHARE):
        return files, []
    begun: int = occasion.kept.setdefault("faults", sum(map(ord, own.la_code)))
    desk = Desk(occasion, chance, dict(files), [])
    for step in range(len(KINDS)):
        KINDS[(begun + step) % len(KINDS)](desk)
        if desk.faults:
            occasion.kept["faults"] = begun + step + 1
            break
    return desk.files, desk.faults


# The kinds; each leaves the files as they are when there is nothing to spoil.


def _title_above_header(desk: Desk) -> None:
    file = "ssda903/header.csv"
    title = f"Children looked after,{desk.occasion.setting.name.replace(',', '')}\r\n\r\n"
    desk.files[file] = title.encode() + desk.files[file]
    desk.note(file, "header_not_in_row_1", "The headings are in row 3, not in row 1.", row=3)


def _mixed_dates(desk: Desk) -> None:
    file = "ssda903/reviews.csv"
    rows = desk.rows(file)
    column = rows[0].index("REVIEW")
    for number, row in enumerate(rows[1 : 1 + 2 * _MOST_ROWS : 2], start=1):
        row[column] = _other_date(row[column], as_serial=number % 2 == 0)
        desk.note(
            file,
            "dates_mixed",
            "A date is not written dd/mm/yyyy as the others are.",
            row=2 * number,
            column="REVIEW",
        )
    desk.save(file, rows)


def _other_date(text: str, *, as_serial: bool) -> str:
    day, month, year = map(int, text.split("/"))
    moment = date(year, month, day)
    return str(moment.toordinal() - _EXCEL_DAY_0) if as_serial else moment.isoformat()


def _month_and_year_of_birth(desk: Desk) -> None:
    file = "ssda903/header.csv"
    rows = desk.rows(file)
    if len(rows) < 2:
        return
    born, baby = rows[0].index("DOB"), rows[0].index("MC_DOB")
    for row in rows[1:]:
        _, month, year = row[born].split("/")
        row[born], row[baby] = month, year
    desk.save(file, rows)
    for column, holds in (("DOB", "month"), ("MC_DOB", "year")):
        words = f"Every value is no date: the column holds the {holds} of birth."
        desk.note(file, "birth_in_mislabelled_columns", words, column=column)


def _rate_out_by_100(desk: Desk) -> None:
    file = "workforce.csv"
    rows = desk.rows(file)
    column = rows[0].index("sickness_days")
    rows[1][column] = f"{float(rows[1][column]) * 100:.1f}"
    desk.save(file, rows)
    words = "Days lost to sickness are 100 times those of other quarters."
    desk.note(file, "rate_out_by_100", words, row=2, column="sickness_days")


def _quarter_twice(desk: Desk) -> None:
    file = "workforce.csv"
    rows = desk.rows(file)
    rows.append([*rows[1][:2], *[""] * (len(rows[1]) - 2)])
    desk.save(file, rows)
    words = "The same quarter stands in two rows, once without values."
    desk.note(file, "quarter_twice_once_blank", words, row=3, column="quarter")


def _leading_zeros_lost(desk: Desk) -> None:
    file = "ssda903/episodes.csv"
    rows = desk.rows(file)
    if len(rows) < 2 or not rows[1][0].startswith("0"):
        return
    for row in rows[1:]:
        row[0] = row[0].lstrip("0")
    desk.save(file, rows)
    words = "Ids have lost the leading zeros they have in the header file: no child is found there."
    desk.note(file, "leading_zeros_lost", words, column="CHILD")


def _shared_id(desk: Desk) -> None:
    file = "ssda903/header.csv"
    rows = desk.rows(file)
    if len(rows) < 4:
        return
    first = desk.chance.between(1, len(rows) - 2)
    rows[first + 1][0] = rows[first][0]
    desk.save(file, rows)
    words = "Two different children have the same id."
    desk.note(file, "shared_id", words, row=first + 1, column="CHILD")
    desk.note(file, "shared_id", words, row=first + 2, column="CHILD")


def _unborn_with_age(desk: Desk) -> None:
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


def _packed_factors(desk: Desk) -> None:
    file = "cin_census.xml"
    lines = desk.files[file].decode().split("\n")
    joint = "</AssessmentFactors><AssessmentFactors>"
    found = [number for number, line in enumerate(lines) if joint in line][:_MOST_ROWS]
    for number in found:
        lines[number] = lines[number].replace(joint, ",")
        words = "Several assessment factors stand in one element."
        desk.note(file, "factors_packed", words, row=number + 1, column="AssessmentFactors")
    desk.files[file] = "\n".join(lines).encode()


def _file_missing(desk: Desk) -> None:
    file = "ssda903/episodes.csv"
    del desk.files[file]
    desk.note(file, "file_missing", "The return has no episodes file.")


def _spellings_of_unknown(desk: Desk) -> None:
    file = "ssda903/header.csv"
    rows = desk.rows(file)
    if len(rows) < 2:
        return
    column = rows[0].index("SEX")
    for number, (row, spelling) in enumerate(zip(rows[1:], _SEX_SPELLINGS, strict=False), start=2):
        if spelling == "U" and desk.occasion.span.collection >= _UNKNOWN_SEX_SINCE:
            continue
        row[column] = spelling
        words = "Unknown sex in a spelling that is no code of the collection year."
        desk.note(file, "unknown_sex_spelling", words, row=number, column="SEX")
    desk.save(file, rows)


KINDS: tuple[Callable[[Desk], None], ...] = (
    _title_above_header,
    _mixed_dates,
    _packed_factors,
    _rate_out_by_100,
    _shared_id,
    _month_and_year_of_birth,
    _leading_zeros_lost,
    _quarter_twice,
    _unborn_with_age,
    _file_missing,
    _spellings_of_unknown,
)


def write_faults(path: Path, faults: Iterable[Fault]) -> None:
    """Write where each fault is and what must be found there."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FAULT_COLUMNS)
        writer.writerows([getattr(fault, f.name) for f in fields(fault)] for fault in faults)
