"""Which authorities each total adds up, and when: the public file `totals.csv`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.editions import TOTAL_ITEM, Symbol
from schemas.outcomes import PUBLISHED
from schemas.outcomes.publication import TimeSpan
from schemas.trial import MODEL_NAMES, MODELS
from tasks.disclose.control import Controlled
from tasks.disclose.earlier import Seen
from tasks.disclose.figures import LA
from tasks.disclose.sets import SET_COLUMNS, SetReason, members_of, set_name
from tasks.publish.ees import csv_texts
from tasks.publish.tables import programme_rows, training_names

TOTALS_FILE: Final = "totals.csv"
THIS_EDITION: Final = "this edition"
EARLIER_EDITION: Final = "an earlier edition, whose number is repeated"
TOTALS_COLUMNS: Final = (
    *("outcome", "id", "practice_model", "set", "set_of"),
    *("authorities_counted", "authorities_taking_part"),
    *("from_time", "to_time", "cumulative_from", "incomplete"),
    *("new_la_codes", "la_names", "left_out"),
)
_PLACES: Final = (*MODELS, TOTAL_ITEM)
TRAINING_ID: Final = "training"
"""Stands for the outcome's id in the rows of training."""


def place_name(place: str) -> str:
    """Return what a practice model, or Total, is called."""
    return MODEL_NAMES.get(place, place)


def totals_table(found: Controlled, earlier: Sequence[Seen]) -> DataFrame:
    """Return the set behind each total: one row per outcome, place and set.

    A set of an earlier edition stands here as long as some number over it is repeated.

    Returns:
        `TOTALS_COLUMNS`: outcome and practice model as in the data files; the set's name; whose set
        it is; how many authorities it has, and how many take part and have rows of the outcome; the
        first and the last time with a total (quarter, or year of an outcome that has no quarters);
        the first year of cumulative totals; the times for which it is not whole, with the number
        that have a figure; its authorities, and the others with the reason.
    """
    sets = found.figures.sets
    current = members_of(sets)
    known = {
        **_by_name(earlier),
        **{(*key, set_name(codes)): codes for key, codes in current.items()},
    }
    left = _left_out(sets)
    rows = found.rows[found.rows["level"] != LA]
    groups = rows.groupby(["outcome", "place", "set"], sort=False)
    used = {(str(o), str(p), str(name)): mine for (o, p, name), mine in groups}
    made = [
        _row(key, used.get(key, rows.iloc[:0]), known[key], left[key[:2]], is_now=is_now)
        for key, is_now in _keys(current, used)
    ]
    return DataFrame(made, columns=list(TOTALS_COLUMNS))


def training_totals(training: DataFrame | None, *, until: str) -> DataFrame:
    """Return the set behind each training figure that is shown or `x`: rows as of `totals_table`.

    Args:
        training: `tasks.training.programme.PROGRAMME_COLUMNS`; None where there is none.
        until: the last quarter whose forms are counted.
    """
    if training is None:
        return DataFrame(columns=list(TOTALS_COLUMNS))
    rows = programme_rows(training)
    shown = rows[rows["status"] != Symbol.HIDDEN.value]
    names = training_names(shown)
    told = zip(names["module"], names["measure"], shown["la_codes"], shown["left_out"], strict=True)
    made = [_training_row(*row, until) for row in told]
    return DataFrame(made, columns=list(TOTALS_COLUMNS))


def _training_row(
    module: str, measure: str, la_codes: str, left_out: str, until: str
) -> tuple[object, ...]:
    codes, left = la_codes.split(), left_out.split()
    why = SetReason.NO_FIGURE if codes else SetReason.NO_SET
    return (
        f"Training, {'all modules' if module == TOTAL_ITEM else module}: {measure}",
        TRAINING_ID,
        TOTAL_ITEM,
        set_name(codes),
        THIS_EDITION,
        len(codes),
        len(codes) + len(left),
        *("", until if codes else "", "", ""),
        " ".join(codes),
        "; ".join(sorted(map(_la_name, codes))),
        "; ".join(sorted(f"{_la_name(la)} ({why})" for la in left)),
    )


def current_set(totals: DataFrame, outcome: str, place: str) -> Series[Any]:
    """Return the row of `totals_table` of the set that this edition adds up at one place."""
    mine = (totals["id"] == outcome) & (totals["practice_model"] == place_name(place))
    return totals[mine & (totals["set_of"] == THIS_EDITION)].iloc[0]


