"""The code a text stands for in a coded column, where exactly one code fits.

Systems write a code with its letter, its number and its label in many shapes: `q) 6: Police`,
`6 - Police`, `06`, `a) WBRI`, `White British (WBRI)`. Shapes are read first, then labels, then the
tables `reference/spellings.csv`, `annex_a_labels.csv` and `training_words.csv`. Nothing is guessed
from likeness: where a code and the label next to it mean two things, neither counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from schemas.spellings import (
    LETTERED,
    YES_NO,
    coded_labels,
    concept_of,
    plain,
    spellings,
)
from schemas.table import Column
from schemas.training import survey_words

_ANSWER = re.compile(r"\(?([a-z]{1,2})[).\]]\s*(?=\S)", re.I)
_MARK = r"\s*(?::|=|\s-|-\s|[-\u2013\u2014]|\)|\])\s*"
_TOKEN = r"(?=[A-Za-z0-9])[A-Za-z]{0,6}[0-9]{0,3}[A-Za-z]?(?:\.0)?"
_BEFORE = re.compile(rf"[(\[]?({_TOKEN})({_MARK}|\s+)(\S.*)", re.S)
_AFTER = re.compile(rf"(.*\S)(\s*[(\[]|{_MARK})({_TOKEN})[)\]]?", re.S)
_DIVIDES = re.compile(r"[:=(\u2013\u2014]|\s-\s")
_NUMBER = re.compile(r"0*([0-9]+[a-z]?)(?:\.0+)?")
_WORD = re.compile(r"[a-z0-9]+")
_JOINS = frozenset(("and", "or", "the", "of"))
_STAR = "\u2605"
_STARS = frozenset((_STAR, "\u2606", " "))
_NO_CODE = re.compile(
    r"(?:\(?[a-z]{1,2}[).\]]\s*)?(?:[-+<>~\u2264\u2265\u2212\u2010-\u2015]\s*[0-9].*"
    r"|[0-9]+\s*(?:[-+%\u2212\u2010-\u2015]\s*[0-9]*|[\s,&]\s*[0-9]+))",
    re.IGNORECASE | re.DOTALL,
)
_YES_OF_ACCESS = "-1"  # how Microsoft Access writes a yes as a number
_OUT_OF = re.compile(r"([0-9]{1,2})\s*(?:/|out of)\s*([0-9]{1,2})(?:\s*stars?)?", re.I)
_MODULE = "training module"
_ANSWERS = frozenset(("Yes", "No", "Unknown"))
_YES_NO = (YES_NO, "yes, no or unknown")
_LONGEST_CODE = 6
_LONGEST_WHOLE = 2  # letters of a short word that has no plural


@dataclass(frozen=True)
class Meant:
    """What a text stands for.

    Attributes:
        code: the one code that fits; None where none does, or several do.
        contradicts: whether it gives a code and a label that do not mean the same.
    """

    code: str | None = None
    contradicts: bool = False


UNKNOWN = Meant()
_CONTRADICTS = Meant(contradicts=True)


@dataclass(frozen=True)
class _Book:
    """What the texts of a column may say, in one collection year.

    Attributes:
        own: codes of the column in any year, as they are.
        allowed: those of the year.
        has_shapes: whether its texts have labels and shapes; else only the case may differ.
        top: the highest code of a scale of numbers; empty where there is none.
        extra: words that may stand around a name within a longer text; none where none may.
        phrases: names that may stand within a longer text.
        is_yes_no: whether its codes say yes or no.
        reports: whether a code with the label of another is reported as that.
        table: plain spellings of the tables.
        codes: short codes, in plain letters.
        letters: the official codes by their letter.
        official: their labels.
        labels: every label.
        words: the words of each code's labels.
    """

    own: frozenset[str]
    allowed: frozenset[str]
    has_shapes: bool
    top: str
    extra: frozenset[str]
    phrases: Mapping[str, frozenset[str]]
    is_yes_no: bool
    reports: bool
    table: Mapping[str, frozenset[str]]
    codes: Mapping[str, frozenset[str]]
    letters: Mapping[str, str]
    official: Mapping[str, str]
    labels: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]


def code_meant(column: Column, text: str, year: int) -> Meant:
    """Return what a text stands for in a column and collection year.

    No code for an empty text and for one that already is a code of the column in some year: a code
    of the wrong year is an error to be reported, not a spelling to be corrected.
    """
    book = _book(column, year)
    if not text or text in book.own or _is_no_code(text, is_yes_no=book.is_yes_no):
        return UNKNOWN
    found = _meant(book, text) if book.has_shapes else _only(_in_other_case(book, text))
    return found if book.reports else replace(found, contradicts=False)


def answer_meant(text: str) -> str:
    """Return `1` for a yes, `0` for a no and nothing for a text that is neither for certain."""
    if _is_no_code(text, is_yes_no=True):
        return ""
    known = spellings(YES_NO)
    first, *rest = _DIVIDES.split(_ANSWER.sub("", text.strip(), count=1))
    meant = [known.get(plain(part), ("",))[0] for part in (first, *rest) if part.strip()]
    return meant[0] if len({*meant} - {""}) == 1 else ""


def _is_no_code(text: str, *, is_yes_no: bool) -> bool:
    """Return whether a text is a number with a sign, a bound, a share or a range, and no code."""
    bare = unicodedata.normalize("NFKC", text).strip()
    return not (is_yes_no and bare == _YES_OF_ACCESS) and bool(_NO_CODE.fullmatch(bare))


def _named_within(book: _Book, text: str) -> Meant:
    """Return the one code whose name stands in a longer text that says nothing else of weight."""
    rest = f" {' '.join(_words(text))} "
    found: set[str] = set()
    for phrase in sorted(book.phrases, key=len, reverse=True):
        if f" {phrase} " in rest:
            found |= book.phrases[phrase]
            rest = rest.replace(f" {phrase} ", " ")
    is_all = all(word.isdigit() or word in book.extra for word in _split(rest))
    return _only(frozenset(found)) if is_all else UNKNOWN


def _split(text: str) -> list[str]:
    """Return the words of a text, with digits apart from letters, as in `12th`."""
    return re.findall(r"[0-9]+|[a-z]+", text)


def _in_other_case(book: _Book, text: str) -> frozenset[str]:
    return frozenset(code for code in book.allowed if code.casefold() == text.casefold())


def _meant(book: _Book, text: str) -> Meant:
    """Return what a text stands for: as the tables have it, else by its shape and label."""
    known = book.table.get(plain(text), frozenset()) or _in_other_case(book, text)
    if len(known) == 1:
        return _only(known)
    text = unicodedata.normalize("NFKC", text).strip()
    if book.extra:
        return _named_within(book, text)
    if rated := _OUT_OF.fullmatch(text):
        return Meant(rated[1]) if book.top == rated[2] and rated[1] in book.allowed else UNKNOWN
    if text and set(text) <= _STARS:
        stars = str(text.count(_STAR))
        return Meant(stars) if stars in book.allowed and book.top == "5" else UNKNOWN
    answer = _ANSWER.match(text)
    if answer is None:
        return _rest(book, text)
    letter, rest = answer[1].casefold(), text[answer.end() :]
    lettered, named = book.letters.get(letter), book.official.get(_normal(rest))
    if lettered and named and lettered != named:
        return _CONTRADICTS
    found = _rest(book, rest)
    if found != UNKNOWN or lettered is None:
        return found
    return _agreed(book, frozenset((lettered,)), rest, is_certain=False)


def _rest(book: _Book, text: str) -> Meant:
    """Return what a text without the letter of a list stands for."""
    whole = book.labels.get(_normal(text), frozenset()) | book.codes.get(_code(text), frozenset())
    if whole:
        return _only(whole)
    found = {_shape(book, *parts) for parts in _parts(text)} - {UNKNOWN}
    return found.pop() if len(found) == 1 else (_CONTRADICTS if found else UNKNOWN)


def _parts(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each way to part a text into code and label, and whether a mark stands between."""
    if before := _BEFORE.fullmatch(text):
        yield before[1], before[3], bool(before[2].strip())
    if (after := _AFTER.fullmatch(text)) and after[3]:
        yield after[3], after[1], True


