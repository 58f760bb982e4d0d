"""Faults with which some figures cannot be given: they are `x`, with the reason of the kind.

Each kind leaves the files as they are where there is nothing to spoil.
"""

from __future__ import annotations

from samples.desk import CARE, Desk
from samples.lives import Child
from schemas.outcomes.reason import SET_ASIDE_ROWS, SET_ASIDE_SHARE, TOO_MANY_ROWS
from schemas.quarter import Quarter

_EPISODES, _HEADER = f"{CARE}/episodes.csv", f"{CARE}/header.csv"
_ATTENDANCE, _MEETINGS, _WORKFORCE = (
    f"{name}.csv" for name in ("school_attendance", "pre_proceedings", "workforce")
)
_QUARTER_DAYS = 92


def file_missing(desk: Desk) -> None:
    """Leave out the episodes, without which there is no return."""
    del desk.files[_EPISODES]
    desk.note(_EPISODES, "file_missing", "The return has no episodes file.")


def wellbeing_left_out(desk: Desk) -> None:
    """Leave out the file that scores of wellbeing are made of."""
    _left_out(desk, f"{CARE}/oc2.csv", "wellbeing_left_out")


def leavers_left_out(desk: Desk) -> None:
    """Leave out the file of care leavers."""
    _left_out(desk, f"{CARE}/oc3.csv", "leavers_left_out")


def _left_out(desk: Desk, file: str, kind: str) -> None:
    if len(desk.rows(file)) > 1:
        del desk.files[file]
        desk.note(file, kind, "A file that had rows last time was not sent.")


def zeros_lost(desk: Desk) -> None:
    """Lose the leading zeros of every id of the looked-after return."""
    _without_zeros(desk, desk.of(CARE), "zeros_lost")


def zeros_lost_in_attendance(desk: Desk) -> None:
    """Lose the leading zeros of every id of the attendance return."""
    _without_zeros(desk, [_ATTENDANCE], "zeros_lost_in_attendance")


def _without_zeros(desk: Desk, files: list[str], kind: str) -> None:
    for file in files:
        if desk.change(file, ("CHILD", "child_id"), lambda text: text.lstrip("0")):
            words = "Ids have lost the leading zeros they have in other returns."
            desk.note(file, kind, words)


def zeros_lost_in_episodes(desk: Desk) -> None:
    """Lose the leading zeros of ids in one file of the looked-after return."""
    if desk.change(_EPISODES, ("CHILD",), lambda text: text.lstrip("0")):
        words = (
            "Ids have lost the leading zeros they have in the header file: no child is found there."
        )
        desk.note(_EPISODES, "leading_zeros_lost", words, column="CHILD")


def older_care_return(desk: Desk) -> None:
    """Send the looked-after return of the year before."""
    _older(desk, CARE, "older_care_return")


def older_census(desk: Desk) -> None:
    """Send the census of the year before."""
    _older(desk, "cin_census", "older_census")


def older_workforce(desk: Desk) -> None:
    """Send the workforce return of the year before."""
    _older(desk, "workforce", "older_workforce")


def _older(desk: Desk, return_name: str, kind: str) -> None:
    quarter = Quarter.from_index(desk.occasion.quarter.index - 4)
    older = desk.before.get(str(quarter), {})
    files = [file for file in older if _is_of(file, return_name)]
    for file in [file for file in desk.files if files and _is_of(file, return_name)]:
        del desk.files[file]
    for file in files:
        desk.files[file] = older[file]
        desk.note(file, kind, f"The return of {quarter} lies in the folder of another quarter.")


def _is_of(file: str, return_name: str) -> bool:
    return file.startswith((f"{return_name}/", f"{return_name}."))


def starts_unreadable(desk: Desk) -> None:
    """Write the start of as many episodes in a form that is not understood as make no figure.

    Where that many would have the return refused, or the table is so small that they would be half
    of it, it stays as it is.
    """
    rows = desk.rows(_EPISODES)
    count = max(SET_ASIDE_ROWS, int(SET_ASIDE_SHARE * len(rows)) + 1)
    if count >= TOO_MANY_ROWS or len(rows) <= 2 * count:
        return
    column = rows[0].index("DECOM")
    for row in rows[1 :: len(rows) // count][:count]:
        row[column] = "see file"
    desk.save(_EPISODES, rows)
    words = "More than a tenth of the dates cannot be read."
    desk.note(_EPISODES, "starts_unreadable", words, column="DECOM")


def birth_in_two_columns(desk: Desk) -> None:
    """Write month and year of birth into the columns of two dates."""
    rows = desk.rows(_HEADER)
    if len(rows) < 2:
        return
    born, baby = rows[0].index("DOB"), rows[0].index("MC_DOB")
    for row in rows[1:]:
        _, month, year = row[born].split("/")
        row[born], row[baby] = month, year
    desk.save(_HEADER, rows)
    for column, holds in (("DOB", "month"), ("MC_DOB", "year")):
        words = f"Every value is no date: the column holds the {holds} of birth."
        desk.note(_HEADER, "birth_in_mislabelled_columns", words, column=column)


def shared_id(desk: Desk) -> None:
    """Give one id to two children."""
    rows = desk.rows(_HEADER)
    if len(rows) < 4:
        return
    first = desk.chance.between(1, len(rows) - 2)
    rows[first + 1][0] = rows[first][0]
    desk.save(_HEADER, rows)
    words = "Two different children have the same id."
    desk.note(_HEADER, "shared_id", words, row=first + 1, column="CHILD")
    desk.note(_HEADER, "shared_id", words, row=first + 2, column="CHILD")


def rate_out_by_100(desk: Desk) -> None:
    """Give the days lost to sickness a hundred times too high."""
    rows = desk.rows(_WORKFORCE)
    column = rows[0].index("sickness_days")
    rows[1][column] = f"{float(rows[1][column]) * 100:.1f}"
    desk.save(_WORKFORCE, rows)
    words = "Days lost to sickness are 100 times those of other quarters."
    desk.note(_WORKFORCE, "rate_out_by_100", words, row=2, column="sickness_days")


def child_gone(desk: Desk) -> None:
    """Leave a child who was looked after at the year-end out of every return from then on."""
    occasion = desk.occasion
    start = occasion.span.start
    sent_before = any(text.startswith(str(occasion.quarter.year - 1)) for text in desk.before)
    is_first = not any(text.startswith(str(occasion.quarter.year)) for text in desk.before)
    if not (sent_before and is_first):
        return
    gone: dict[str, int] = occasion.kept.setdefault("gone", {})
    for child in occasion.history.children:
        if child.child_id not in gone and _is_in_care(child, start):
            gone[child.child_id] = start
            leave_out_gone(desk)
            words = "A child who was looked after at the year-end is in no file."
            desk.note(_EPISODES, "child_gone", words, column="CHILD")
            return


def _is_in_care(child: Child, start: int) -> bool:
    """Return whether a child is looked after on the last day of a year and at the next Q1's end."""
    return any(
        not period.is_respite and period.start < start and period.end > start + _QUARTER_DAYS
        for period in child.periods
    )


def leave_out_gone(desk: Desk) -> None:
    """Take the rows of children who are left out from every file of the looked-after return."""
    gone = desk.occasion.kept.get("gone", {})
    for file in desk.of(CARE) if gone else ():
        rows = desk.rows(file)
        desk.save(file, [row for row in rows if row[0] not in gone])
