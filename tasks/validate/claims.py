"""Whose children a return without an authority's code is about: pure functions of claims.

Quarter after quarter, what counts so far decides about what comes next, so that the answer follows
from what was sent and not from the order in which it arrived:

1. A return whose children another authority's earlier returns know, and its own do not, is refused.
2. What is left of two authorities and is alike counts for neither; only the last version of each
   place is held against others.
3. What is left counts, and is known from the next quarter on.

"Earlier" is by quarter, never by arrival; a return with an authority's code also tells of its own
quarter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
from pandas import DataFrame, Series

from schemas.authorities import authorities
from schemas.claims import (
    ALIKE_SHARE,
    CLAIM_CODES,
    CODED,
    DISTINCT_SHARE,
    FOREIGN_CHILDREN,
    IN_TWO_FOLDERS,
    KNOWN_CHILDREN,
    KNOWN_SHARE,
    MARKS,
    OWN_SHARE,
    is_one_body,
)
from schemas.quarter import Quarter
from schemas.rows import SOURCE_FILE, SOURCE_ROW, ReadReturn
from schemas.submission import Submission
from warehouse.claims import MARK_TYPE, ChildMarks, Claim

_Reason = tuple[str, str]
"""Why a submission does not count, as the ledger keeps it: its code, and the same in words."""
Marks = Callable[[Iterable[str]], np.ndarray]
"""Texts to their marks, each once and in order."""
_ALL = np.iinfo(MARK_TYPE).max
_LOW_HALF = 0xFFFF
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
_PLACE_BITS = np.uint64(32)
_PLACE_MASK = np.uint64(_ALL)
_CHILD, _BORN = "child_id", "birth_date"
_BIRTH_TABLES = ("children", "cin_children")
_SELF = frozenset({"la_code", "old_la_code", "quarter", SOURCE_FILE, SOURCE_ROW})


@dataclass(frozen=True)
class Objection:
    """Why a submission does not count: its code, and the same in words for the authority."""

    code: str
    words: str


def child_marks(given: Submission, read: ReadReturn, marks: Marks) -> ChildMarks:
    """Return what is kept of the children of a submission, to be compared with others."""
    basis, texts = _children(read)
    found = marks(texts)[:MARKS] if texts else np.empty(0, MARK_TYPE)
    return ChildMarks(basis, found, _contents(given, read))


def _children(read: ReadReturn) -> tuple[str, list[str]]:
    frames = [frame for frame in read.frames.values() if _CHILD in frame and len(frame)]
    born = [read.frames[name] for name in _BIRTH_TABLES if len(read.frames.get(name, ()))]
    born = born or [frame for frame in frames if _BORN in frame]
    texts = set[str]().union(*map(_births, born))
    if texts:
        return "births", list(texts)
    ids = set[str]().union(
        *(set(_identifiers(frame[_CHILD].drop_duplicates())) for frame in frames)
    )
    return ("ids", list(ids)) if ids else ("", [])


def _births(frame: DataFrame) -> set[str]:
    """Return identifier and month of birth of every child of which both are known."""
    known = frame[[_CHILD, _BORN]].dropna().drop_duplicates()
    months = known[_BORN].astype("datetime64[s]").dt.strftime("%Y-%m")
    return set(_identifiers(known[_CHILD]) + "\x1f" + months)


def _identifiers(ids: Series) -> Series:
    """Return identifiers as they are compared: programs drop leading zeros and change capitals."""
    found: Series = ids.dropna().astype("str").str.strip().str.upper().str.lstrip("0")
    return found


def _contents(given: Submission, read: ReadReturn) -> frozenset[str]:
    """Return the hashes of files that hold rows.

    Headings alone are the same for every authority, and so are rows that say nothing but zero.
    """
    telling = {
        place
        for frame in read.frames.values()
        for place in frame.loc[_tells(frame), SOURCE_FILE].unique()
    }
    names = {read.files[int(place)] for place in telling}
    hashes = {file.sha256 for file in given.files if file.name in names}
    return frozenset(hashes)


def _tells(frame: DataFrame) -> np.ndarray:
    """Return which rows say anything: a child's do, others where some value is not zero."""
    if _CHILD in frame or frame.empty:
        return np.ones(len(frame), dtype=bool)
    values = frame.drop(columns=[name for name in _SELF if name in frame])
    said = values.astype("object").where(values.notna(), 0)
    found: np.ndarray = (said != 0).any(axis=1).to_numpy()
    return found


