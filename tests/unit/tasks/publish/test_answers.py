"""What the page opens with: an answer for each practice model, and what it may not be used for."""

from dataclasses import replace

import numpy as np
import pytest
from lxml import html

from schemas.plan import PLAN
from tasks.disclose.control import controlled
from tasks.effects.result import Scale
from tasks.publish.changes import no_changes
from tasks.publish.headlines import HEADLINES, headlines_file
from tasks.publish.report import report_html
from tasks.publish.report.answers import answers
from tasks.publish.report.section import ReportInputs
from tasks.publish.seven import public_seven, with_value_for_money
from tasks.publish.totals import totals_table
from tests.support.costs import effect, effects
from tests.support.editions import edition_inputs
from tests.support.outcome_tables import LANCASHIRE, WALSALL, outcome_table

MODEL = "family_safeguarding"
DIFFERENCE = "marginal_risk_difference_among_exposed"
OUTCOMES = outcome_table(
    *(
        ("cla_18m", la, quarter, 60 + place, 700)
        for place, la in enumerate((WALSALL, LANCASHIRE))
        for quarter in ("2020-21Q3", "2020-21Q4")
    )
)


def estimate(central, low, high, *, scale=Scale.LOG_ODDS_RATIO, **columns):
    """Return the primary estimate of one model, or what it comes to as a change of a share."""
    is_odds = scale is Scale.LOG_ODDS_RATIO
    row = effect("cla_18m", central, 0.1, scale=scale.value, children=1234)
    return {
        **row,
        "model": MODEL,
        "estimator": PLAN.primary(PLAN.primary_outcome) if is_odds else DIFFERENCE,
        "ci_low": low,
        "ci_high": high,
        "df": 12.0,
        "clusters": 5,
        "events": 150,
        "note": "",
        **columns,
    }


def report_of(*rows):
    """Return what a report is written from: these estimates, and one outcome."""
    given = effects(*rows) if rows else None
    found = controlled(OUTCOMES, seen=())
    table = headlines_file(given, OUTCOMES, time="2022-23Q4")
    inputs = edition_inputs(outcomes=OUTCOMES, effects=given, costs=None, figures={})
    return ReportInputs(
        inputs=inputs,
        shown=found.rows,
        tables={} if table is None else {HEADLINES: table},
        moved=no_changes(),
        previous=None,
        totals=totals_table(found, []),
        seven=with_value_for_money(public_seven(found.rows), None, None),
    )


def answer_of(*rows):
    (found,) = (one for one in answers(report_of(*rows)) if one.title.startswith("Family Safe"))
    return found


def test_an_answer_says_what_changed_with_its_interval_and_what_it_rests_on():
    found = answer_of(
        estimate(-0.357, -0.6, -0.11),
        estimate(-0.0231, -0.04, -0.0052, scale=Scale.RISK_DIFFERENCE),
    )
    assert found.title == "Family Safeguarding: fewer"
    assert "0.70 times those without the model (95% interval 0.55 to 0.90)" in found.found
    assert "-2.31 percentage points (95% interval -4.00 to -0.52)" in found.found
    assert found.rests_on == (
        "Rests on 5 authorities and 1,230 children (to the nearest 10), referred in 2 quarters "
        "from 2020-21Q3 to 2020-21Q4."
    )


@pytest.mark.parametrize(
    ("interval", "verdict", "words"),
    [
        ((0.1, 0.6), "more", "on the side of more children"),
        ((-0.2, 0.3), "no clear difference", "both fewer and more children are compatible"),
        ((-4.1, 4.1), "no clear difference", "nothing can be concluded from it"),
        ((np.nan, np.nan), "no clear difference", "Without an interval"),
    ],
)
def test_a_verdict_follows_from_the_interval_alone(interval, verdict, words):
    found = answer_of(estimate(0.2, *interval))
    assert found.title == f"Family Safeguarding: {verdict}"
    assert words in found.caution


@pytest.mark.parametrize(
    ("points", "verdict", "words"),
    [
        ((-0.12, 0.01), "no clear difference", "in percentage points it includes no change"),
        ((-0.12, -0.01), "fewer", "The whole interval lies on the side of fewer children"),
    ],
)
def test_odds_that_are_clear_are_not_called_so_where_percentage_points_are_not(
    points, verdict, words
):
    found = answer_of(
        estimate(-0.8, -1.3, -0.3), estimate(-0.05, *points, scale=Scale.RISK_DIFFERENCE)
    )
    assert found.title == f"Family Safeguarding: {verdict}"
    assert words in found.caution


def test_an_estimate_on_few_degrees_of_freedom_says_so():
    assert "so few authorities" in answer_of(estimate(-0.3, -0.5, -0.1, df=1.5)).caution


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"events": 4, "estimate": 0.3}, "because too few had the outcome, or had it not"),
        (
            {
                "note": "too few clusters: 1 of at least 3 clusters that say something",
                "clusters": 1,
            },
            "1 of 5 authorities, and at least 3 are needed",
        ),
        ({"note": "not mature: no follow-up is over"}, "no child could be followed long enough"),
        ({"note": "not identified; left out: Cambridgeshire (pilot)"}, "cannot be told apart"),
        ({"note": "something new: not foreseen"}, "because none could be made"),
    ],
)
def test_where_there_is_no_estimate_the_answer_says_why(columns, why):
    found = answer_of(estimate(np.nan, np.nan, np.nan, **columns))
    assert found.title == "Family Safeguarding: cannot be said"
    assert why in found.caution
    assert found.found == ""


def test_without_any_effect_every_model_cannot_be_said():
    found = answers(report_of())
    assert [one.title.partition(": ")[2] for one in found] == ["cannot be said"] * 3


def test_a_model_that_is_not_in_the_effects_cannot_be_said():
    titles = [one.title for one in answers(report_of(estimate(-0.357, -0.6, -0.11)))]
    assert titles == [
        "Family Safeguarding: fewer",
        "Family Valued: cannot be said",
        "No Wrong Door: cannot be said",
        "All models together: cannot be said",
    ]


def opening(report):
    """Return the texts of the page up to its contents."""
    page = html.document_fromstring(report_html(report))
    return " ".join(page.get_element_by_id("answers").text_content().split())


def test_the_page_opens_with_the_answers_and_what_they_may_not_be_used_for():
    report = report_of(estimate(-0.357, -0.6, -0.11))
    page = html.document_fromstring(report_html(report))
    anchors = [one.get("id") for one in page.iter("section")]
    assert anchors[:2] == ["answers", "completeness"]
    text = opening(report)
    assert "Family Safeguarding: fewer" in text
    assert "Do not use these answers to say that a model does nothing" in text
    assert "before and after the model went live together" not in text


def test_every_number_of_an_answer_is_in_the_headlines_table():
    report = report_of(
        estimate(-0.357, -0.6, -0.11),
        estimate(-0.0231, -0.04, -0.0052, scale=Scale.RISK_DIFFERENCE),
    )
    texts = set(report.tables[HEADLINES].frame.to_numpy().ravel())
    assert {"0.70", "0.55", "0.90", "-2.31", "-4.00", "-0.52", "5", "1230", "2"} <= texts


def test_every_chapter_stands_under_some_reader_and_every_link_leads_somewhere():
    report = report_of(estimate(-0.357, -0.6, -0.11))
    page = html.document_fromstring(report_html(replace(report, moved=no_changes())))
    linked = {one.get("href") for one in page.xpath("//nav//a")}
    assert linked == {f"#{one.get('id')}" for one in page.iter("section")}
