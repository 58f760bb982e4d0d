"""The feedback an authority gets after each module: one page that loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup
from pandas import DataFrame

from schemas.rows import AuthorityRows
from schemas.training import (
    COMPOSITE,
    COMPOSITE_LABEL,
    EVERY,
    FEW_FORMS,
    FEWEST_SHOWN,
    LOW_RESPONSE,
    items_of,
    module_labels,
    themes,
    tool_labels,
)
from tasks.page import page, rendered
from tasks.training.authority import training_of
from tasks.training.forms import cohorts_in_order, forms_of
from tasks.training.plots import AnswerShares, Change, changes_chart, distributions
from tasks.training.workforce import NO_CLAIM, SERIES, workforce_rows

_TEMPLATES: Final = Path(__file__).parent / "templates"
_NO_CHART: Final = Markup("")
TOO_FEW: Final = f"fewer than {FEWEST_SHOWN}"
NOT_KNOWN: Final = "x"
_NOTHING: Final = {"value": float("nan"), "n": 0, "low": float("nan"), "high": float("nan")}
_TOOLS_SHOWN: Final = 3


@dataclass(frozen=True)
class _Figures:
    """The rows of the training table about one module, by cohort and measure."""

    rows: Mapping[tuple[str, str], Mapping[str, Any]]

    def __call__(self, cohort: str, measure: str) -> Mapping[str, Any]:
        """Return a figure with n and interval; n is 0 where there is none."""
        return self.rows.get((cohort, measure), _NOTHING)

    def shown(self, cohort: str, measure: str, form: str) -> str:
        """Return a figure as text: x where not known, no figure where too few stand behind it."""
        found = self(cohort, measure)
        if not found["n"] or found["value"] != found["value"]:
            return NOT_KNOWN
        return TOO_FEW if found["n"] < FEWEST_SHOWN else form.format(found["value"])

    def names(self, cohort: str, prefix: str) -> list[str]:
        """Return the measures of a cohort that begin so, without the prefix."""
        own = (name for of, name in self.rows if of == cohort and name.startswith(prefix))
        return [name.removeprefix(prefix) for name in own if ":" not in name]


@dataclass(frozen=True)
class _Part:
    """One part of the page: words, and a chart with its table where there is enough to show."""

    words: str
    title: str = ""
    svg: Markup = _NO_CHART
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def module_reports(rows: AuthorityRows, la_name: str) -> dict[str, str]:
    """Return the feedback on every module of one authority: file name to page.

    The same rows give the same bytes. No report where no form or register was sent.
    """
    forms = forms_of(rows.frames)
    table = training_of(forms, rows.la_code)
    modules = sorted(set(table["module"]) - {EVERY})
    return {
        f"training-{module.replace('_', '-')}.html": module_report(
            table,
            cohorts_in_order(forms, module),
            workforce_rows(rows.frames),
            module=module,
            la_name=la_name,
        )
        for module in modules
    }


def module_report(
    table: DataFrame,
    cohorts: Sequence[str],
    workforce: Sequence[tuple[str, ...]],
    *,
    module: str,
    la_name: str,
) -> str:
    """Return the feedback on one module as one self-contained page.

    Args:
        table: training table of the authority.
        cohorts: of the module, the latest last.
        workforce: as `workforce_rows`.
        module: as coded.
        la_name: the authority's name.
    """
    figures, label, latest = figures_of(table, module), module_labels()[module], cohorts[-1]
    body = rendered(
        _TEMPLATES,
        "module.html.j2",
        la_name=la_name,
        label=label,
        lead=_lead(latest, cohorts),
        facts=_facts(figures, latest),
        caution=_caution(figures, latest),
        reaction=reaction_part(figures, latest),
        learning=learning_part(figures, latest),
        themes=theme_rows(figures, latest),
        lasting=lasting_rows(figures),
        cohorts=_Part("", headings=_COHORT_HEADINGS, rows=figures_per_cohort(figures, cohorts)),
        workforce=list(workforce),
        workforce_headings=("Quarter", *SERIES),
        no_claim=NO_CLAIM,
    )
    return page(f"{label} – {la_name}", body, part="Training feedback")


def figures_of(table: DataFrame, module: str) -> _Figures:
    """Return the rows of one module, ready to be looked up."""
    own = table[table["module"] == module]
    columns = ("value", "n", "low", "high", "status")
    facts = zip(*(own[name].tolist() for name in columns), strict=True)
    keys = zip(own["cohort"], own["measure"], strict=True)
    rows = (dict(zip(columns, each, strict=True)) for each in facts)
    return _Figures(dict(zip(keys, rows, strict=True)))


def _lead(latest: str, cohorts: Sequence[str]) -> str:
    others = len(cohorts) - 1
    compared = f", alongside {others} earlier" if others else ""
    return (
        f"Cohort {latest}{compared}. It says what people reported of themselves. It does not show "
        "what changed for children: that is in the outcome tables, and no causal link is claimed."
    )


def _facts(figures: _Figures, cohort: str) -> list[tuple[str, str]]:
    asked = (
        ("Before the training", "response_pre"),
        ("After the training", "response_post"),
        ("Session evaluations", "response_session"),
    )
    answered = [f"{words} {figures.shown(cohort, name, '{:.0%}')}" for words, name in asked]
    return [
        ("People who came", figures.shown(cohort, "attended", "{:.0f}")),
        ("Forms returned", "; ".join(answered)),
    ]


def _caution(figures: _Figures, cohort: str) -> str:
    followed = figures(cohort, f"learning_{COMPOSITE}_mean_change")
    heard = figures(cohort, "nps")
    if {followed.get("status"), heard.get("status")} <= {"ok"}:
        return ""
    return (
        f"With fewer than {FEW_FORMS} forms, or forms from fewer than {LOW_RESPONSE:.0%} of those "
        "who came, figures describe the people who answered and no one else: they carry no "
        "interval and no test."
    )


_REACTION_TITLE: Final = "Answers to the session evaluation, share of forms"
_REACTION_HEADINGS: Final = ("Statement", "1", "2", "3", "4", "5", "4 or 5", "Forms")


def reaction_part(figures: _Figures, cohort: str) -> _Part:
    """Return how people answered the session evaluation, most favourable first."""
    bars, rows = [], []
    for item in items_of("session", "reaction"):
        top = figures(cohort, f"reaction_{item.name}_top_two")
        if top["n"] >= FEWEST_SHOWN:
            parts = tuple(
                figures(cohort, f"reaction_{item.name}_share_{answer}")["value"]
                for answer in range(1, 6)
            )
            bars.append((top["value"], AnswerShares(item.label, parts, f"{top['value']:.0%}")))
            shares = (f"{part:.0%}" for part in (*parts, top["value"]))
            rows.append((top["value"], (item.label, *shares, str(top["n"]))))
    if not bars:
        return _Part(f"Nothing can be shown: session evaluations came from {TOO_FEW} people.")
    chart = [bar for _, bar in _most_first(bars)]
    return _Part(
        words=f"{_promoter_words(figures, cohort)} Bars end with the share who agree.",
        title=_REACTION_TITLE,
        svg=distributions(
            chart, title=_REACTION_TITLE, description=_bars_words(chart), name="reaction"
        ),
        headings=_REACTION_HEADINGS,
        rows=tuple(row for _, row in _most_first(rows)),
    )


def _most_first(pairs: Iterable[tuple[float, Any]]) -> list[tuple[float, Any]]:
    return sorted(pairs, key=lambda pair: -pair[0])


def _bars_words(bars: Sequence[AnswerShares]) -> str:
    first, last = bars[0], bars[-1]
    return (
        f"{len(bars)} statements. Most agreed with: {first.label}, {first.end}; least with: "
        f"{last.label}, {last.end}."
    )


def _promoter_words(figures: _Figures, cohort: str) -> str:
    found = figures(cohort, "nps")
    if found["n"] < FEWEST_SHOWN:
        return "Too few said whether they would recommend the sessions."
    interval = _interval(found, "{:+.0f}")
    return (
        f"Net promoter score {found['value']:+.0f} of {found['n']} answers"
        f"{f' (95% interval {interval})' if interval else ''}, from -100 to +100."
    )


def _interval(found: Mapping[str, Any], form: str) -> str:
    """Return an interval as text; empty where there is none."""
    if found["low"] != found["low"]:
        return ""
    return f"{form.format(found['low'])} to {form.format(found['high'])}"


_LEARNING_TITLE: Final = "Mean change from before to after, on a scale of five"
_LEARNING_HEADINGS: Final = (
    "Question", "Before", "After", "Change", "95% interval", "Improved", "Worse", "People",
)  # fmt: skip


def learning_part(figures: _Figures, cohort: str) -> _Part:
    """Return how self-assessments changed, of people with both forms."""
    named = [(COMPOSITE, f"{COMPOSITE_LABEL} (all six)")]
    named += [(item.name, item.label) for item in items_of("pre", "learning")]
    dots, rows = [], []
    for name, label in named:
        found = figures(cohort, f"learning_{name}_mean_change")
        if found["n"] >= FEWEST_SHOWN:
            dots.append(Change(label, found["value"], found["low"], found["high"]))
            rows.append(_learning_row(figures, cohort, name, label))
    if not dots:
        return _Part(f"Nothing can be shown: both forms came from {TOO_FEW} people.")
    return _Part(
        words=_learning_words(figures, cohort),
        title=_LEARNING_TITLE,
        svg=changes_chart(
            dots, title=_LEARNING_TITLE, description=_dots_words(dots), name="learning"
        ),
        headings=_LEARNING_HEADINGS,
        rows=tuple(rows),
    )


def _learning_row(figures: _Figures, cohort: str, name: str, label: str) -> tuple[str, ...]:
    stem = f"learning_{name}"
    found = figures(cohort, f"{stem}_mean_change")
    return (
        label,
        figures.shown(cohort, f"{stem}_before_mean", "{:.1f}"),
        figures.shown(cohort, f"{stem}_after_mean", "{:.1f}"),
        f"{found['value']:+.2f}",
        _interval(found, "{:+.2f}") or NOT_KNOWN,
        figures.shown(cohort, f"{stem}_improved", "{:.0%}"),
        figures.shown(cohort, f"{stem}_worse", "{:.0%}"),
        str(found["n"]),
    )


def _learning_words(figures: _Figures, cohort: str) -> str:
    stem = f"learning_{COMPOSITE}"
    found, size = figures(cohort, f"{stem}_mean_change"), figures(cohort, f"{stem}_g_z")
    shares = [
        f"{figures.shown(cohort, f'{stem}_{name}', '{:.0%}')} {words}"
        for name, words in (("improved", "improved"), ("same", "same"), ("worse", "worse"))
    ]
    alone = [
        f"{figures(cohort, f'learning_only_{side}')['value']:.0f} {side} alone"
        for side in ("before", "after")
        if figures(cohort, f"learning_only_{side}")["n"]
    ]
    effect = f", g {size['value']:.2f}" if size["value"] == size["value"] else ""
    return (
        f"{found['n']} people filled in both forms. Mean change {found['value']:+.2f}{effect}; "
        f"{', '.join(shares)}. Not matched: {', '.join(alone) or 'no one'}."
    )


def _dots_words(dots: Sequence[Change]) -> str:
    most, least = max(dots, key=lambda d: d.value), min(dots, key=lambda d: d.value)
    return (
        f"{len(dots)} questions. Largest change: {most.label}, {most.value:+.2f}; smallest: "
        f"{least.label}, {least.value:+.2f}."
    )


def theme_rows(figures: _Figures, cohort: str) -> list[tuple[str, str, str, str]]:
    """Return what helped and what hindered, most often mentioned first; small counts left out.

    Returns:
        theme and forms that say it helped, theme and forms that say it hindered; empty where one
        list is longer than the other.
    """
    helped, hindered = (_mentioned(figures, cohort, way) for way in ("helped", "hindered"))
    return [(*left, *right) for left, right in zip_longest(helped, hindered, fillvalue=("", ""))]


def _mentioned(figures: _Figures, cohort: str, direction: str) -> list[tuple[str, str]]:
    stem = f"theme_{direction}_"
    counts = {
        theme: figures(cohort, f"{stem}{theme}")["value"] for theme in figures.names(cohort, stem)
    }
    # Small counts share one place in the order, so that it does not tell them apart.
    ordered = sorted(counts, key=lambda theme: (-max(counts[theme], FEWEST_SHOWN - 1), theme))
    return [
        (themes()[theme].label, TOO_FEW if count < FEWEST_SHOWN else f"{count:.0f}")
        for theme in ordered
        for count in (counts[theme],)
    ]


def lasting_rows(figures: _Figures) -> list[tuple[str, str, str, str]]:
    """Return what lasted, of all cohorts together; what no one was asked is left out."""
    named = [
        (f"retention_{COMPOSITE}_mean_change", "Change since the end of the training", "{:+.2f}"),
        (f"retention_{COMPOSITE}_above_start", "Still above where they started", "{:.0%}"),
        ("review_applied_top_two", "Use what they learned", "{:.0%}"),
        ("review_supported_top_two", "Supported by their manager to use it", "{:.0%}"),
        *_audit_names(),
        *_tool_names(figures),
    ]
    return [
        (label, figures.shown(EVERY, name, form), _shown_interval(figures(EVERY, name), form),
         str(figures(EVERY, name)["n"]))
        for name, label, form in named
        if figures(EVERY, name)["n"]
    ]  # fmt: skip


def _shown_interval(found: Mapping[str, Any], form: str) -> str:
    return _interval(found, form) or NOT_KNOWN


def _audit_names() -> list[tuple[str, str, str]]:
    return [
        (f"audit_{item.name}_{period}_good_share",
         f"{item.label}: files good or better, {period}", "{:.0%}")
        for item in items_of("audit", "behaviour")
        if item.is_core
        for period in ("before", "after")
    ]  # fmt: skip


def _tool_names(figures: _Figures) -> list[tuple[str, str, str]]:
    """Return the tools most people use six months on."""
    used = [
        (figures(EVERY, f"review_tools_{tool}")["value"], tool)
        for tool in figures.names(EVERY, "review_tools_")
        if tool != "any"
    ]
    return [
        (f"review_tools_{tool}", f"Use in the last six months: {tool_labels()[tool]}", "{:.0%}")
        for _, tool in sorted(used, key=lambda pair: (-pair[0], pair[1]))[:_TOOLS_SHOWN]
    ]


_COHORT_HEADINGS: Final = (
    "Cohort", "Came", "After form returned", "Net promoter", "Change", "Improved",
)  # fmt: skip


def figures_per_cohort(figures: _Figures, cohorts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the same figures for each cohort, in order, and for all of them."""
    change = f"learning_{COMPOSITE}"
    return tuple(
        (
            "All" if cohort == EVERY else cohort,
            figures.shown(cohort, "attended", "{:.0f}"),
            figures.shown(cohort, "response_post", "{:.0%}"),
            figures.shown(cohort, "nps", "{:+.0f}"),
            figures.shown(cohort, f"{change}_mean_change", "{:+.2f}"),
            figures.shown(cohort, f"{change}_improved", "{:.0%}"),
        )
        for cohort in (*cohorts, EVERY)
    )
