"""The question in a heading of a survey tool, without what the tool puts around it.

Tools number their questions, write a grid as the question and its row, put a hint in brackets, and
give each option of a question a column. Words that a training lead may extend are in
`reference/training_survey_words.csv` and `training_survey_columns.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from schemas.spellings import plain
from schemas.training import items_of, survey_words

_NUMBERING = re.compile(
    r"\s*(?:Q(?:uestion)?\s*)?[0-9]{1,3}(?:\.[0-9]{1,3})*\.?[a-z]?\s*(?:[.):]|\s[-\u2013])\s*"
    r"|\s*Q[0-9]{1,3}(?:[._][0-9]{1,3})*\s+",
    re.IGNORECASE,
)
_HINT = re.compile(r"\s*\([^()]*\)\s*[*:]?\s*$")
_MARKS = re.compile(r"\s+[-\u2013\u2014|>]\s+|\s*[:|>]\s*|[?.]\s*(?=\S)|\s*\[")
_CHOICE = re.compile(r"(?:selected choice\s*[-:]\s*)|(?:choice\s*=\s*)", re.IGNORECASE)
_AROUND = " \t-\u2013\u2014|>:"
_QUIZ = re.compile(r"\s*(?:points|feedback)\s+-\s", re.IGNORECASE)
_PERIODS = ("pre", "post", "review")
_TEMPLATE = {"pre": "before", "post": "after", "review": "now"}
UNDECIDED = "undecided"
_HEADINGS_KEPT = 512  # a row of answers may be asked, too, and must not be kept for good


@lru_cache(maxsize=_HEADINGS_KEPT)
def questions(heading: str) -> tuple[str, ...]:
    """Return what a heading may ask, in plain letters, the likeliest first."""
    if _QUIZ.match(heading):
        return ()
    bare = unnumbered(heading)
    rows = [unnumbered(row) for _, row in _parted(bare)]
    found = [bare, *rows, *(_HINT.sub("", text) for text in (bare, *rows))]
    self_assessed = self_assessment(heading)
    if self_assessed is not None and self_assessed[0] != UNDECIDED:
        period, item = self_assessed
        found.insert(0, f"{_TEMPLATE[period]}_{item}")
    return tuple(dict.fromkeys(plain(text) for text in found if plain(text)))


@lru_cache(maxsize=_HEADINGS_KEPT)
def options(heading: str) -> tuple[tuple[str, str], ...]:
    """Return the ways to read a heading as a question and one of its options."""
    parted = [(head, _CHOICE.sub("", row)) for head, row in _parted(unnumbered(heading))]
    return tuple((plain(head), row.strip()) for head, row in parted if row.strip())


@lru_cache(maxsize=_HEADINGS_KEPT)
def self_assessment(heading: str) -> tuple[str, str] | None:
    """Return the form and item of a question about oneself; `UNDECIDED` where no word tells.

    Words as before, after and six months on tell the forms apart; where those of two forms stand
    in one question, neither counts.
    """
    periods, rest = _periods(heading)
    asked = plain(rest)
    item = next((item for text, item in _statements() if asked.endswith(text)), None)
    if item is None:
        return None
    return (periods.pop() if len(periods) == 1 else UNDECIDED), item


def unnumbered(heading: str) -> str:
    """Return a heading without the number a tool put before it."""
    found = _NUMBERING.match(heading)
    rest = heading[found.end() :] if found else heading
    return rest if rest.strip() else heading


def _periods(heading: str) -> tuple[set[str], str]:
    """Return the forms whose words stand in a heading, and the heading without these words."""
    found: set[str] = set()
    rest = heading
    for phrase, period in _phrases():
        if phrase.search(rest):
            found.add(period)
            rest = phrase.sub(" ", rest)
    return found, _HINT.sub("", rest) if found else rest


@cache
def _phrases() -> list[tuple[re.Pattern[str], str]]:
    words = [(word, period) for period in _PERIODS for word in survey_words(period)]
    longest_first = sorted(words, key=lambda pair: -len(pair[0]))
    return [(re.compile(rf"\b{re.escape(w)}\b", re.IGNORECASE), p) for w, p in longest_first]


@cache
def _statements() -> list[tuple[str, str]]:
    """Return what the items of the self-assessment are called, the longest first."""
    found = [
        (plain(text), item.name)
        for item in items_of("pre", "learning")
        for own in (item.label, *survey_words(f"statement {item.name}"))
        for text in (own, f"{own} on this topic")
    ]
    return sorted(found, key=lambda pair: -len(pair[0]))


def _parted(heading: str) -> Iterator[tuple[str, str]]:
    """Yield each way to part a heading into a question and a row of its grid."""
    for mark in _MARKS.finditer(heading):
        head, row = heading[: mark.end()], heading[mark.end() :]
        if head.strip() and row.strip():
            yield head, row.strip(_AROUND).removesuffix("]")
    if heading.rstrip().endswith(")") and "(" in heading:
        head, _, row = heading.rstrip()[:-1].rpartition("(")
        yield head, row