def _shape(book: _Book, token: str, label: str, is_marked: bool) -> Meant:
    has_digit = any(letter.isdigit() for letter in token)
    given = book.codes.get(_code(token))
    if given is None:
        # A local code says nothing, and the label next to it stands for itself.
        return _only(book.labels.get(_normal(label), frozenset())) if has_digit else UNKNOWN
    if is_marked or has_digit or _normal(label) in book.labels:
        return _agreed(book, given, label, is_certain=is_marked or not _has_digit(label))
    return UNKNOWN


def _agreed(book: _Book, given: frozenset[str], label: str, *, is_certain: bool) -> Meant:
    """Return the code where the label next to it does not speak for another one.

    A label that is not known agrees when it shares as many words with the code as with any other;
    where it shares none with any, the code counts if the shape is certain.
    """
    stated = book.labels.get(_normal(label))
    if stated is not None:
        return _only(given & stated) if given & stated else _CONTRADICTS
    said = set(_words(label))
    shared = {code: len(said & words) for code, words in book.words.items()}
    own, most = max(shared.get(code, 0) for code in given), max(shared.values(), default=0)
    if own < most:
        return _CONTRADICTS
    return _only(given) if own or (is_certain and not _has_digit(label)) else UNKNOWN


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _only(codes: frozenset[str]) -> Meant:
    return Meant(next(iter(codes))) if len(codes) == 1 else UNKNOWN


