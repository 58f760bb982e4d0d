"""Faults that authorities' returns are known to have, planted on purpose and written down.

Every kind has a rate: how likely it is in one authority's returns of one quarter. No return of a
quarter gets two. `truth/faults.csv` says where each fault is, what must be found there, and whether
figures stay (`effect`) or why they are not given (`reason`); rows are counted as the authority sees
them, the heading being row 1, and are line numbers in XML.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from samples import harmful, harmless
from samples.chance import Chance
from samples.desk import CARE, FAULT_COLUMNS, Desk, Fault, Files
from samples.forms import Occasion
from schemas.errors import UsageError
from schemas.outcomes.reason import FigureReason

_CENSUS, _WORKFORCE, _ATTENDANCE = "cin_census", "workforce", "school_attendance"
_OFTEN, _SELDOM, _ON_REQUEST = 0.05, 0.01, 0.0
"""What a few rows set aside, or a number nobody can know to be wrong, make of a figure is not
foreseen: such kinds are planted on request only."""


_UNFORESEEN = "unforeseen"


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault.

    Attributes:
        plant: what puts it into the files.
        return_name: the return it spoils; empty where it spoils none.
        rate: how likely, where nothing else is asked for.
        reason, table: as in `Fault`.
    """

    plant: Callable[[Desk], None]
    return_name: str
    rate: float = _OFTEN
    reason: str = ""
    table: str = ""


def _harmful(
    plant: Callable[[Desk], None], return_name: str, reason: FigureReason, table: str = ""
) -> FaultKind:
    return FaultKind(plant, return_name, _SELDOM, str(reason), table)


def _unforeseen(plant: Callable[[Desk], None], return_name: str) -> FaultKind:
    return FaultKind(plant, return_name, _ON_REQUEST, _UNFORESEEN)


KINDS: Mapping[str, FaultKind] = {
    "header_not_in_row_1": FaultKind(harmless.title_above_header, CARE),
    "dates_mixed": FaultKind(harmless.dates_mixed, CARE),
    "factors_packed": FaultKind(harmless.packed_factors, _CENSUS),
    "unborn_with_age": FaultKind(harmless.unborn_with_age, _CENSUS),
    "quarter_twice_once_blank": FaultKind(harmless.quarter_twice, _WORKFORCE),
    "unknown_sex_spelling": FaultKind(harmless.spellings_of_unknown, CARE),
    "ids_protected": FaultKind(harmless.ids_protected, CARE),
    "ids_spaced": FaultKind(harmless.ids_spaced, _ATTENDANCE),
    "dates_unpadded": FaultKind(harmless.dates_unpadded, CARE),
    "dates_with_time": FaultKind(harmless.dates_with_time, CARE),
    "nulls_written": FaultKind(harmless.nulls_written, CARE),
    "codes_with_decimals": FaultKind(harmless.codes_with_decimals, CARE),
    "rows_repeated": FaultKind(harmless.rows_repeated, CARE),
    "heading_repeated": FaultKind(harmless.heading_repeated, CARE),
    "reviews_left_out": FaultKind(harmless.reviews_left_out, CARE),
    "care_in_a_workbook": FaultKind(harmless.care_in_a_workbook, CARE),
    "rows_hidden": FaultKind(harmless.rows_hidden, _ATTENDANCE),
    "authority_by_name": FaultKind(harmless.authority_by_name, _WORKFORCE),
    "litter": FaultKind(harmless.litter, ""),
    "note_alongside": FaultKind(harmless.note_alongside, ""),
    "folder_spelled": FaultKind(harmless.folder_spelled, ""),
    "followed_by_no_one": FaultKind(harmless.followed_by_no_one, CARE),
    "start_to_be_corrected": FaultKind(harmless.start_to_be_corrected, CARE),
    "file_missing": _harmful(harmful.file_missing, CARE, FigureReason.RETURN_REFUSED),
    "wellbeing_left_out": _harmful(
        harmful.wellbeing_left_out, CARE, FigureReason.TABLE_NOT_SENT, "oc2"
    ),
    "leavers_left_out": _harmful(
        harmful.leavers_left_out, CARE, FigureReason.TABLE_NOT_SENT, "oc3"
    ),
    "zeros_lost": _harmful(harmful.zeros_lost, CARE, FigureReason.IDS_DO_NOT_MATCH),
    "zeros_lost_in_attendance": _harmful(
        harmful.zeros_lost_in_attendance, _ATTENDANCE, FigureReason.IDS_DO_NOT_MATCH
    ),
    "leading_zeros_lost": _harmful(
        harmful.zeros_lost_in_episodes, CARE, FigureReason.RETURN_REFUSED
    ),
    "older_care_return": _harmful(harmful.older_care_return, CARE, FigureReason.PERIOD_MISMATCH),
    "older_census": _harmful(harmful.older_census, _CENSUS, FigureReason.PERIOD_MISMATCH),
    "older_workforce": _harmful(harmful.older_workforce, _WORKFORCE, FigureReason.PERIOD_MISMATCH),
    "starts_unreadable": _harmful(
        harmful.starts_unreadable, CARE, FigureReason.TOO_MANY_SET_ASIDE, "episodes"
    ),
    "birth_in_mislabelled_columns": _harmful(
        harmful.birth_in_two_columns, CARE, FigureReason.RETURN_REFUSED
    ),
    "shared_id": _unforeseen(harmful.shared_id, CARE),
    "child_gone": FaultKind(harmful.child_gone, CARE, _SELDOM, "episodes_gone_with_child"),
    "rate_out_by_100": _harmful(
        harmful.rate_out_by_100, _WORKFORCE, FigureReason.NUMBER_NOT_MEANT, "workforce"
    ),
}
"""Every kind by its name in `truth/faults.csv`."""


