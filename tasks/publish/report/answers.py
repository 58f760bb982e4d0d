"""What the page opens with: the answer of each practice model, in words, with its cautions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pandas import DataFrame

from schemas.digits import ROUNDED_TO
from schemas.editions import Symbol
from schemas.plan import PLAN
from schemas.trial import MODELS, analysed_clusters
from tasks.effects.design import FEWEST_CLUSTERS
from tasks.effects.result import FEWEST_DF, EffectStatus
from tasks.effects.words import POOLED, model_name
from tasks.publish.ees import MODEL_FILTER
from tasks.publish.evaluation import withheld_words
from tasks.publish.headlines import (
    HEADLINES,
    MEASURE_FILTER,
    ODDS,
    POINTS,
    primary_estimates,
    quarters_counted,
)
from tasks.publish.report.section import ReportInputs
from tasks.publish.tables import model_label

QUESTION: Final = (
    f"Of the children referred, did fewer become looked after within "
    f"{PLAN.primary_outcome.window_months} months where a practice model had gone live?"
)
CANNOT: Final = "cannot be said"
NOT_CLEAR: Final = "no clear difference"
FEWER: Final = "fewer"
MORE: Final = "more"
_HALF, _DOUBLE = 0.5, 2.0
_WHY: Final[Mapping[str, str]] = {
    EffectStatus.NO_DATA: "no child of its authorities is in the returns",
    EffectStatus.NO_EXPOSED: "no child referred after it went live could be followed yet",
    EffectStatus.NO_UNEXPOSED: "no child referred before it went live is in the returns",
    EffectStatus.NO_EVENTS: "too few had the outcome, or had it not",
    EffectStatus.ALL_EVENTS: "too few had the outcome, or had it not",
    EffectStatus.NOT_IDENTIFIED: "what changed where it went live cannot be told apart from what "
    "changed everywhere",
    EffectStatus.SEPARATED: "too few authorities had children both with and without the outcome",
    EffectStatus.NOT_CONVERGED: "the calculation came to no stable answer",
    EffectStatus.NOT_MATURE: "no child could be followed long enough yet",
}
"""Why there is no estimate, by its status; too few authorities are counted out in `_too_few`."""
NOT_FOR: Final = (
    "to say that a model does nothing where no clear difference is found: a model was tried in "
    "four or five authorities, and only a large change would show",
    "to say how one authority did: an estimate is of all authorities of a model together",
    "to set one model against another: each was tried in other authorities, with other children "
    "and at other times",
    "to take a change from before to after, anywhere in this edition, for an effect: other things "
    "changed as well, and only the estimates here take them out",
)
"""What the answers may not be used for: completes `Do not use these answers`."""


@dataclass(frozen=True)
class ModelAnswer:
    """The answer for one practice model.

    Attributes:
        title: the model, and what can be said in two or three words.
        found: the change with its interval; empty where nothing can be said.
        caution: what the reader must know to take it rightly; why nothing can be said.
        rests_on: authorities, children, quarters.
    """

    title: str
    found: str
    caution: str
    rests_on: str


def answers(report: ReportInputs) -> tuple[ModelAnswer, ...]:
    """Return the answer for each practice model and for all together, from the headlines table.

    Every model has one: without an estimate it says why.
    """
    given, table = report.inputs.effects, report.tables.get(HEADLINES)
    if given is None or table is None:
        return tuple(_no_answer(model) for model in MODELS)
    outcomes = report.inputs.outcomes
    rows = primary_estimates(given, outcomes)
    texts = _by_key(table.frame)
    return tuple(_answers_of(rows, texts, outcomes))


def _no_answer(model: str) -> ModelAnswer:
    why = "No effect could be estimated from the returns of this edition."
    return ModelAnswer(f"{model_name(model)}: {CANNOT}", "", why, "")


def _by_key(frame: DataFrame) -> dict[tuple[str, str], Mapping[str, str]]:
    """Return the texts of the headlines table by practice model and measure."""
    rows = frame.to_dict("records")
    return {
        (str(row.get(MODEL_FILTER, "")), str(row.get(MEASURE_FILTER, ""))): {
            str(name): str(text) for name, text in row.items()
        }
        for row in rows
    }


def _answers_of(
    rows: DataFrame, texts: Mapping[tuple[str, str], Mapping[str, str]], outcomes: DataFrame
) -> Iterator[ModelAnswer]:
    for row in rows[rows["measure"] == ODDS].to_dict("records"):
        model = str(row["model"])
        label = model_label(model)
        shown = {measure: texts.get((label, measure), {}) for measure in (ODDS, POINTS)}
        said = {str(name): value for name, value in row.items()}
        yield _answer(model, said, shown, quarters_counted(outcomes, model))


def _answer(
    model: str,
    row: Mapping[str, Any],
    texts: Mapping[str, Mapping[str, str]],
    quarters: list[str],
) -> ModelAnswer:
    odds, name = texts[ODDS], model_name(model)
    counted = _counted(odds, quarters)
    if odds["estimate"] == Symbol.NOT_AVAILABLE:
        so_far = counted and f"So far: {counted}"
        return ModelAnswer(f"{name}: {CANNOT}", "", f"{_why_not(model, row, odds)}.", so_far)
    low, high = _end(odds["interval_low"]), _end(odds["interval_high"])
    by_odds = _verdict(low, high)
    is_sure = not _includes_none(texts[POINTS])
    verdict = by_odds if is_sure else NOT_CLEAR
    meaning = _meaning(by_odds, low, high) if is_sure or by_odds == NOT_CLEAR else _apart(by_odds)
    caution = " ".join(filter(None, (meaning, _few(row))))
    rests_on = counted and f"Rests on {counted}"
    return ModelAnswer(f"{name}: {verdict}", _found(odds, texts[POINTS]), caution, rests_on)


def _end(text: str) -> float:
    """Return the end of an interval from its text; `low` is all but zero, `x` no number."""
    if text == Symbol.LOW:
        return 0.0
    return float("nan") if text == Symbol.NOT_AVAILABLE else float(text)


def _verdict(low: float, high: float) -> str:
    if low != low or high != high or low <= 1 <= high:
        return NOT_CLEAR
    return FEWER if high < 1 else MORE


def _includes_none(points: Mapping[str, str]) -> bool:
    """Return whether the interval in percentage points is known and includes no change."""
    if points["estimate"] == Symbol.NOT_AVAILABLE:
        return False
    return _end(points["interval_low"]) <= 0 <= _end(points["interval_high"])


def _apart(by_odds: str) -> str:
    """Return the caution where the odds are clear and the percentage points are not."""
    return (
        f"As odds, the whole interval lies on the side of {by_odds} children; in percentage "
        "points it includes no change. So it is not called clear."
    )


def _found(odds: Mapping[str, str], points: Mapping[str, str]) -> str:
    """Return the change in words: in percentage points where it is known, then as odds."""
    ratio = f"{_words(odds['estimate'])} times those without the model{_interval(odds)}"
    if points["estimate"] == Symbol.NOT_AVAILABLE:
        return f"The odds of becoming looked after were {ratio}."
    return (
        "Of the children referred after it went live, the share that became looked after changed "
        f"by {_words(points['estimate'])} percentage points{_interval(points)}. As odds: {ratio}."
    )


def _interval(texts: Mapping[str, str]) -> str:
    low, high = texts["interval_low"], texts["interval_high"]
    if Symbol.NOT_AVAILABLE in (low, high):
        return " (its interval is not known)"
    return f" (95% interval {_words(low)} to {_words(high)})"


def _words(text: str) -> str:
    return "less than 0.01" if text == Symbol.LOW else text


def _meaning(verdict: str, low: float, high: float) -> str:
    """Return what the interval lets a reader conclude."""
    if verdict in (FEWER, MORE):
        return f"The whole interval lies on the side of {verdict} children."
    if low != low or high != high:
        return "Without an interval nothing can be concluded from it."
    if low <= _HALF and high >= _DOUBLE:
        return (
            "The interval is so wide that it rules out neither half nor double the odds: nothing "
            "can be concluded from it, neither that the model helped nor that it did not."
        )
    return "The interval includes no change: both fewer and more children are compatible with it."


def _few(row: Mapping[str, Any]) -> str:
    if not row["df"] < FEWEST_DF:
        return ""
    return "It rests on so few authorities that the interval itself is approximate."


def _why_not(model: str, row: Mapping[str, Any], odds: Mapping[str, str]) -> str:
    """Return why there is no estimate, as a sentence without its full stop."""
    note = str(row["note"])
    if why := withheld_words(note):
        return f"No estimate is published, because {why}"
    status = note.partition(":")[0].partition(";")[0].strip()
    if status == EffectStatus.TOO_FEW_CLUSTERS:
        return _too_few(model, odds)
    return f"There is no estimate, because {_WHY.get(status, 'none could be made')}"


def _too_few(model: str, odds: Mapping[str, str]) -> str:
    models = MODELS if model == POOLED else (model,)
    asked = sum(len(analysed_clusters(one)) for one in models)
    return (
        "There is no estimate, because too few authorities have figures that can be compared: "
        f"{odds['authorities_counted']} of {asked} authorities, and at least {FEWEST_CLUSTERS} "
        "are needed"
    )


def _counted(odds: Mapping[str, str], quarters: list[str]) -> str:
    """Return how many authorities, children and quarters of referral an answer rests on."""
    count, children = odds["authorities_counted"], odds["children"]
    if count in ("0", Symbol.NOT_AVAILABLE.value) or not quarters:
        return ""
    counted = "a number of children that is hidden"
    if children.isdigit():
        counted = f"{int(children):,} children (to the nearest {ROUNDED_TO})"
    return (
        f"{count} {'authority' if count == '1' else 'authorities'} and {counted}, "
        f"referred in {odds['quarters_counted']} quarters from {quarters[0]} to {quarters[-1]}."
    )
