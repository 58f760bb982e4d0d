"""Whether a return speaks of the children that the authority's other returns speak of.

Pure functions: whom the others name comes as pseudonyms at rest, whom the return names as it was
sent, so that the spelling which would match can be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas import DataFrame

from schemas.identifiers import (
    ALIKE,
    DO_NOT_MATCH,
    GAINED_SHARE,
    JOINS,
    NAMING_TABLE,
    PAIRED_SHARE,
    WIDTHS,
    Join,
    alike_identifiers,
    whole_identifier,
)
from schemas.returns import RETURNS, table_named
from schemas.returns.child_ids import CENSUS_CHILD_ID, CHILD_IDS
from schemas.rows import CHILD_KEY, FINDING_COLUMNS, STATUS_COLUMNS, Checked, ReadReturn
from schemas.submission import Reach, RuleStatus, Severity
from tasks.histories.child_ids import PairedIds, paired_ids, with_census_keys
from tasks.histories.matching import (
    ChildKeys,
    Match,
    Named,
    match_of,
    named_in,
    share_needed,
    together,
)
from tasks.validate.at_rest import Pseudonyms, birth_marks

_CHILD, _CENSUS = "child_id", "cin_census"
Others = Mapping[str, DataFrame]
"""Per table of `NAMING_TABLE`, the pseudonyms and the quarter of the rows that count."""


@dataclass(frozen=True)
class _Sent:
    """The children a return names, each once: as it writes them, and as pseudonyms."""

    texts: tuple[str, ...]
    named: Named


@dataclass(frozen=True)
class _Doubt:
    """A return whose children have to be known, and one that does not know them.

    Attributes:
        judged, other: their names.
        match: how many are known.
        needed: share that has to be known.
        share_with: share that would be known if the ids sent now had other pseudonyms.
    """

    judged: str
    other: str
    match: Match
    needed: float
    share_with: Callable[[ChildKeys], float]


def with_matches(found: Checked, rows: ReadReturn, others: Others, known: Pseudonyms) -> Checked:
    """Return what the rules found, with a query for each return whose children do not match.

    Args:
        found: what the rules found.
        rows: the submission, with child keys.
        others: who is named in what counts of the authority's returns.
        known: pseudonyms of its authority.
    """
    if rows.return_name == CHILD_IDS.name:
        return _with_unknown_pairs(found, rows, others, known)
    table = NAMING_TABLE.get(rows.return_name, "")
    if not table or rows.frames[table].empty:
        return found
    pairs = paired_ids(others) if rows.return_name == "ssda903" else PairedIds()
    sent = _sent(rows, table, known, pairs)
    known, others = _under_census_ids(known, pairs), with_census_keys(others)
    doubts = list(_doubts(rows.return_name, sent.named, others))
    said = [(DO_NOT_MATCH, _words(each, sent, known)) for each in doubts]
    if words := _alike_words(rows, sent.named, others, is_said=bool(doubts)):
        said.append((ALIKE, words))
    return _with_queries(found, table, said) if said else found


def _sent(rows: ReadReturn, table: str, known: Pseudonyms, pairs: PairedIds) -> _Sent:
    first = rows.frames[table][[_CHILD, CHILD_KEY]].dropna().drop_duplicates(CHILD_KEY)
    texts, sent = tuple(first[_CHILD].astype("str")), first[CHILD_KEY].to_numpy()
    keys = pairs.census_keys(sent)
    alikes = _keys(alike_identifiers(texts), _under_census_ids(known, pairs))
    # What was made of the other identifier tells nothing under that of the census.
    births = np.where(keys == sent, birth_marks(rows, sent, known), 0)
    return _Sent(texts, Named(keys, alikes, births))


def _under_census_ids(known: Pseudonyms, pairs: PairedIds) -> Pseudonyms:
    """Return the pseudonyms of identifiers in SSDA903, where paired those of the census."""

    def in_census(domain: str, ids: list[str]) -> Mapping[str, int]:
        found = known(domain, ids)
        keys = np.array([found[each] for each in ids], dtype=np.int64)
        return dict(zip(ids, pairs.census_keys(keys).tolist(), strict=True))

    return in_census if len(pairs.census) else known


def _with_unknown_pairs(
    found: Checked, rows: ReadReturn, others: Others, known: Pseudonyms
) -> Checked:
    """Return what was found, with a query where the returns do not know the ids that are paired."""
    table = CHILD_IDS.name
    sides = ((_CHILD, "ssda903"), (CENSUS_CHILD_ID, _CENSUS))
    said = [
        (DO_NOT_MATCH, words)
        for column, return_name in sides
        if (words := _unknown_words(rows.frames[table], column, _named(others, return_name), known))
    ]
    return _with_queries(found, table, said) if said else found


def _unknown_words(frame: DataFrame, column: str, named: Named, known: Pseudonyms) -> str:
    """Return the query about one column of paired ids; empty where the returns know them."""
    texts = frame[column].dropna().drop_duplicates().tolist()
    sent = Named(_keys(texts, known), _keys(alike_identifiers(texts), known))
    match = match_of(sent, named)
    if not len(named.keys) or not match.is_collapse(PAIRED_SHARE):
        return ""
    return (
        f"{match.share:.0%} of the {match.children:,} ids in {CHILD_IDS[column].sent_as} are known "
        f"from the return they are to be found in; {PAIRED_SHARE:.0%} or more have to be"
        f"{_in_other_spelling(match)}. Check that the two columns are not exchanged, and that the "
        "ids stand as that return has them, as text: ids that no return has join nothing."
    )


def _keys(texts: Sequence[str], known: Pseudonyms) -> ChildKeys:
    found = known("child", list(dict.fromkeys(texts)))
    return np.array([found[text] for text in texts], dtype=np.int64)


def _doubts(return_name: str, sent: Named, others: Others) -> Iterator[_Doubt]:
    for join in JOINS:
        if join.return_name == return_name:
            yield from _as_judged(join, sent, others)
        elif join.known_to == return_name:
            yield from _as_known(join, sent, others)


def _as_judged(join: Join, sent: Named, others: Others) -> Iterator[_Doubt]:
    """Yield the doubt that the children of a return are known to another, or to its own past."""
    known = _named(others, join.known_to)
    if not len(known.keys):
        return
    before = _last(others, join.return_name)
    usual = [match_of(before, known).share] if len(before.keys) else []
    match, needed = match_of(sent, known), share_needed(join, usual)
    if match.is_collapse(needed):
        yield _Doubt(
            join.return_name,
            join.known_to,
            match,
            needed,
            lambda keys: float(np.isin(np.unique(keys), known.keys).mean()),
        )


def _as_known(join: Join, sent: Named, others: Others) -> Iterator[_Doubt]:
    """Yield the doubt that a return knows the children of another that came before it.

    Where the returns before it did not know them either, it is not to blame.
    """
    named, before = _last(others, join.return_name), _named(others, join.known_to)
    match = match_of(named, together([sent, before]))
    was_so = len(before.keys) and match_of(named, before).is_collapse(join.floor)
    if len(named.keys) and match.is_collapse(join.floor) and not was_so:
        yield _Doubt(
            join.return_name,
            join.known_to,
            match,
            join.floor,
            lambda keys: float(np.isin(named.keys, np.concatenate([keys, before.keys])).mean()),
        )


def _named(others: Others, return_name: str) -> Named:
    frame = others.get(NAMING_TABLE[return_name], DataFrame())
    return named_in(frame) if len(frame) else Named()


def _last(others: Others, return_name: str) -> Named:
    """Return the children of the last quarter's return."""
    frame = others.get(NAMING_TABLE[return_name], DataFrame())
    if not len(frame):
        return Named()
    quarters = frame["quarter"].astype("str")
    return named_in(frame[(quarters == quarters.max()).to_numpy()])