class _Shared:
    """Which of some claims hold which marks."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = list(claims)
        marks = [one.children.marks for one in self.claims]
        owners = np.repeat(np.arange(len(marks)), [len(each) for each in marks])
        joined = np.concatenate([*marks, np.empty(0, MARK_TYPE)])
        # Sorting numbers is ten times as fast as sorting places: every submission pays for it.
        both = np.sort(joined.astype("uint64") << _PLACE_BITS | owners.astype("uint64"))
        self._marks = (both >> _PLACE_BITS).astype(MARK_TYPE)
        self._owners = (both & _PLACE_MASK).astype("int64")

    def sharing(self, given: Claim, least: int) -> list[Claim]:
        """Return the claims that hold at least so many of another one's marks."""
        begins, ends = (
            np.searchsorted(self._marks, given.children.marks, side=side) for side in _SIDES
        )
        met = np.flatnonzero(ends > begins)
        found = [self._owners[begins[each] : ends[each]] for each in met]
        owners = np.concatenate([np.empty(0, "int64"), *found])
        counts = np.bincount(owners, minlength=len(self.claims))
        return [self.claims[each] for each in np.flatnonzero(counts >= least)]


class _Known:
    """What authorities know from their returns: of each return of each, the last one."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._last: dict[tuple[str, str], Claim] = {}
        self.add(claims)

    def add(self, claims: Iterable[Claim]) -> None:
        """Put later returns in the place of earlier ones."""
        self._last |= {(one.la_code, one.return_name): one for one in claims}
        self._shared = _Shared(self._last.values())

    def sharing(self, given: Claim) -> list[Claim]:
        """Return the returns that know enough of the children of a claim to be asked."""
        return self._shared.sharing(given, KNOWN_CHILDREN)

    def of(self, la_code: str, basis: str) -> list[Claim]:
        """Return the returns of one authority whose marks are of one kind."""
        return [
            one
            for one in self._shared.claims
            if one.la_code == la_code and one.children.basis == basis
        ]


def _share_known(one: ChildMarks, other: ChildMarks) -> tuple[float, int]:
    """Return which share of the children of one are among those of another, and how many.

    Marks are the lowest of each: only those below both ends can be compared.
    """
    if one.basis != other.basis or not one.basis:
        return 0.0, 0
    end = min(_end(one.marks), _end(other.marks))
    compared = one.marks[one.marks <= end]
    begins, ends = (np.searchsorted(other.marks, compared, side=side) for side in _SIDES)
    count = int((ends > begins).sum())
    return (count / len(compared) if len(compared) else 0.0), count


def _end(marks: np.ndarray) -> int:
    return int(marks[-1]) if len(marks) == MARKS else int(_ALL)


def _owner(given: Claim, known: _Known) -> str | None:
    """Return which other authority's earlier returns know the children, and its own do not."""
    own = known.of(given.la_code, given.children.basis)
    if any(_share_known(given.children, one.children)[0] > OWN_SHARE for one in own):
        return None
    quarter = Quarter.parse(given.quarter)
    found = [
        (_share_known(given.children, one.children), one)
        for one in known.sharing(given)
        if not is_one_body(given.la_code, one.la_code, quarter) and _tells_apart(own, one)
    ]
    shares = [
        (-share, one.la_code)
        for (share, count), one in found
        if share >= KNOWN_SHARE and count >= KNOWN_CHILDREN
    ]
    return min(shares)[1] if shares else None