def set_size_words(row: Series[Any]) -> str:
    """Return how many authorities a set has, of how many; that there is none where it has none."""
    inside, of = row["authorities_counted"], row["authorities_taking_part"]
    if not inside:
        return f"none of {of} authorities"
    return f"all {of} authorities" if inside == of else f"{inside} of {of} authorities"


def _keys(
    current: Mapping[tuple[str, str], frozenset[str]],
    used: Mapping[tuple[str, str, str], DataFrame],
) -> Iterator[tuple[tuple[str, str, str], bool]]:
    """Yield outcome, place and name of each set in order, and whether it is that of now."""
    for outcome in PUBLISHED:
        for place in _PLACES:
            if (outcome, place) not in current:
                continue
            now = set_name(current[outcome, place])
            yield (outcome, place, now), True
            others = (key for key in used if key[:2] == (outcome, place) and key[2] != now)
            yield from ((key, False) for key in sorted(others))


def _by_name(earlier: Sequence[Seen]) -> dict[tuple[str, str, str], frozenset[str]]:
    """Return the authorities of every set of earlier editions, by outcome, place and name."""
    return {
        (*key, set_name(codes)): codes
        for edition in earlier
        if edition.sets is not None
        for key, codes in members_of(edition.sets).items()
    }


def _left_out(sets: DataFrame) -> dict[tuple[str, str], dict[str, str]]:
    """Return by outcome and place the reason of every authority; empty for those of the set."""
    return {
        (str(outcome), str(place)): dict(zip(mine["la_code"], mine["why"], strict=True))
        for (outcome, place), mine in sets.groupby(["outcome", "place"], sort=False)
    }


def _row(
    key: tuple[str, str, str],
    rows: DataFrame,
    codes: frozenset[str],
    left: Mapping[str, str],
    *,
    is_now: bool,
) -> tuple[object, ...]:
    outcome, place, name = key
    finest = rows[rows["span"] == PUBLISHED[outcome].spans[0]].sort_values("time")
    given = finest[finest["returned"] >= finest["members"]] if len(codes) else finest.iloc[:0]
    running = rows[rows["span"] == TimeSpan.CUMULATIVE]
    return (
        PUBLISHED[outcome].label,
        outcome,
        place_name(place),
        name,
        THIS_EDITION if is_now else EARLIER_EDITION,
        len(codes),
        sum(why != SetReason.WITHDRAWN for why in left.values()),
        *((given["time"].iloc[0], given["time"].iloc[-1]) if len(given) else ("", "")),
        running["since"].max() if len(running) else "",
        incomplete_words(finest) if is_now else "",
        " ".join(sorted(codes)),
        "; ".join(sorted(_la_name(la) for la in codes)),
        "; ".join(sorted(f"{_la_name(la)} ({why})" for la, why in left.items() if why))
        if is_now
        else "",
    )


def _la_name(la_code: str) -> str:
    return authorities()[la_code].la_name


def incomplete_words(rows: DataFrame) -> str:
    """Return the times, of rows in order, that lack authorities of the set, and how many are in."""
    is_x = rows["denominator_symbol"] == Symbol.NOT_AVAILABLE
    short = rows[is_x & (rows["returned"] < rows["members"])]
    place = Series(range(len(rows)), index=rows.index)[short.index]
    run = ((place.diff() != 1) | (short["returned"].diff() != 0)).cumsum()
    return "; ".join(
        f"{_span_words(mine['time'])}: {mine['returned'].iloc[0]} of {mine['members'].iloc[0]}"
        for _, mine in short.groupby(run, sort=True)
    )


def _span_words(times: Series[str]) -> str:
    first, last = times.iloc[0], times.iloc[-1]
    return str(first) if first == last else f"{first} to {last}"


def read_sets(content: bytes | None) -> DataFrame | None:
    """Return the sets of an edition from its `totals.csv`; None where it has no such file."""
    if content is None:
        return None
    table = csv_texts(content)
    places = {place_name(place): place for place in _PLACES}
    rows = [
        (row["id"], places[row["practice_model"]], la_code, "")
        for row in table[table["set_of"] == THIS_EDITION].to_dict("records")
        if row["id"] != TRAINING_ID
        for la_code in row["new_la_codes"].split()
    ]
    return DataFrame(rows, columns=SET_COLUMNS)
