"""Free text without names and identifiers, before anybody reads it.

No list of names is complete, so it works the other way round: every capitalised word is taken out
unless `reference/training_plain_words.csv` knows it to be harmless there (`start`: only where a
sentence begins), and so is every word that follows a title. Too much goes rather
than too little. What is left may still tell who is meant: it stays in the restricted zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from schemas.authorities import reference_rows
from schemas.spellings import plain

NAME: Final = "[name]"
_IDENTIFIERS: Final = (
    (re.compile(r"\bhttps?://\S+|\bwww\.\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE), "[postcode]"),
    (
        re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2}\s?(?:[0-9]{2}\s?){3}[A-D]\b", re.IGNORECASE),
        "[identifier]",
    ),
    (re.compile(r"\b[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}\b"), "[date]"),
    (re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b"), "[date]"),
    (re.compile(r"(?<!\w)\+?[0-9][0-9 ()-]{5,}[0-9]\b"), "[number]"),
    (re.compile(r"\b(?=\w*[0-9])(?=\w*[A-Za-z])\w{5,}\b"), "[identifier]"),
)
_TITLED: Final = re.compile(
    r"(?i:\b(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|judge|nurse|pc|sgt)\b)\.?\s+\w[\w'’-]*"
    r"(?:\s+[A-Z][\w'’-]*)*"
)
_RELATED: Final = re.compile(
    r"(?i:\b(?:called|named|name is|known as|aka)\b)\s+\w[\w'’-]*(?:\s+[A-Z][\w'’-]*)*"
)
_WORD: Final = re.compile(r"\w[\w'’-]*")
_LOWER_CASE_NAMES: Final = 3
"""A name given to `redacted` is taken out in any case from so many letters on."""


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """Return a text with identifiers, titled persons and unknown capitalised words taken out.

    Args:
        text: what somebody wrote.
        names: names known to be at risk, such as those of the participants; taken out however they
            are written.
    """
    for pattern, mark in _IDENTIFIERS:
        text = pattern.sub(mark, text)
    text = _RELATED.sub(_but_the_first_word, text)
    text = _TITLED.sub(NAME, text)
    known = frozenset(plain(name) for name in names if len(plain(name)) >= _LOWER_CASE_NAMES)
    return _joined(_WORD.sub(lambda found: _shown(text, found, known), text))


def _but_the_first_word(found: re.Match[str]) -> str:
    lead = re.match(r"(?i)(?:called|named|name is|known as|aka)", found[0])
    return f"{lead[0] if lead else ''} {NAME}"


def _shown(text: str, found: re.Match[str], known: frozenset[str]) -> str:
    word, before = found[0], text[: found.start()]
    if before.endswith("[") and text[found.end() :].startswith("]"):
        return word
    bare = re.sub(r"['’]s$", "", word)
    if plain(bare) in known:
        return NAME
    is_capital = bare[0].isupper()
    return NAME if is_capital and not _is_harmless(bare, opens=_opens(before)) else word


def _opens(before: str) -> bool:
    """Return whether a sentence begins after this text."""
    return not before.strip() or before.rstrip()[-1] in ".!?:;\n-–•"


def _is_harmless(word: str, *, opens: bool) -> bool:
    """Return whether a capital is no sign of a name: programme words, or how sentences begin."""
    capital = _plain_words().get(word.casefold().replace("’", "'"))
    return capital == "always" or (opens and capital == "start") or plain(word) in _things()


@cache
def _plain_words() -> dict[str, str]:
    return {row["word"]: row["capital"] for row in reference_rows("training_plain_words.csv")}


@cache
def _things() -> frozenset[str]:
    """Return the words of modules and tools, which are names of things."""
    rows = (*reference_rows("training_modules.csv"), *reference_rows("training_tools.csv"))
    return frozenset(plain(word) for row in rows for word in _WORD.findall(row["label"]))


def _joined(text: str) -> str:
    """Return a text in which several marks in a row are one, so that no name can be counted."""
    return re.sub(rf"{re.escape(NAME)}(?:[\s'’-]+{re.escape(NAME)})+", NAME, text)