def _tells_apart(own: Sequence[Claim], other: Claim) -> bool:
    """Return whether the children of another authority's return cannot be taken for one's own.

    With months of birth they cannot. Identifiers alone may be the same numbers everywhere: it takes
    returns of one's own of which the other holds next to none.
    """
    if other.children.basis == "births":
        return True
    same = [one for one in own if one.return_name == other.return_name]
    return any(len(one.children.marks) >= KNOWN_CHILDREN for one in same) and all(
        _share_known(one.children, other.children)[0] <= DISTINCT_SHARE for one in same
    )


def _is_alike(one: Claim, other: Claim) -> bool:
    """Return whether two authorities sent the same: the same bytes, or the same children.

    One file among others is not enough: short forms and lists can be the same by chance. Children
    are the same by identifier and month of birth; identifiers alone are the same everywhere.
    """
    if one.la_code == other.la_code:
        return False
    if one.children.contents and one.children.contents == other.children.contents:
        return True
    (there, count), (back, _) = (
        _share_known(one.children, other.children),
        _share_known(other.children, one.children),
    )
    is_telling = one.children.basis == "births" and count >= KNOWN_CHILDREN
    return is_telling and min(there, back) >= ALIKE_SHARE


def objection_to(
    given: Claim, earlier: Iterable[Claim], rivals: Collection[Claim]
) -> Objection | None:
    """Return why one submission does not count, as far as the ledger knows so far; None if it does.

    Args:
        given: the submission.
        earlier: what each authority knew before.
        rivals: claims with the same return and quarter, as they stand.
    """
    if given.return_name in CODED:
        return None
    if owner := _owner(given, _Known(_touching([given], earlier))):
        return _foreign(given, owner)
    standing = [one for one in rivals if one.reason_code != FOREIGN_CHILDREN]
    others = [one for one in _last(standing).values() if one.la_code != given.la_code]
    return _held(given, _Rivals(_touching([given], others)))


def _objections(earlier: Iterable[Claim], claims: Iterable[Claim]) -> dict[str, Objection]:
    """Return why submissions do not count, by id; of those that count nothing.

    Args:
        earlier: what each authority knew before the first of the claims.
        claims: every claim from some quarter on.
    """
    known = _Known(earlier)
    found: dict[str, Objection] = {}
    ordered = sorted(claims, key=lambda one: one.quarter)
    for _, group in groupby(ordered, lambda one: one.quarter):
        of_quarter = list(group)
        known.add(_last(one for one in of_quarter if one.return_name in CODED).values())
        doubtful = [one for one in of_quarter if one.return_name not in CODED]
        found |= _of_quarter(doubtful, known)
        counting = (one for one in doubtful if one.submission_id not in found)
        known.add(_last(counting).values())
    return found


def reasons_against(earlier: Sequence[Claim], claims: Sequence[Claim]) -> dict[str, _Reason]:
    """Return why submissions do not count, by id, as pairs of code and words.

    What stands for a claim that no new one concerns is returned as it stands.
    """
    concerned = _concerned(earlier, claims)
    standing = {
        one.submission_id: (one.reason_code, one.reason_words)
        for one in claims
        if one.la_code not in concerned and one.reason_code in CLAIM_CODES
    }
    found = _objections(
        *([one for one in each if one.la_code in concerned] for each in (earlier, claims))
    )
    return standing | {which: (why.code, why.words) for which, why in found.items()}


def _concerned(earlier: Sequence[Claim], claims: Sequence[Claim]) -> set[str]:
    """Return the authorities whose claims can stand otherwise than they do.

    They are those with a new claim, and those that share children or files with one of them.
    """
    everyone = [*earlier, *claims]
    found = {one.la_code for one in claims if not one.is_settled}
    while True:
        inside = [one for one in everyone if one.la_code in found]
        near = {one.la_code for one in _touching(inside, everyone)}
        if near <= found:
            return found
        found |= near


