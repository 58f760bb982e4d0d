"""Answers made ready to rest: options and themes as codes, so that no words of a person stay.

Ticked options become codes of tools; whatever was written alongside them counts as `other`. Free
texts are coded by the codebook, word by word, and go to the restricted store themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from pandas import DataFrame, Series

from schemas.rows import ReadReturn
from schemas.spellings import plain, spellings
from schemas.training import FORM_KINDS, OPTIONS_DIVIDED_BY, FeedbackTheme, items, themes

_RETURN: Final = "training_feedback"
DIVIDER: Final = "|"
_OTHER: Final = "other"
NO_CODE: Final = "uncoded"
"""Something was written in which no theme of the codebook was found."""

_PARTICIPANT: Final = "participant_id"


def with_codes(read: ReadReturn) -> ReadReturn:
    """Return training feedback with options, themes and participants' codes in one spelling.

    Any other return comes back as it is.
    """
    if read.return_name != _RETURN:
        return read
    frames = {
        kind.table: _coded(read.frames[kind.table], name) for name, kind in FORM_KINDS.items()
    }
    return replace(read, frames={**read.frames, **frames})


def _coded(frame: DataFrame, form: str) -> DataFrame:
    made: dict[str, Series] = {}
    for item in items(form):
        if item.is_multiple:
            made[item.name] = _each_once(frame[item.name], options_coded)
        if item.is_text:
            made[item.themes_column] = _each_once(frame[item.name], themes_coded)
    if _PARTICIPANT in frame:
        made[_PARTICIPANT] = _each_once(frame[_PARTICIPANT], participant_code)
    return frame.assign(**made)


def _each_once(values: Series, code: Callable[[str], str]) -> Series:
    """Return the code of each text; each distinct text is worked out once."""
    known: Mapping[str, str] = {text: code(text) for text in values.dropna().unique()}
    return values.map(known).astype("str")


def participant_code(text: str) -> str:
    """Return a participant's code without case and spaces, so that forms of one person meet."""
    return "".join(text.split()).upper()


def options_coded(text: str) -> str:
    """Return the tools ticked in a multi-select cell, in order of code, each once."""
    ticked = (option for option in OPTIONS_DIVIDED_BY.split(text) if option.strip())
    return DIVIDER.join(sorted({tool_of(option) for option in ticked}))


def tool_of(option: str) -> str:
    """Return the tool one option stands for; `other` for anything not in the list."""
    return spellings("tool").get(plain(option), (_OTHER,))[0]


def themes_coded(text: str) -> str:
    """Return the themes of the codebook whose words a text holds; `uncoded` when it holds none."""
    plainly = text.casefold()
    found = [name for name, pattern in _patterns().items() if pattern.search(plainly)]
    return DIVIDER.join(found) or NO_CODE


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {name: _pattern(theme) for name, theme in themes().items()}


def _pattern(theme: FeedbackTheme) -> re.Pattern[str]:
    words = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in theme.words)
    return re.compile(rf"\b(?:{words})\b")


def split_codes(values: Series) -> Series:
    """Return one code per row, indexed as the forms they stand in."""
    return values.dropna().astype("str").str.split(DIVIDER, regex=False).explode()
