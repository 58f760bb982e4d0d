"""Themes: how many forms mention what, by the codebook; no words of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schemas.training import themes
from tasks.training.coded import split_codes
from tasks.training.forms import Forms
from tasks.training.measure import NOT_A_SURVEY, MeasureRow, described

_SOURCES: Final = {
    "helped": (("session", "helped_themes"), ("review", "helped_themes")),
    "hindered": (
        ("session", "hindered_themes"),
        ("facilitator", "hindered_themes"),
        ("review", "hindered_themes"),
    ),
}
"""Which answers say what helped, and which what hindered."""


def theme_measures(forms: Forms) -> Iterator[MeasureRow]:
    """Yield, per theme, the forms that mention it as a help or as a hindrance.

    n is the forms in which anything was written. Focus groups come apart: their counts are
    mentions, coded by a person, and n is the people who took part.
    """
    for direction, sources in _SOURCES.items():
        counts: dict[str, int] = {}
        written = 0
        for form, column in sources:
            texts = forms[form][column].dropna()
            written += len(texts)
            for theme, count in split_codes(texts).value_counts().items():
                counts[str(theme)] = counts.get(str(theme), 0) + int(count)
        for theme in themes():
            if theme in counts:
                name = f"theme_{direction}_{theme}"
                yield described(name, float(counts[theme]), written, NOT_A_SURVEY)
    yield from _focus_groups(forms)


def _focus_groups(forms: Forms) -> Iterator[MeasureRow]:
    groups = forms["focus_group"]
    people = int(groups.drop_duplicates("group_id")["participants_count"].sum())
    mentions = groups.groupby("theme")["mentions_count"].sum()
    for theme, count in mentions.items():
        yield described(f"theme_focus_group_{theme}", float(count), people, NOT_A_SURVEY)