def _code(text: str) -> str:
    """Return a short code in plain letters, without the zeros and decimals of a spreadsheet."""
    bare = text.strip().casefold()
    number = _NUMBER.fullmatch(bare)
    return number[1] if number else plain(bare)


def _words(text: str) -> list[str]:
    """Return the words of a label, without plural endings and words that only join."""
    bare = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    words = _WORD.findall(re.sub(r"['\u2019`]", "", bare))
    return [_singular(word) for word in words if word not in _JOINS]


def _singular(word: str) -> str:
    is_plural = len(word) > _LONGEST_WHOLE + 1 and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if is_plural else word


def _normal(text: str) -> str:
    return "".join(_words(text))


@cache
def _book(column: Column, year: int) -> _Book:
    allowed = column.codes_in(year)
    lettered = dict(_lettered(allowed))
    official = {_normal(LETTERED.sub("", code)): code for code in lettered.values()}
    pairs = [*_own_labels(column, year), *_table_labels(column, allowed)]
    table = _gathered((plain(text), code) for text, code in _table(column, allowed))
    short = [(_code(text), code) for text, code in pairs if len(plain(text)) <= _LONGEST_CODE]
    words: dict[str, set[str]] = defaultdict(set)
    for text, code in pairs:
        words[code].update(_words(text))
    return _Book(
        own=frozenset(code.value for code in column.codes),
        allowed=allowed,
        has_shapes=concept_of(column) is not None,
        top=max((code for code in allowed if code.isdigit()), key=int, default=""),
        extra=_extra(column),
        phrases=_gathered((" ".join(_words(text)), code) for text, code in pairs),
        is_yes_no=concept_of(column) in _YES_NO,
        reports=bool(lettered) or allowed >= _ANSWERS,
        table=table,
        codes=_gathered([*_short_codes(column, allowed), *short]),
        letters=lettered,
        official=official,
        labels=_gathered((_normal(text), code) for text, code in pairs if _normal(text)),
        words={code: frozenset(held) for code, held in words.items()},
    )


def _extra(column: Column) -> frozenset[str]:
    words = survey_words("module extra") if column.concept == _MODULE else ()
    return frozenset(each for word in words for each in _words(word))


def _lettered(codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    for code in codes:
        if LETTERED.match(code):
            yield re.split("[):]", code)[0].casefold(), code


def _own_labels(column: Column, year: int) -> Iterator[tuple[str, str]]:
    """Yield what the codes of a column say of themselves."""
    for code in column.codes:
        if code.holds_in(year):
            yield code.value, code.value
            yield LETTERED.sub("", code.value), code.value
            if code.label:
                yield code.label, code.value


def _table(column: Column, allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the spellings of the tables, in plain letters."""
    for spelling, standards in spellings(str(concept_of(column))).items():
        yield from product((spelling,), allowed.intersection(standards))


def _table_labels(column: Column, allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the labels of the tables: by themselves, and below the words of their parent."""
    yield from _table(column, allowed)
    for entry in coded_labels(column):
        codes = allowed.intersection(entry.standards)
        yield from product((label for label in entry.labels if label[:1] != "+"), codes)
        below = (f"{parent} {label}" for parent, label in product(entry.parents, entry.labels))
        yield from product(below, codes)


def _short_codes(column: Column, allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    for entry in coded_labels(column):
        if entry.code:
            yield from product((_code(entry.code),), allowed.intersection(entry.standards))
    for code in allowed:
        head = re.split("[):]", code)[0]
        if LETTERED.match(code) and _has_digit(head):
            yield _code(head), code


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for text, code in pairs:
        found[text].add(code)
    return {text: frozenset(codes) for text, codes in found.items()}
