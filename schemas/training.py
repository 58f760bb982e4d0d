"""Training feedback: modules, items of every form, codebook, composite and thresholds.

What a training lead may extend without touching code stands in `reference/training_*.csv`: modules,
items, the wordings under which survey tools export them, the words of answers, tools and themes.
Modules and levels are those of the Strengthening Practice programme text (grade S); items, codebook
and every threshold that shared/outcomes.md does not state are ours (grade I, docs/training.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from schemas.authorities import reference_rows
from schemas.spellings import plain
from schemas.table import Code, codes, labelled_codes

PREFER_NOT: Final = "PNTS"
"""What stands for "prefer not to say": an answer that was given, unlike a blank."""

FEW_FORMS: Final = 10
"""Below so many forms, descriptive only (shared/outcomes.md, Training feedback)."""

LOW_RESPONSE: Final = 0.60
"""Below this response, descriptive only (shared/outcomes.md, Training feedback)."""

FEWEST_SHOWN: Final = 5
"""A report shows no answers of fewer people: colleagues could tell who gave them (grade I)."""

ENOUGH_CLUSTERS: Final = 10
"""From so many sessions on, intervals of reaction allow for sessions; with fewer, the variance
between them cannot be known and forms count as independent (grade I)."""

CONFIDENCE: Final = 0.95

COMPOSITE: Final = "self_assessment"
"""The one composite of learning, named before any data: the mean of all learning items."""

COMPOSITE_LABEL: Final = "Knowledge, skills and confidence"

COMPOSITE_LEAST_SHARE: Final = 2 / 3
"""Of the items, so many must be answered before and after for a person to have a composite."""

TOP_TWO: Final = (4, 5)
"""Answers on a scale of five that count as favourable."""

GOOD_GRADES: Final = (3, 4)
"""Audit grades that count as good or better."""

PROMOTER_FROM: Final = 9
DETRACTOR_TO: Final = 6
"""Net promoter: 9 and 10 promote, 0 to 6 detract (Reichheld, HBR, December 2003)."""

OPTIONS_DIVIDED_BY: Final = re.compile(r"[;,|\n\r]+")
"""What stands between the options of a multi-select cell, by survey tool."""

STATUSES: Final = {
    "ok": "enough forms and response: with interval",
    "few": f"fewer than {FEW_FORMS} forms: descriptive only",
    "low_response": f"response below {LOW_RESPONSE:.0%} or not known: descriptive only",
    "few_low_response": "few forms and low response: descriptive only",
    "x": "not available: nothing was sent to work it out from",
    "described": "all authorities together, of which some had few forms or low response",
    "c": "hidden: too few people or authorities stand behind it",
}

TABLE_COLUMNS: Final = (
    "la_code",
    "module",
    "cohort",
    "measure",
    "value",
    "n",
    "low",
    "high",
    "status",
)
"""`sfp training`, as shared/contract.md."""

EVERY: Final = "all"
"""Stands for every module, or every cohort."""


@dataclass(frozen=True)
class FormKind:
    """One kind of form.

    Attributes:
        name: as in the reference files.
        label: what people call it.
        grain: what one row is.
        key: columns that tell rows apart.
        columns: headings of our template before the items.
    """

    name: str
    label: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def table(self) -> str:
        """Name of its table."""
        return f"training_{self.name}"


_RESPONSE = ("response_id", "module", "cohort")
_PERSON = ("response_id", "participant_id", "module", "cohort", "role", "completed_date")

FORM_KINDS: Final = {
    kind.name: kind
    for kind in (
        FormKind("pre", "Pre questionnaire", "one row per response", _RESPONSE, _PERSON),
        FormKind("post", "Post questionnaire", "one row per response", _RESPONSE, _PERSON),
        FormKind(
            "session",
            "Session evaluation",
            "one row per response; no one is asked who they are",
            (*_RESPONSE, "session"),
            ("response_id", "module", "cohort", "session", "role", "completed_date"),
        ),
        FormKind(
            "facilitator",
            "Facilitator feedback",
            "one row per facilitator and session",
            (*_RESPONSE, "session"),
            ("response_id", "module", "cohort", "session", "completed_date"),
        ),
        FormKind("coaching", "Coaching example", "one row per example", _RESPONSE, _PERSON),
        FormKind("review", "6-month review", "one row per response", _RESPONSE, _PERSON),
        FormKind(
            "audit",
            "Case-file audit",
            "one row per case file audited",
            _RESPONSE,
            ("response_id", "module", "cohort", "audit_period", "completed_date"),
        ),
        FormKind(
            "attendance",
            "Attendance register",
            "one row per participant and session",
            ("participant_id", "module", "cohort", "session"),
            ("participant_id", "module", "cohort", "session", "session_date", "role", "attended"),
        ),
        FormKind(
            "focus_group",
            "Focus-group themes",
            "one row per group and theme",
            ("group_id", "module", "cohort", "theme"),
            (
                "group_id",
                "module",
                "cohort",
                "completed_date",
                "participants_count",
                "theme",
                "mentions_count",
            ),
        ),
    )
}


@dataclass(frozen=True)
class Item:
    """One question of one form.

    Attributes:
        form: kind of form.
        name: unique within the form; the same name is the same question in every form.
        heading: of our template.
        scale: name of its scale; `text` for free text, `tools` for a multi-select of tools.
        level: reaction, learning or behaviour.
        is_core: whether the form cannot do without it.
        label: as a report says it.
    """

    form: str
    name: str
    heading: str
    scale: str
    level: str
    is_core: bool
    label: str

    @property
    def is_text(self) -> bool:
        """Whether the answer is free text."""
        return self.scale == "text"

    @property
    def is_multiple(self) -> bool:
        """Whether several answers may be ticked."""
        return self.scale == "tools"

    @property
    def themes_column(self) -> str:
        """Name of the column that holds the themes found in a free text."""
        return self.name.removesuffix("_text") + "_themes"


@dataclass(frozen=True)
class FeedbackTheme:
    """One theme of the codebook.

    Attributes:
        name: as coded.
        direction: whether it helped or hindered learning.
        label: as a report says it.
        words: words and phrases by which it is known; a star stands for any ending.
    """

    name: str
    direction: str
    label: str
    words: tuple[str, ...]


_SCALES: Final = {
    "agreement": tuple(str(place) for place in range(1, 6)),
    "rating_1_5": tuple(str(place) for place in range(1, 6)),
    "rating_0_10": tuple(str(place) for place in range(11)),
    "grade_1_4": tuple(str(place) for place in range(1, 5)),
    "yes_partly_no": ("yes", "partly", "no"),
}


def scale_codes(scale: str) -> tuple[Code, ...]:
    """Return the codes of a scale, "prefer not to say" last."""
    return codes(*_SCALES[scale], PREFER_NOT)


def scale_ends(scale: str) -> tuple[int, int] | None:
    """Return the numbers for the least and the most of a scale; None where it has no numbers."""
    places = _SCALES.get(scale, ())
    if not places or not places[0].isdecimal():
        return None
    return int(places[0]), int(places[-1])


@cache
def items(form: str) -> tuple[Item, ...]:
    """Return the items of one kind of form, in the order of the template."""
    return tuple(
        Item(
            form=row["form"],
            name=row["item"],
            heading=row["heading"],
            scale=row["scale"],
            level=row["level"],
            is_core=row["core"] == "1",
            label=row["label"],
        )
        for row in reference_rows("training_items.csv")
        if row["form"] == form
    )


def items_of(form: str, level: str) -> tuple[Item, ...]:
    """Return the items of a form at one level that are answered on a scale."""
    return tuple(item for item in items(form) if item.level == level and item.scale in _SCALES)


@cache
def wordings(form: str, name: str) -> tuple[str, ...]:
    """Return the wordings under which survey tools export an item or column of a form."""
    return tuple(
        row["wording"]
        for row in reference_rows("training_wordings.csv")
        if row["form"] in (form, "any") and row["item"] == name
    )


@cache
def survey_columns() -> dict[str, str]:
    """Return, for each plain heading that survey tools add, what its column is for.

    A response's number or day, the status of the response, or what may identify a person; of two
    columns for one thing the first in the table counts.
    """
    rows = reference_rows("training_survey_columns.csv")
    return {plain(row["heading"]): row["meaning"] for row in rows}


@cache
def survey_words(concept: str) -> tuple[str, ...]:
    """Return the words that stand for a concept in survey exports."""
    rows = reference_rows("training_survey_words.csv")
    return tuple(row["word"] for row in rows if row["concept"] == concept)


@cache
def module_labels() -> dict[str, str]:
    """Return the modules and what they are called."""
    return {row["module"]: row["label"] for row in reference_rows("training_modules.csv")}


@cache
def tool_labels() -> dict[str, str]:
    """Return the tools of practice and what they are called."""
    return {row["tool"]: row["label"] for row in reference_rows("training_tools.csv")}


@cache
def themes() -> dict[str, FeedbackTheme]:
    """Return the codebook by name of theme."""
    return {
        row["theme"]: FeedbackTheme(
            row["theme"], row["direction"], row["label"], tuple(row["words"].split("|"))
        )
        for row in reference_rows("training_themes.csv")
    }


_ROLES: Final = {
    "social_worker": "Social workers",
    "senior_practitioner": "Senior practitioners",
    "manager": "Managers",
    "family_support_worker": "Family support workers",
    "contact_worker": "Contact workers",
    "other": "Other roles",
}


def column_codes(name: str) -> tuple[Code, ...]:
    """Return the codes of a column that stands before the items; none where any text will do."""
    return {
        "module": labelled_codes(module_labels().items()),
        "role": (*labelled_codes(_ROLES.items()), Code(PREFER_NOT)),
        "audit_period": codes("before", "after"),
        "theme": codes(*themes(), "other"),
    }.get(name, ())


COLUMN_CONCEPTS: Final = {
    "module": "training module",
    "role": "training role",
    "audit_period": "audit period",
    "theme": "theme",
}
