"""The definitions page: what is declared of every outcome, and its examples.

`make docs` prints it into docs/definitions.md.
"""

from __future__ import annotations

from pathlib import Path

from pandas import DataFrame

from schemas.endings import (
    CHILDREN_LOST_SHARE,
    CORRECTED_WITHIN_DAYS,
    ENDINGS,
    LEAST_LOST,
    SPELLS,
    UNFOLLOWED,
    UNFOLLOWED_SAYS,
    UNFOLLOWED_TAKEN,
)
from schemas.identifiers import JOINS, LEAST_UNKNOWN, SPELLING_SHARE, USUAL_FALL, YEARS_KNOWN
from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import (
    PER_10_000,
    SUBMISSION_LAG_MONTHS,
    Outcome,
    OutcomeKind,
    Statistic,
)
from schemas.outcomes.reason import FigureReason
from schemas.trial import MODEL_NAMES, windows
from tests.spec.example import Example, tables_of
from tests.spec.examples import EXAMPLES, SUBJECTS

PAGE = Path("docs/definitions.md")

GRADES = {
    "S": "stated in published programme text",
    "W": "read in the evaluators' public working scripts",
    "D": "a DfE statistical convention",
    "I": "our own inference",
}

INTRODUCTION = f"""# Definitions

Printed from `schemas/outcomes/` and from the tests in `tests/spec/` by `make docs`; a test keeps the
two the same. The choices behind them are in [0003](decisions/0003-outcome-choices.md).

Every example is run: the tables are what was sent, in the names of columns at rest, and the answer
is what the pipeline makes of them. Where nothing else is said the authority is Walsall (Family
Safeguarding), every return has come in, episodes are under legal status C2 with an unrelated foster
carer, children are five years old, and rows came in the return of 2023-24Q4. `born` is the date of
birth, of which only the month is kept.

## What all definitions share

- **Person**: authority (its lasting code) and child id. The same id with two dates of birth is two
  persons; an expected date of birth tells no one apart. What tells no date of birth (pre-proceedings,
  attendance, the unborn) is of the one whom all censuses know by the id. Where an authority's `child_ids` says
  that a child of SSDA903 has another id in the census, the two are one person, in every quarter,
  by the newest such list in force; an id of SSDA903 that the list does not have, but gives to another
  child in the census, is a person of its own.
- **Returns** repeat each other: each financial year counts by its latest return, and of two rows
  about the same thing the one of the later return counts. Whatever was merged or differed is
  counted by kind (`sfp status`).
- **Cohort**: a child's first referral inside the model's referral window, both ends included, if
  the child is then in the age range and no period of care started before that day.
- **Window** of N months: [referral, referral + N calendar months], clipped to the month's last
  day. Events on both ends count. Days count up to the last, which brings none.
- **Care**: short-break series (V3, V4) are left out. A period of care opens at start reason S or
  after a gap; a child is looked after on a day when start <= day < end.
- **Care ends** as the table below says: what a later return says of what an earlier one left open
  is applied, counted by kind and queried. Plans, child in need episodes and missing spells go by
  the same rules. What is open in the last return that an example shows is still open.
- **Placements**: a move with the same carer (start reason T or U) is another placement, and for
  `unplanned_moves` a change of placement; for `placement_long_term` the child has stayed.
- **Known**: a cohort figure only when its returns have come in for the quarter of referral, all of
  the follow-up and {SUBMISSION_LAG_MONTHS} months more, and nothing is missing that settles who is
  in the cohort: no return of children looked after up to the quarter of referral, no census from
  the first quarter of the model's referrals to it. Any other when its returns have come in for the
  quarter, and for the quarters looked back on. What lies before the authority's first return is not
  missing, except where an outcome looks back on a whole span: that return tells what was open then.
  A return that came without the table an outcome is made of
  does not count, nor does one that is barred. Otherwise `x`, and no number: not known is never zero.
  [The reason](#why-a-figure-is-not-given) stands in the column `reason`.
- **No one to count**: `z`, numerator and denominator 0, no value.
- **Grades**: {"; ".join(f"{letter} {words}" for letter, words in GRADES.items())}.
"""


def definitions_page() -> str:
    """Return the whole page as Markdown."""
    parts = [INTRODUCTION, cohorts(), endings(), why_not_given(), same_children(), edges()]
    for subject in SUBJECTS:
        parts += chapter(subject.__name__.rpartition(".")[2], (subject.__doc__ or "").strip())
    return "\n".join(parts).rstrip() + "\n"


