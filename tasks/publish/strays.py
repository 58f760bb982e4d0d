"""Numbers of an edition's files that are tied to nothing the edition may say.

Page, workbook, list of changes and descriptions are made from the data files, for people. Every
number in them is read and must be one of a data file, a count of what is no people, or declared;
one that is none of these was worked out from something that is not published.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from schemas.arrays import Floats
from schemas.authorities import authorities
from schemas.digits import ESTIMATE
from schemas.editions import COUNTRY_NAME, LOCAL_AUTHORITY
from schemas.quarter import Quarter
from schemas.training import FEW_FORMS
from tasks.publish.drawn import drawn_labels, drawn_leaks, label_number
from tasks.publish.ees import IDENTIFIERS, csv_texts
from tasks.publish.known import THINGS, Known, both, known_numbers
from tasks.publish.page_texts import PageTable, page_tables, page_texts
from tasks.publish.sheets import NumberSheet, sheets, workbook_texts
from tasks.publish.workbook import NOTES_SHEET

_PAGE: Final = "report.html"
_WORKBOOK: Final = "edition.xlsx"
_REVISIONS: Final = "revisions.csv"
_PACKAGE: Final = "datapackage.json"
_COMPLETENESS: Final = "data/completeness.csv"
_TRAINING: Final = "data/training.csv"
_HEADLINES: Final = "data/headlines.csv"
_QUALITY: Final = "data/quality.csv"
_TOTALS: Final = "totals.csv"
_NOT_AVAILABLE: Final = "not_available.csv"
SEVEN: Final = "seven_outcomes.csv"
READ: Final = (".csv", ".html", ".xlsx", ".md", ".json")
"""Endings of the files whose numbers are read: all that an edition has."""
_TIED_ELSEWHERE: Final = re.compile(
    r"data/(?!completeness|training|headlines|quality|.*\.meta\.csv).*\.csv|cost_inputs\.csv"
)
"""Tables whose numbers `tasks.publish.attack` and `tasks.publish.quotients` tie."""
_HAIR: Final = 1e-6


@dataclass(frozen=True)
class Stray:
    """Numbers that are tied to nothing: the file, the place in it, how many; never a value."""

    path: str
    place: str
    count: int


def stray_numbers(
    public: Mapping[str, bytes],
    before: Sequence[Mapping[str, bytes]] = (),
    *,
    training: Floats | None = None,
    counts: Sequence[int] = (),
) -> list[Stray]:
    """Return the numbers of an edition's files that are tied to nothing.

    Args:
        public: the files of the edition, by path.
        before: those of editions that the list of changes compares with, and repeats.
        training: every number of the training figures of all authorities together; None where
            they are not at hand, and digits alone are looked at.
        counts: further counts of what is no people, as of figures that repeat an earlier number.
    """
    files = _Files(public, before, counts)
    found: dict[str, Counter[str]] = {path: Counter() for path in sorted(public)}
    for path, counter in found.items():
        if path == _TRAINING:
            counter.update(_of_training(files.frames[path], training))
        elif not _TIED_ELSEWHERE.fullmatch(path):
            counter.update(_READERS.get(path, _of_any)(files, path))
    return [
        Stray(path, place, count)
        for path, counter in found.items()
        for place, count in sorted(counter.items())
        if count
    ]


def number_count(public: Mapping[str, bytes]) -> int:
    """Return how many cells of tables apart from outcomes, and of the page, hold a number."""
    frames = _frames({path: public[path] for path in public if _COUNTED.search(path)})
    cells = [text for frame in frames.values() for text in frame.to_numpy().ravel()]
    page = page_tables(public[_PAGE]) if _PAGE in public else ()
    cells += [cell.text for table in page for row in table.rows for cell in row]
    return sum(label_number(str(text)) is not None for text in cells)


_COUNTED: Final = re.compile(r"data/(?:effects|costs|completeness|training)\.csv|^[^/]+\.csv$")


class _Files:
    """The files of an edition, tables read, and the numbers that they may repeat.

    Attributes:
        public: by path.
        frames: every table, each cell a text.
        earlier: tables of the editions compared with.
        rows: the numbers of each row of a table, in order.
        known: of this edition.
        ever: of this edition and those compared with.
    """

    def __init__(
        self,
        public: Mapping[str, bytes],
        before: Sequence[Mapping[str, bytes]],
        counts: Sequence[int],
    ) -> None:
        self.public = public
        self.frames = _frames(public)
        self.earlier = [_frames(one) for one in before]
        self.rows = frozenset(row for one in self.frames.values() for row in _row_numbers(one))
        new = [_new_rows(self.frames, one) for one in self.earlier]
        self.known = known_numbers(self.frames, counts=[*counts, *new])
        self.ever = self.known
        for frames in self.earlier:
            self.ever = both(self.ever, known_numbers(frames))


def _frames(public: Mapping[str, bytes]) -> dict[str, DataFrame]:
    return {path: csv_texts(public[path]) for path in sorted(public) if path.endswith(".csv")}


def _new_rows(now: Mapping[str, DataFrame], before: Mapping[str, DataFrame]) -> int:
    """Return how many rows of the data tables the edition before did not have."""
    count = 0
    for path, frame in now.items():
        meta = now.get(path.replace(".csv", ".meta.csv"))
        if not path.startswith("data/") or meta is None:
            continue
        keys = _keys(frame, meta)
        then = before.get(path)
        if then is not None and set(keys) <= set(then.columns):
            met = pd.MultiIndex.from_frame(then[keys])
            count += int((~pd.MultiIndex.from_frame(frame[keys]).isin(met)).sum())
        else:
            count += len(frame)
    return count


def _keys(frame: DataFrame, meta: DataFrame) -> list[str]:
    """Return the columns of a data file that are no indicators."""
    indicators = set(meta.loc[meta["col_type"] == "Indicator", "col_name"])
    return [name for name in frame.columns if name not in indicators]


_Found = Iterator[tuple[str, int]]


def _counted(found: _Found) -> Counter[str]:
    counter: Counter[str] = Counter()
    for place, count in found:
        counter[place] += count
    return counter


def _of_any(files: _Files, path: str) -> Counter[str]:
    """Return the strays of a file that is read as texts: descriptions, definitions, lists."""
    if path in files.frames:
        frame = files.frames[path]
        cells = ((str(name), text) for name in frame for text in pd.unique(frame[name]))
        return _counted((name, _in_cell(files.known, text, name)) for name, text in cells)
    lines = files.public[path].decode(errors="replace").splitlines()
    return _counted(("lines", files.ever.strays(line, counts=True)) for line in lines)


def _in_cell(known: Known, text: str, name: str) -> int:
    """Return the strays of a cell, which may list several texts."""
    if text in known.labels:
        return 0
    parts = (part for part in text.split("; ") if part not in known.labels)
    return sum(known.strays(part, heading=name.replace("_", " ")) for part in parts)


def _of_page(files: _Files, path: str) -> Counter[str]:
    """Return the strays of the page: its words, its tables by row, the points of its drawings."""
    content = files.public[path]
    on_axes = drawn_labels(content)
    words = (
        (text.chapter, files.ever.strays(text.text))
        for text in page_texts(content)
        if not (text.is_drawn and label_number(text.text) in on_axes)
    )
    tables = list(page_tables(content))
    rows = _Rows(files, [numbers for table in tables for numbers in _plain_rows(table)])
    cells = ((table.chapter, _in_table(table, files.ever, rows)) for table in tables)
    drawn = drawn_leaks(content, files.known.figures)
    return _counted(chain(words, cells, [("points of drawings", drawn)]))


def _plain_rows(table: PageTable) -> list[tuple[float, ...]]:
    """Return the numbers that fill a cell, for each row of a table."""
    found = ([label_number(cell.text) for cell in row] for row in table.rows)
    return [tuple(abs(number) for number in row if number is not None) for row in found]


def _in_table(table: PageTable, known: Known, rows: _Rows) -> int:
    """Return the strays of a table of the page.

    Most rows of some repeat a row of a data file each: then every row must.
    """
    plain = _plain_rows(table)
    tied = [rows.holds(numbers) for numbers in plain]
    several = [ok for ok, numbers in zip(tied, plain, strict=True) if len(numbers) > 1]
    if sum(several) * 2 > len(several):
        return sum(not ok for ok in tied) + _in_words(table, known, plain_too=False)
    return _in_words(table, known, plain_too=True)


def _in_words(table: PageTable, known: Known, *, plain_too: bool) -> int:
    is_count = bool(THINGS.search(table.caption))
    return sum(
        known.strays(cell.text, heading=cell.heading, counts=is_count)
        for row in table.rows
        for cell in row
        if plain_too or label_number(cell.text) is None
    )


class _Rows:
    """Which rows of which tables hold which of the numbers that are asked for."""

    def __init__(self, files: _Files, asked: Sequence[tuple[float, ...]]) -> None:
        wanted = np.unique([number for row in asked for number in row])
        self._places: dict[float, set[int]] = {float(number): set() for number in wanted}
        start = 0
        for frame in chain(files.frames.values(), *(one.values() for one in files.earlier)):
            self._add(frame, wanted, start)
            start += len(frame)

    def _add(self, frame: DataFrame, wanted: Floats, start: int) -> None:
        names = [name for name in frame.columns if name not in IDENTIFIERS]
        codes, texts = pd.factorize(frame[names].to_numpy().ravel())
        found = pd.to_numeric(Series(texts, dtype=str), errors="coerce").abs().to_numpy()
        is_wanted = np.isin(found, wanted)
        for at in np.flatnonzero(is_wanted[codes]).tolist():
            self._places[float(found[codes[at]])].add(start + at // len(names))

    def holds(self, numbers: Sequence[float]) -> bool:
        """Return whether one row holds all of the numbers; so does any where there are none."""
        sets = sorted((self._places[number] for number in set(numbers)), key=len)
        return not sets or bool(sets[0].intersection(*sets[1:]))


def _of_workbook(files: _Files, path: str) -> Counter[str]:
    """Return the strays of the workbook: its rows, each of which repeats one of a data file."""
    content = files.public[path]
    words = (("words", files.ever.strays(text)) for text in workbook_texts(content))
    return _counted(chain(words, (_in_sheet(sheet, files) for sheet in sheets(content))))


def _in_sheet(sheet: NumberSheet, files: _Files) -> tuple[str, int]:
    """Return the strays of a sheet; where most rows repeat one of a table, every row must."""
    if sheet.name == NOTES_SHEET:
        return sheet.name, sum(files.known.strays(f"{n:g}") for row in sheet.rows for n in row)
    odd = [row for row in sheet.rows if row not in files.rows]
    if 2 * len(odd) < len(sheet.rows):
        return sheet.name, len(odd)
    return sheet.name, sum(files.known.strays(f"{n!r}", counts=True) for row in odd for n in row)


def _row_numbers(frame: DataFrame) -> set[tuple[float, ...]]:
    """Return the numbers of each row of a table, in order."""
    columns = [
        pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
        for name in frame.columns
        if name not in IDENTIFIERS
    ]
    cells = np.column_stack([np.empty((len(frame), 0)), *columns])
    return {tuple(row[row == row].tolist()) for row in cells}


def _of_revisions(files: _Files, path: str) -> Counter[str]:
    """Return the strays of the list of what moved: each figure stands in both editions."""
    moved = files.frames[path]
    texts = ((name, _of_column(files.ever, moved, name)) for name in ("why", "submissions"))
    off = (pd.to_numeric(moved[n], errors="coerce") for n in ("after", "before", "change"))
    after, before, change = off
    is_odd = (change - (after - before)).abs() > _HAIR
    then = files.earlier[-1] if files.earlier else {}
    found = [("change", int(is_odd.sum()))]
    for side, frames in (("after", files.frames), ("before", then)):
        found.append((side, sum(_not_in(frames, moved, side, str(t)) for t in set(moved["table"]))))
    return _counted(chain(texts, found))


def _of_column(known: Known, frame: DataFrame, name: str) -> int:
    return sum(known.strays(str(text)) for text in pd.unique(frame[name]))


_SAME: Final = ("place", "filters", "indicator")
_TIME: Final = ("time_period", "time_identifier")


def _not_in(frames: Mapping[str, DataFrame], moved: DataFrame, side: str, table: str) -> int:
    """Return how many figures of one table that moved are not in it as they are listed."""
    mine = moved[moved["table"] == table]
    frame, meta = (frames.get(f"data/{table}{end}") for end in (".csv", ".meta.csv"))
    if frame is None or meta is None:
        return len(mine)
    given = _figures_listed(frame, meta, sorted(set(mine["indicator"]) & set(frame.columns)))
    # A table that speaks of one time alone has another in the next edition.
    once = frame["time_period"].nunique() == 1 and frame["time_identifier"].nunique() == 1
    keys = [*(() if once else _TIME), *_SAME]
    met = mine[[*keys, side]].rename(columns={side: "text"}).merge(given, on=[*keys, "text"])
    return len(mine) - len(met.drop_duplicates())


def _figures_listed(frame: DataFrame, meta: DataFrame, names: Sequence[str]) -> DataFrame:
    """Return the figures of a data file as the list of what moved names them."""
    filters = meta.loc[meta["col_type"] == "Filter", "col_name"]
    words = ["; ".join(row) for row in frame[list(filters)].itertuples(index=False, name=None)]
    is_la = frame["geographic_level"] == LOCAL_AUTHORITY
    named = frame.assign(place=frame["la_name"].where(is_la, COUNTRY_NAME), filters=words)
    return named.melt([*_TIME, *_SAME[:2]], list(names), "indicator", "text")


def _of_seven(files: _Files, path: str) -> Counter[str]:
    """Return the strays of the seven outcomes but before and after, which are tied by row.

    A change in per cent is that of the two values as printed; value for money stands in the costs.
    """
    frame = files.frames[path]
    worked_out = ["before", "after", _CHANGE]
    rest = [name for name in frame.columns if name not in worked_out]
    found = [(name, _of_column(files.known, frame, name)) for name in rest]
    if _CHANGE in frame.columns:
        then, now, change = (pd.to_numeric(frame[n], errors="coerce") for n in worked_out)
        is_odd = change.notna() & ~((100 * (now - then) / then - change).abs() <= _HALF)
        found.append((_CHANGE, int(is_odd.sum())))
    return _counted(iter(found))


_CHANGE: Final = "change_percent"
_HALF: Final = 0.5 + _HAIR


def _of_completeness(files: _Files, path: str) -> Counter[str]:
    """Return the strays of returns due and received: sums of one or none for each that is due."""
    frame = files.frames[path]
    names = [name for name in frame.columns if name.startswith("returns_")]
    values = frame[names].apply(pd.to_numeric, errors="coerce")
    keys = [*_TIME, "new_la_code", "collection"]
    single = frame["new_la_code"].ne("") & frame["collection"].ne("Total")
    odd = int((~values[single].isin([0, 1])).to_numpy().sum())
    parts = frame[single][keys].join(values[single])
    for summed in (["new_la_code"], ["collection"], ["new_la_code", "collection"]):
        blank = {name: "" if name == "new_la_code" else "Total" for name in summed}
        sums = parts.assign(**blank).groupby(keys, as_index=False)[names].sum()
        both_sides = frame[keys].join(values).merge(sums, on=keys, suffixes=("", "_sum"))
        printed = both_sides[names].to_numpy()
        odd += int((printed != both_sides[[f"{n}_sum" for n in names]].to_numpy()).sum())
    return Counter({"returns": odd})


def _of_totals(files: _Files, path: str) -> Counter[str]:
    """Return the strays of the sets: each counts the authorities that it names."""
    frame = files.frames[path]
    size = frame["new_la_codes"].str.split().map(len)
    counted, of = (
        pd.to_numeric(frame[f"authorities_{name}"], errors="coerce")
        for name in ("counted", "taking_part")
    )
    is_odd = (counted != size) | ~(of >= counted) | (of > len(authorities()))
    short = frame["incomplete"].str.extractall(r"(\d+) of (\d+)").astype(float)
    sizes = size.reindex(short.index.get_level_values(0)).to_numpy()
    is_short = (short[0] < short[1]) & (short[1] == sizes)
    left = [name for name in frame.columns if not name.startswith(("authorities", "incomplete"))]
    rest = ((name, _of_column(files.known, frame, name)) for name in left)
    return _counted(
        chain(rest, [("sets", int(is_odd.sum())), ("incomplete", int((~is_short).sum()))])
    )


def _of_not_available(files: _Files, path: str) -> Counter[str]:
    """Return the strays of figures that are not known: at most one for each quarter named."""
    frame = files.frames[path]
    spans = zip(frame["from_quarter"], frame["to_quarter"], strict=True)
    most = [Quarter.parse(b).index - Quarter.parse(a).index + 1 for a, b in spans]
    figures = pd.to_numeric(frame["figures"], errors="coerce")
    is_odd = ~((figures >= 1) & (figures <= Series(most, index=frame.index, dtype=float)))
    rest = [name for name in frame.columns if name != "figures"]
    words = ((name, _of_column(files.known, frame, name)) for name in rest)
    return _counted(chain(words, [("figures", int(is_odd.sum()))]))


def _of_headlines(files: _Files, path: str) -> Counter[str]:
    """Return the strays of the answers: each is what a published effect comes to."""
    frame = files.frames[path]
    known = known_numbers({name: one for name, one in files.frames.items() if name != path})
    names = [name for name in _ANSWERS if name in frame.columns]
    texts = [text for text in pd.unique(frame[names].to_numpy().ravel()) if _is_number(text)]
    ends = np.array([float(text) for text in texts])
    fine = np.abs(ESTIMATE.rounded(ends) - ends) > _HAIR
    odd = sum(not known.is_effect(text) for text in texts)
    few = (
        known.strays(f"{text} {unit}")
        for name, unit in _ANSWER_COUNTS.items()
        for text in pd.unique(frame[name])
    )
    return Counter({"answers": int(fine.sum()) + odd, "counts": sum(few)})


_ANSWERS: Final = ("estimate", "interval_low", "interval_high")
_ANSWER_COUNTS: Final = {
    "authorities_counted": "authorities",
    "children": "children",
    "quarters_counted": "quarters",
}


def _of_quality(files: _Files, path: str) -> Counter[str]:
    """Return the strays of what an edition says of its quality: counts of what is no people."""
    frame = files.frames[path]
    texts = pd.unique(frame[["number", "out_of"]].to_numpy().ravel())
    return Counter({"counts": sum(files.known.strays(f"authorities: {text}") for text in texts)})


def _of_training(frame: DataFrame, given: Floats | None) -> Counter[str]:
    """Return the strays of training: figures of few forms, or that are none of the programme's."""
    forms = pd.to_numeric(frame["forms"], errors="coerce")
    few = int((forms < FEW_FORMS).sum())
    names = [name for name in frame.columns if name.startswith(("central", "interval", "forms"))]
    texts = pd.unique(frame[names].to_numpy().ravel())
    values = [(float(text), len(text.partition(".")[2])) for text in texts if _is_number(text)]
    odd = sum(
        given is not None and not (np.abs(given - value) <= 0.5 * 10.0**-places + _HAIR).any()
        for value, places in values
    )
    fine = sum(places > _TRAINING_PLACES for _, places in values)
    return Counter({"forms": few, "figures": odd + fine})