def asked_rates(texts: Iterable[str]) -> dict[str, float]:
    """Return the rates written as `zeros_lost=0.1`.

    Raises:
        UsageError: one is written otherwise.
    """
    pairs = [text.partition("=") for text in texts]
    try:
        return {name.strip(): float(rate) for name, _, rate in pairs}
    except ValueError as not_a_number:
        message = "A rate of a fault is written otherwise. Write kind and share, as zeros_lost=0.1."
        raise UsageError(message) from not_a_number


def rates_of(asked: Mapping[str, float]) -> dict[str, float]:
    """Return the rate of every kind: as asked for, else its own.

    Raises:
        UsageError: there is no such kind, or a rate is none.
    """
    if unknown := sorted(set(asked) - set(KINDS)):
        raise UsageError(f"{unknown[0]!r} is no kind of fault. There are {', '.join(KINDS)}.")
    if any(not 0 <= rate <= 1 for rate in asked.values()):
        raise UsageError("A rate lies outside 0 to 1. Give the share of quarters, as 0.1.")
    return {name: asked.get(name, kind.rate) for name, kind in KINDS.items()}


def faulty_quarter(occasion: Occasion, files: Files, rates: Mapping[str, float]) -> Desk:
    """Return the desk with the quarter's files, some of them faulty, and what was planted.

    An authority whose returns all came out clean gets one fault in its last quarter.
    """
    before = occasion.kept.setdefault("files", {})
    own = occasion.setting
    chance = Chance(own.seed, own.la_code, "faults", str(occasion.quarter))
    desk = Desk(occasion, chance, dict(files), [], folder=str(occasion.quarter), before=before)
    harmful.leave_out_gone(desk)
    files = dict(desk.files)
    for name in _drawn(occasion, rates):
        _plant(desk, name)
    is_last = occasion.quarter == own.last
    if is_last and not desk.faults and not occasion.kept.get("has_faults"):
        _plant_one(desk, [name for name, rate in rates.items() if rate])
    occasion.kept["has_faults"] = occasion.kept.get("has_faults") or bool(desk.faults)
    before[str(occasion.quarter)] = files
    return desk


def _drawn(occasion: Occasion, rates: Mapping[str, float]) -> Iterator[str]:
    """Yield the kinds that chance has drawn for a quarter, in an order of chance.

    Each kind has a stream of its own, so that the rate of one moves no other.
    """
    own = occasion.setting
    streams = {
        name: Chance(own.seed, own.la_code, "faults", str(occasion.quarter), name) for name in rates
    }
    drawn = [name for name, rate in rates.items() if streams[name].happens(rate)]
    yield from sorted(drawn, key=lambda name: streams[name].share())


def _plant_one(desk: Desk, names: Sequence[str]) -> None:
    for name in names:
        if not desk.faults:
            _plant(desk, name)


def _plant(desk: Desk, name: str) -> None:
    """Plant a kind, unless its return has a fault already or must stay sound this year."""
    kind = KINDS[name]
    occasion = desk.occasion
    is_sound = kind.reason and occasion.kept.get("sound") == occasion.quarter.year
    if kind.return_name in desk.taken or is_sound:
        return
    planted = len(desk.faults)
    desk.reason, desk.table = kind.reason, kind.table
    kind.plant(desk)
    if kind.return_name and len(desk.faults) > planted:
        desk.taken.add(kind.return_name)


def write_faults(path: Path, faults: Iterable[Fault]) -> None:
    """Write where each fault is and what must be found there."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FAULT_COLUMNS)
        writer.writerows([getattr(fault, f.name) for f in fields(fault)] for fault in faults)