def cohorts() -> str:
    """Return whom each model's cohort takes in."""
    rows = [
        {
            "model": f"{MODEL_NAMES[window.model]} (`{window.model}`)",
            "ages": f"{window.age_from} to {window.age_to}"
            + (" and unborn" if window.include_unborn else ""),
            "referred from": str(window.referral_from),
            "to": str(window.referral_to),
        }
        for window in windows().values()
    ]
    return markdown(DataFrame(rows))


def why_not_given() -> str:
    """Return the reasons, in the order in which they are named."""
    rows = [{"reason": f"`{one}`", "meaning": one.words} for one in FigureReason]
    words = "Of several reasons the first of these is named."
    return "\n".join(["## Why a figure is not given", "", words, "", markdown(DataFrame(rows)), ""])


def same_children() -> str:
    """Return how many children of one return another has to know, and what follows otherwise."""
    rows = [
        {
            "children of": f"`{join.return_name}`",
            "known from": f"`{join.known_to}`"
            + (" of years before" if join.known_to == join.return_name else ""),
            "at least": f"{join.floor:.0%}",
        }
        for join in JOINS
    ]
    return "\n".join(
        ["## Returns of the same children", "", SAME_CHILDREN, markdown(DataFrame(rows))]
    )


SAME_CHILDREN = f"""A figure that follows children from one return to another is `x` (`IDS_DO_NOT_MATCH`) for a
year in which the two do not name the same children: fewer are known than the table asks for, and
{LEAST_UNKNOWN} or more are not; or {USUAL_FALL * 100:.0f} percentage points fewer than in the middle of
the authority's other years; or more than {SPELLING_SHARE:.0%} are known in another spelling only; or
more than {SPELLING_SHARE:.0%}, and {LEAST_UNKNOWN} or more, with another date of birth only: each of these is taken for two
children, so that the years before are `x` as well.
So it is where a year's SSDA903 or census names fewer than {1 - CHILDREN_LOST_SHARE:.0%} of the children whose episodes or
cases the year before left open, and at least {LEAST_LOST} fewer; or leaves out as many of those whom the next year's
return says to have begun in it. Where as many begin again on another day than the year before left them open with, more
than {CORRECTED_WITHIN_DAYS} days off, the two years contradict each other (`TOO_MANY_CONTRADICT`, from the last quarter of the year before).
Looked through are {YEARS_KNOWN} years back, the year itself and the next. It is worked out from the
rows of each data cut, and a corrected return, or a list of both ids (`child_ids`), gives the figure
back. Ids that differ by leading zeros alone (`IDS_ALIKE`) are two children and only queried.
"""


def endings() -> str:
    """Return what is taken where returns contradict each other, and a drawing of two returns."""
    rows = [
        {
            "what returns say": f"{one.says}",
            "what is taken": one.taken,
            "counted as": f"`..._{kind}`",
        }
        for kind, one in ENDINGS.items()
    ]
    unfollowed = {
        "what returns say": UNFOLLOWED_SAYS,
        "what is taken": UNFOLLOWED_TAKEN,
        "counted as": f"`{UNFOLLOWED}`",
    }
    return "\n".join(
        ["## How care ends", "", ENDINGS_DRAWN, markdown(DataFrame([*rows, unfollowed]))]
    )


ENDINGS_DRAWN = f"""A return of a year to date holds what was open on any day from 1 April to the end of
its quarter; the next one must tell of what was open at the end of this one. `[` is the start an
episode is sent with, `)` its end; `>` is open.

```text
                       return of year 1       | return of year 2       taken
                       ...........31 March    | 1 April ...........
same                   [--------------------> | [------------->        open
ended                  [--------------------> | [------)               ends with the later return
corrected start        [--------------------> |  (start 3 days on) [>  one episode, the later start
corrected placement    [------)P[-----------> | P(start 3 days on) [>  the one before it ends 3 days on
replaced                      [-------------> | (start before) [---->  one episode, the later one
other placement        [--------------------> |     P[----------->     ends where the other begins
back after a gap       [--------------------> |     S[----------->     ends on 1 April; a new period
gone, child or alone   [--------------------> |                        ends on 1 April
year 2 not returned    [--------------------> |                        open until a return says more
X1, none follows       [------)X1             |                        ends at ), its own last day
```

Where the last return of year 1 ends with another quarter, "1 April" is the first day after it. Two
authorities' children with one id never meet: each authority's returns are held against its own. A
start is corrected within {CORRECTED_WITHIN_DAYS} days. The tables are {", ".join(f"`{name}`" for name in SPELLS)}; of
`referrals` (child in need episodes) only the start is read, so that nothing but a corrected start
changes a figure, and of `missing_episodes` none is made.
"""