_TRAINING_PLACES: Final = 2


def _is_number(text: str) -> bool:
    return label_number(text) is not None


def _of_package(files: _Files, path: str) -> Counter[str]:
    """Return the strays of the description for machines: sizes and hashes are those of files."""
    described = json.loads(files.public[path])
    counter: Counter[str] = Counter()
    for resource in described.get("resources", ()):
        content = files.public.get(resource.get("path"), b"")
        size, digest = resource.pop("bytes", None), resource.pop("hash", None)
        counter["sizes"] += size != len(content)
        counter["hashes"] += digest != f"sha256:{hashlib.sha256(content).hexdigest()}"
    counter["words"] += sum(files.known.strays(text) for text in _strings(described))
    return counter


def _strings(value: Any) -> Iterator[str]:
    """Yield every text and number of a JSON value as a text, names of members too."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield str(name)
            yield from _strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from _strings(member)
    elif not isinstance(value, bool):
        yield str(value)


_READERS: Final[Mapping[str, Callable[[_Files, str], Counter[str]]]] = {
    _PAGE: _of_page,
    _WORKBOOK: _of_workbook,
    _REVISIONS: _of_revisions,
    SEVEN: _of_seven,
    _HEADLINES: _of_headlines,
    _QUALITY: _of_quality,
    _COMPLETENESS: _of_completeness,
    _TOTALS: _of_totals,
    _NOT_AVAILABLE: _of_not_available,
    _PACKAGE: _of_package,
}
"""Files whose numbers are tied by more than what stands in data files."""