def _words(doubt: _Doubt, sent: _Sent, known: Pseudonyms) -> str:
    judged, other = RETURNS[doubt.judged].title, RETURNS[doubt.other].title
    against = f"earlier returns ({other})" if doubt.judged == doubt.other else f"the {other}"
    match = doubt.match
    if match.is_of_others and match.share >= doubt.needed and not match.alike:
        return _born_words(match, judged, against)
    return (
        f"{match.share:.0%} of the {match.children:,} children in the {judged} are known "
        f"from {against}; {doubt.needed:.0%} or more have to be"
        f"{_in_other_spelling(match)}. {_advice(doubt, sent, known)} Figures that follow children "
        "between these returns are not given while their ids do not match."
    )


def _born_words(match: Match, judged: str, against: str) -> str:
    return (
        f"{match.born_otherwise:,} of the {match.known:,} children in the {judged} that are known "
        f"from {against} have another date of birth there, so that each counts as two children. "
        "Check that no column was sorted by itself and that no program exchanged day and month of "
        "the dates of birth, and send the return that is wrong again. Figures that follow these "
        "children are not given until then."
    )


def _in_other_spelling(match: Match) -> str:
    return f", and {match.alike:,} are known in another spelling only" if match.alike else ""


def _advice(doubt: _Doubt, sent: _Sent, known: Pseudonyms) -> str:
    spelling, share = max(
        ((words, doubt.share_with(_keys(texts, known))) for words, texts in _spellings(sent.texts)),
        key=lambda one: one[1],
    )
    if share < doubt.match.share + GAINED_SHARE:
        return (
            "No padding and no cleaning of the ids sent now would make them match. Send the return "
            "with the ids that the other one has."
        )
    return (
        f"If the ids sent now were {spelling}, {share:.0%} would match. Check which of the two "
        "returns has the ids as your system writes them, and send the other again with its ids as "
        "text."
    )