def _touching(given: Sequence[Claim], claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims that concern any of those given: the same authority, children or files.

    Of 200,000 marks in a quarter next to none are shared: their lower halves tell that quickly.
    """
    listed = list(claims)
    marks = np.concatenate([one.children.marks for one in given])
    joined = np.concatenate([*(one.children.marks for one in listed), np.empty(0, MARK_TYPE)])
    is_low = np.zeros(_LOW_HALF + 1, dtype=bool)
    is_low[marks & _LOW_HALF] = True
    places = np.flatnonzero(is_low[joined & _LOW_HALF])
    places = places[np.isin(joined[places], marks)]
    ends = np.cumsum([len(one.children.marks) for one in listed])
    counts = np.bincount(np.searchsorted(ends, places, side="right"), minlength=len(listed))
    own = {one.la_code for one in given}
    contents = {one.children.contents for one in given} - {frozenset()}
    return [
        one
        for one, count in zip(listed, counts, strict=True)
        if count >= KNOWN_CHILDREN or one.la_code in own or one.children.contents in contents
    ]


def _of_quarter(claims: Sequence[Claim], known: _Known) -> dict[str, Objection]:
    owners = {one.submission_id: _owner(one, known) for one in claims}
    foreign = {
        one.submission_id: _foreign(one, owner)
        for one in claims
        if (owner := owners[one.submission_id])
    }
    standing = [one for one in claims if one.submission_id not in foreign]
    by_return: dict[str, list[Claim]] = defaultdict(list)
    for one in _last(standing).values():
        by_return[one.return_name].append(one)
    rivals = {name: _Rivals(each) for name, each in by_return.items()}
    held = {one.submission_id: _held(one, rivals[one.return_name]) for one in standing}
    return foreign | {which: why for which, why in held.items() if why}


def _last(claims: Iterable[Claim]) -> Mapping[tuple[str, str, str], Claim]:
    """Return the last version of each place."""
    return {one.place: one for one in sorted(claims, key=lambda one: one.version)}


class _Rivals:
    """Claims with one return and quarter, of every authority the last."""

    def __init__(self, claims: Collection[Claim]) -> None:
        self._shared = _Shared(claims)
        self._by_contents: dict[frozenset[str], list[Claim]] = defaultdict(list)
        for one in claims:
            self._by_contents[one.children.contents].append(one)

    def alike(self, given: Claim) -> set[str]:
        """Return the other authorities that sent the same as a claim."""
        near = self._shared.sharing(given, KNOWN_CHILDREN)
        same = self._by_contents.get(given.children.contents, [])
        return {one.la_code for one in (*near, *same) if _is_alike(given, one)}


def _held(given: Claim, rivals: _Rivals) -> Objection | None:
    found = rivals.alike(given)
    return _doubled(given, sorted(found)) if found else None


def _foreign(given: Claim, owner: str) -> Objection:
    return Objection(
        FOREIGN_CHILDREN,
        f"The children in these files are known from earlier returns of {_named(owner)}, and not "
        f"from yours. Nothing of the files counts for you. Put your own {given.return_name} return "
        f"for {given.quarter} into your folder. If the children are yours, answer the team that "
        "runs the programme.",
    )


def _doubled(given: Claim, rivals: Sequence[str]) -> Objection:
    names = " and ".join(map(_named, rivals))
    return Objection(
        IN_TWO_FOLDERS,
        f"{names} sent the same {given.return_name} return for {given.quarter} as you, and no "
        "earlier return shows whose it is. It counts for none of you until that is known. If it is "
        "not yours, put your own return into your folder: the other is then read. If it is yours, "
        "you need not send it again.",
    )


def _named(la_code: str) -> str:
    return f"{authorities()[la_code].la_name} ({la_code})"