def edges() -> str:
    """Return the index of edge cases."""
    lines = [f"- {one.edge}: [{one.says}](#{one.outcome})" for one in EXAMPLES if one.edge]
    return "\n".join(["## Edge cases", "", *lines, ""])


def chapter(subject: str, title: str) -> list[str]:
    """Return one subject: its outcomes in order of declaration."""
    heading = title.removesuffix(": examples.")
    declared = [one for one in OUTCOMES.values() if one.subject == subject]
    return [f"## {heading}\n", *(section(outcome) for outcome in declared)]


def section(outcome: Outcome) -> str:
    """Return one outcome: its sentence, its facts, its examples."""
    shown = [example(one) for one in EXAMPLES if one.outcome == outcome.id]
    return "\n".join([f"### {outcome.id}", "", outcome.protocol, "", facts(outcome), *shown])


def facts(outcome: Outcome) -> str:
    """Return what is declared of an outcome, as a table."""
    rows = {
        "role": outcome.role,
        "unit": outcome.unit,
        "numerator": outcome.numerator,
        "denominator": outcome.denominator,
        "stands under": STANDS_UNDER[outcome.kind],
        "needs": needs(outcome),
        "shown as": shown_as(outcome),
        "hoped for": outcome.better or "neither",
        "grade": outcome.grade,
    }
    if outcome.models:
        rows["only for"] = ", ".join(MODEL_NAMES[model] for model in outcome.models)
    return markdown(DataFrame({"fact": list(rows), "": list(rows.values())}))


STANDS_UNDER = {
    OutcomeKind.COHORT: "the quarter of referral",
    OutcomeKind.QUARTER: "the quarter itself",
    OutcomeKind.ANNUAL: "the fourth quarter of the financial year",
}


def needs(outcome: Outcome) -> str:
    """Return in words which returns must have come in, and which table must be among them."""
    returns = ", ".join(f"`{name}`" for name in outcome.reads)
    tables = "".join(f" with `{name}`" for name in outcome.tables)
    return f"{returns}{tables}{follow_up(outcome)}"


def follow_up(outcome: Outcome) -> str:
    """Return in words what else must have come in."""
    if outcome.kind is OutcomeKind.COHORT:
        later = ", and to the authority's last return" if outcome.is_told_later else ""
        return f" for {outcome.mature_months} months and {SUBMISSION_LAG_MONTHS} more{later}"
    if outcome.told_back_months:
        months = outcome.told_back_months
        return f" for the quarter and the {months} months before it, from the first return on"
    if outcome.look_back_months:
        return f" for the quarter and the {outcome.look_back_months} months before it"
    return " for the quarter"


def shown_as(outcome: Outcome) -> str:
    """Return in words how numerators and denominators become the value."""
    if outcome.statistic is Statistic.MEDIAN:
        return "median"
    return "per 10,000" if outcome.scale == PER_10_000 else "numerator over denominator"


def example(shown: Example) -> str:
    """Return one example: what was sent, the answer, and why."""
    tables = [f"`{name}`\n\n{markdown(table)}" for name, table in tables_of(shown.sent).items()]
    came_in = [
        f"`{name}` came in from {first} to {last} only."
        for name, (first, last) in shown.covered.items()
    ]
    came_in += [f"`{name}` was left out of every return." for name in shown.left_out]
    where = (
        f" in {shown.la_code}"
        if any("sent_by" in t for t in tables_of(shown.sent).values())
        else ""
    )
    answer = f"**{answer_of(shown)}** ({shown.quarter}{where}). {shown.because}"
    return "\n".join(
        [f"#### {shown.says}", "", *tables, *came_in, *([""] if came_in else []), answer, ""]
    )


def answer_of(shown: Example) -> str:
    """Return the answer in words."""
    if shown.status != "ok":
        return {"x": "x: not known", "z": "z: no one to count"}[shown.status]
    if shown.numerator is None or shown.denominator is None:
        return f"{shown.value:g}, over {shown.denominator:g}"
    return f"{shown.numerator:,g} of {shown.denominator:,.10g}"


def markdown(table: DataFrame) -> str:
    """Return a table in Markdown."""
    heading = [list(table.columns), ["---"] * len(table.columns)]
    lines = [f"| {' | '.join(cells)} |" for cells in [*heading, *table.to_numpy().tolist()]]
    return "\n".join([*lines, ""])
