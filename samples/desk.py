"""The files of one quarter while faults are put into them, and what is written down of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields

from samples.chance import Chance
from samples.forms import Occasion

Files = dict[str, bytes]

CARE = "ssda903"
HARMLESS, HARMFUL = "harmless", "harmful"


@dataclass(frozen=True)
class Fault:
    """One planted fault.

    Attributes:
        return_name: return of the faulty file; in the table, `return`.
        file: name within the quarter's folder.
        row: row or XML line; empty where the whole file is meant.
        column: heading or element; empty where none is meant.
        fault: kind.
        effect: harmless where every figure stays as it is; harmful where some are not given, or
            others.
        reason: why figures are not given (a `FigureReason`), or the kind of conflict (a row of
            `sfp status`) whose declared rule makes them others, or `unforeseen`; empty where
            harmless.
        table: the table that is meant, where only figures made of it are not given.
        must_find: what a check must tell the authority.
    """

    la_code: str
    quarter: str
    return_name: str
    file: str
    row: str
    column: str
    fault: str
    effect: str
    reason: str
    table: str
    must_find: str

    @property
    def place(self) -> tuple[str, str, str, int, str]:
        """What the table is sorted by."""
        return self.la_code, self.quarter, self.file, int(self.row or 0), self.column


FAULT_COLUMNS = tuple("return" if f.name == "return_name" else f.name for f in fields(Fault))


@dataclass
class Desk:
    """The files of one quarter while faults are put into them.

    Attributes:
        before: the files that the authority sent for earlier quarters, by quarter.
        folder: name of the quarter's folder.
        reason, table: of the kind that is being planted, as in `Fault`.
        taken: returns that have a fault already.
    """

    occasion: Occasion
    chance: Chance
    files: Files
    faults: list[Fault]
    folder: str = ""
    reason: str = ""
    table: str = ""
    before: dict[str, Files] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

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
                effect=HARMFUL if self.reason else HARMLESS,
                reason=self.reason,
                table=self.table,
                must_find=must_find,
            )
        )

    def rows(self, file: str) -> list[list[str]]:
        """Return the rows of a CSV file, the heading first; none where it is not there."""
        return [line.split(",") for line in self.files.get(file, b"").decode().splitlines()]

    def save(self, file: str, rows: Iterable[list[str]]) -> None:
        """Put rows back."""
        self.files[file] = ("\r\n".join(map(",".join, rows)) + "\r\n").encode()

    def change(self, file: str, columns: Iterable[str], new: Callable[[str], str]) -> bool:
        """Put new text in the cells of some columns; return whether any has changed."""
        rows = self.rows(file)
        wanted = set(columns)
        places = [place for place, name in enumerate(rows[0] if rows else ()) if name in wanted]
        changed = False
        for row in rows[1:]:
            for place in places:
                text = new(row[place])
                changed |= text != row[place]
                row[place] = text
        if changed:
            self.save(file, rows)
        return changed

    def of(self, return_name: str) -> list[str]:
        """Return the CSV files of one return, in order of name."""
        return sorted(
            file for file in self.files if return_of(file) == return_name and file.endswith(".csv")
        )


def return_of(file: str) -> str:
    """Return which return a file belongs to."""
    return file.split("/")[0] if "/" in file else file.rsplit(".", 1)[0]