def _spellings(texts: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Yield the ways in which programs change identifiers, undone, and the identifiers so."""
    whole = list(map(whole_identifier, texts))
    cut = "" if whole == list(texts) else "written without decimals and "
    if cut:
        yield "written without decimals", whole
    yield f"{cut}without leading zeros", [text.lstrip("0") for text in whole]
    yield "without capitals, spaces, decimals and leading zeros", alike_identifiers(texts)
    for width in WIDTHS:
        yield f"{cut}padded with zeros to {width} digits", [text.zfill(width) for text in whole]


def _alike_words(rows: ReadReturn, sent: Named, others: Others, *, is_said: bool) -> str:
    """Return the query about children who stand in two spellings; empty when none do."""
    inside = _alike_inside(rows)
    across = 0
    if not is_said:
        returns = (rows.return_name, _CENSUS)
        across = match_of(sent, together(_named(others, one) for one in returns)).alike
    if not inside and not across:
        return ""
    where = " and ".join(
        f"{count:,} {place}"
        for count, place in ((inside, "within this return"), (across, "against other returns"))
        if count
    )
    return (
        f"Ids of children differ by leading zeros alone ({where}), so that each counts as two "
        "children. Write every id as your system has it, as text, and send the return again; "
        "nothing needs doing if they are different children."
    )


def _alike_inside(rows: ReadReturn) -> int:
    """Return how many children stand in a return in more than one spelling."""
    ids = [frame[_CHILD].dropna().unique() for frame in rows.frames.values() if _CHILD in frame]
    texts = pd.unique(np.concatenate(ids).astype(object))
    alike = pd.Series(alike_identifiers(list(map(str, texts))), dtype="str")
    return int((alike.value_counts() > 1).sum())


def _with_queries(found: Checked, table: str, said: list[tuple[str, str]]) -> Checked:
    """Return what was found with queries about the table as a whole, first of all."""
    queries = DataFrame(
        {
            "code": [code for code, _ in said],
            "words": [words for _, words in said],
            "field": _heading(table),
            "severity": Severity.QUERY.value,
            "reach": Reach.NOTICE.value,
            "table": table,
        }
    ).assign(file="", place="", found="")
    statuses = DataFrame(
        [
            (code, table, RuleStatus.FAILED.value, 1, "")
            for code in dict.fromkeys(c for c, _ in said)
        ],
        columns=list(STATUS_COLUMNS),
    )
    queries = queries.reindex(columns=list(FINDING_COLUMNS)).astype(found.findings.dtypes.to_dict())
    return replace(
        found,
        findings=pd.concat([queries, found.findings], ignore_index=True),
        statuses=pd.concat([found.statuses, statuses], ignore_index=True),
    )


def _heading(table: str) -> str:
    _, declared = table_named(table)
    return declared[_CHILD].sent_as or _CHILD
