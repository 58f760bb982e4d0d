"""What acceptable training feedback looks like.

Every form is a table; rules that differ by form only in their items are made from the declaration.
No rule shows free text: where one concerns it, it speaks of the table as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from expectations.from_schema import declared_rules
from expectations.rows import Booleans, Rows
from expectations.rule import Rule
from expectations.rule_set import RuleSet, example
from schemas.returns.training_feedback import RETURN
from schemas.rows import SURVEY_NAMES, Tolerance
from schemas.submission import Reach, Severity
from schemas.table import Column, Return, Table
from schemas.training import FORM_KINDS, FormKind, Item, items

SHORT_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9 /_-]{0,19}"
"""A cohort or session: a name that stands in published tables, so nothing else may."""

_PERSON: Final = ("participant_id", "module", "cohort")
_REGISTER: Final = FORM_KINDS["attendance"].table


def _without_answer_codes(return_: Return) -> Return:
    """Return the return with answers free of codes: one rule for all of them is made here."""
    return replace(return_, tables=tuple(_of_any_answer(table) for table in return_.tables))


def _of_any_answer(table: Table) -> Table:
    answers = {item.name for kind in FORM_KINDS.values() for item in items(kind.name)}
    columns = (
        replace(column, codes=()) if column.name in answers else column for column in table.columns
    )
    return replace(table, columns=tuple(columns))


def _rules_by_hand(kind: FormKind) -> Iterator[Rule]:
    rule_set = RuleSet(RETURN[kind.table])
    own = items(kind.name)
    if scaled := [item for item in own if RETURN[kind.table][item.name].codes]:
        _answers_on_their_scale(rule_set, RETURN[kind.table], scaled)
    if own and kind.name != "focus_group":
        _something_answered(rule_set, own)
    if texts := [item for item in own if item.is_text]:
        _free_text_told(rule_set, texts)
    _short_names(rule_set, [name for name in ("cohort", "session") if name in kind.columns])
    if "participant_id" in kind.columns and kind.name != "attendance":
        _participants(rule_set)
    _not_after_the_quarter(rule_set, kind)
    _no_cohort_gone(rule_set)
    yield from rule_set.rules


def _answers_on_their_scale(rule_set: RuleSet, table: Table, scaled: list[Item]) -> None:
    columns = [table[item.name] for item in scaled]

    @rule_set.error(
        "VALUE_RANGE",
        "The answer is not on the scale of its question. Correct it, or leave it blank; write "
        "“prefer not to say” where that was the answer.",
        *(column.name for column in columns),
        reach=Reach.RECORD,
        each_field=True,
        fails=tuple({column.name: "99"} for column in columns),
        passes=tuple({column.name: _highest(column)} for column in columns),
    )
    def off_the_scale(rows: Rows) -> Mapping[str, Any]:
        frame = rows[rule_set.table]
        year = rows.context.year
        return {
            column.name: frame[column.name].notna()
            & ~frame[column.name].isin(column.codes_in(year))
            for column in columns
        }


def _highest(column: Column) -> str:
    return column.codes[-2].value


def _something_answered(rule_set: RuleSet, own: tuple[Item, ...]) -> None:
    names = [item.name for item in own]

    @rule_set.error(
        "FORM_BLANK",
        "Nothing on the form was answered. Take the row out, or send the answers.",
        *names,
        reach=Reach.RECORD,
        fails={},
        passes={names[0]: "4"},
    )
    def blank(rows: Rows) -> Any:
        return rows[rule_set.table][names].isna().all(axis=1)


def _free_text_told(rule_set: RuleSet, texts: list[Item]) -> None:
    names = [item.name for item in texts]

    @rule_set.notice(
        "FREE_TEXT",
        "Some answers are in people's own words. They are kept in a restricted store and never "
        "shown; only themes are counted. Please ask people not to name anybody.",
        *names,
        table_level=True,
        fails={names[0]: "It was good"},
        passes={},
    )
    def holds_text(rows: Rows) -> bool:
        return bool(rows[rule_set.table][names].notna().to_numpy().any())


def _short_names(rule_set: RuleSet, names: list[str]) -> None:
    @rule_set.error(
        "NAME_OF_GROUP",
        "A cohort or session has a short name of letters, digits, spaces, - / and _, at most 20. "
        "Shorten it.",
        *names,
        reach=Reach.RECORD,
        each_field=True,
        fails=tuple({name: "Ask J. (duty!)"} for name in names),
        passes=tuple({name: "2024-1"} for name in names),
    )
    def odd(rows: Rows) -> Mapping[str, Any]:
        frame = rows[rule_set.table]
        return {name: frame[name].notna() & ~_is_short(frame[name]) for name in names}


def _is_short(values: pd.Series[Any]) -> Any:
    return values.str.fullmatch(SHORT_NAME).fillna(value=False).astype(bool)


def _participants(rule_set: RuleSet) -> None:
    @rule_set.query(
        "NO_PARTICIPANT",
        "The form has no participant code, so it cannot be joined to the same person's other "
        "forms. Add the code if it is known.",
        "participant_id",
        fails={"participant_id": None},
        passes={"participant_id": "P1"},
    )
    def no_participant(rows: Rows) -> Any:
        return rows[rule_set.table]["participant_id"].isna()

    person = {"participant_id": "P1", "module": "planning", "cohort": "1"}

    @rule_set.query(
        "FORM_TWICE",
        "The participant sent this form more than once for the cohort. The last one counts: check "
        "that it is the right one.",
        *_PERSON,
        fails=[{**person}, {**person}],
        passes=[{**person}, {**person, "cohort": "2"}],
    )
    def twice(rows: Rows) -> Any:
        return _repeated(rows, rule_set.table)

    @rule_set.query(
        "NOT_ON_REGISTER",
        "The participant is not on the attendance register sent for the cohort. Correct the code "
        "or the register.",
        *_PERSON,
        needs=tuple(f"{_REGISTER}.{name}" for name in _PERSON),
        fails=example({rule_set.table: [person], _REGISTER: [{**person, "participant_id": "P2"}]}),
        passes=example({rule_set.table: [person], _REGISTER: [person]}),
    )
    def unregistered(rows: Rows) -> Any:
        group = rows.match(rule_set.table, _REGISTER, ("module", "cohort")).found
        known = rows.match(rule_set.table, _REGISTER, _PERSON).found
        return group & ~known & rows[rule_set.table]["participant_id"].notna().to_numpy()


def _repeated(rows: Rows, table: str) -> Booleans:
    keys = rows.same(table, _PERSON)
    found = pd.Series(keys).duplicated(keep=False).to_numpy() & (keys >= 0)
    return np.asarray(found, dtype=bool)


def _no_cohort_gone(rule_set: RuleSet) -> None:
    """Ask about a file that replaces another and lacks a cohort of it.

    A later file takes the place of an earlier one of its kind and quarter, so somebody who sends
    each module by itself would lose the one before.
    """
    group = ("module", "cohort")
    here = {"module": "planning", "cohort": "1"}

    rule_set.query(
        "COHORT_GONE",
        "The file sent before for this quarter had forms of a cohort that this one lacks, and no "
        "longer counts. Send one file with the forms of every cohort of the quarter.",
        *group,
        table_level=True,
        needs=tuple(f"{at}{rule_set.table}.{name}" for at in ("", "earlier.") for name in group),
        fails=example(
            {rule_set.table: [here]}, earlier={rule_set.table: [{**here, "cohort": "2"}]}
        ),
        passes=example({rule_set.table: [here]}, earlier={rule_set.table: [here]}),
    )(partial(_cohort_missing_from_new_file, table=rule_set.table))


def _cohort_missing_from_new_file(rows: Rows, *, table: str) -> bool:
    return not _groups(rows.earlier(table)) <= _groups(rows[table])


def _groups(frame: DataFrame) -> set[tuple[str, str]]:
    return set(zip(frame["module"], frame["cohort"], strict=True))


def _not_after_the_quarter(rule_set: RuleSet, kind: FormKind) -> None:
    (name,) = (name for name in kind.columns if name.endswith("_date"))

    rule_set.query(
        "DATE_AFTER_QUARTER",
        "The date is after the quarter the form was sent for. Correct it, or send the form with "
        "its own quarter.",
        name,
        fails={name: "2024-06-01"},
        passes={name: "2024-03-31"},
    )(partial(_day_after_quarter, table=rule_set.table, day=name))


def _day_after_quarter(rows: Rows, *, table: str, day: str) -> Series:
    return rows[table][day] > rows.last_day


_SETTINGS = Rule(
    code=SURVEY_NAMES,
    words="The survey collects names, e-mail or other addresses of those who answer. Nobody read "
    "them and they were not kept; the answers were read. Switch this off in the survey's settings "
    "(record name, collect e-mail addresses, IP addresses), take the columns out and send the "
    "file again.",
    table=RETURN.tables[0].name,
    fields=(),
    condition=lambda rows: any(used.code == SURVEY_NAMES for used in rows.read.tolerances),
    reach=Reach.NOTICE,
    severity=Severity.ERROR,
    table_level=True,
    run_when_table_missing=True,
    fails=(example(header={"tolerances": (Tolerance(SURVEY_NAMES, "a.csv", "One."),)}),),
    passes=(example(header={"tolerances": ()}),),
)
RULES = (
    _SETTINGS,
    *declared_rules(
        _without_answer_codes(RETURN),
        official={},
        essential=frozenset(
            (table.name, name)
            for table in RETURN.tables
            for name in ("attended", "participants_count", "mentions_count")
            if name in {column.name for column in table.columns}
        ),
        conditional=frozenset(),
    ),
    *(rule for kind in FORM_KINDS.values() for rule in _rules_by_hand(kind)),
)
