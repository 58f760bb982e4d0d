"""The module report: what stands on the page, what never does, and the same bytes every time."""

import math
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from pandas import DataFrame

from tasks.training.authority import authority_training
from tasks.training.programme import programme_training
from tasks.training.reports import module_reports
from tasks.training.workforce import NO_CLAIM, workforce_rows
from tests.support.forms import at_rest, authority_rows, learning, register

PEOPLE = range(1, 13)
PAGE = "training-assessment.html"


def sessions(count, **more):
    answers = {"session": "1", "relevant": "5", "expectations": "4", "facilitator": "3"}
    rows = [answers | {"recommend": str(6 + n % 5)} | more for n in range(count)]
    return at_rest("session", *rows)


def whole_module(count=12, **more):
    people = range(1, count + 1)
    return {
        "pre": at_rest("pre", *(learning(n, 2) for n in people)),
        "post": at_rest("post", *(learning(n, 3 + n % 2) for n in people)),
        "session": sessions(count),
        "attendance": register(*people, session_date="2024-02-01"),
        **more,
    }


def page_of(**frames):
    return module_reports(authority_rows(**frames), "Coventry")[PAGE]


def text_of(page):
    parts = []
    reader = HTMLParser()
    reader.handle_data = parts.append
    reader.feed(page.split("</style>")[1])
    return re.sub(r"\s+", " ", " ".join(parts))


def test_there_is_one_page_for_each_module_with_forms_and_none_without():
    assert module_reports(authority_rows(), "Coventry") == {}
    planning = register(1, 2, module="planning")
    pages = module_reports(authority_rows(attendance=planning), "Coventry")
    assert set(pages) == {"training-planning.html"}


def test_the_same_rows_give_the_same_bytes():
    assert page_of(**whole_module()) == page_of(**whole_module())


def test_the_page_tells_reaction_learning_and_response():
    text = text_of(page_of(**whole_module()))
    assert "Strengthening Assessment" in text
    assert "12 people filled in both forms" in text
    assert "Mean change +1.50" in text
    assert "Net promoter score" in text
    assert "After the training 100%" in text


def test_the_page_claims_no_cause():
    workforce = DataFrame(
        {"quarter": ["2023-24Q3"], "sickness_days": [10.0], "fte_days": [1000.0]}
        | {name: [5.0] for name in ("leavers_fte", "fte_start", "agency_fte", "cases")}
        | {"direct_work_hours": [30.0], "total_hours": [float("nan")]}
    )
    text = text_of(page_of(**whole_module(), workforce=workforce))
    assert "no causal link is claimed" in text
    assert NO_CLAIM in text
    assert workforce_rows({"workforce": workforce}) == [
        ("2023-24Q3", "1.0%", "100.0%", "100.0%", "x", "1.0")
    ]


def test_answers_of_fewer_than_five_people_are_not_shown():
    page = page_of(**whole_module(4))
    text = text_of(page)
    assert "<svg" not in page
    assert "both forms came from fewer than 5 people" in text
    assert "Mean change" not in text


def test_fewer_than_ten_forms_bring_a_caution_and_no_interval():
    text = text_of(page_of(**whole_module(8)))
    assert "they carry no interval and no test" in text
    assert "95% interval -" not in text
    assert "carry no interval" not in text_of(page_of(**whole_module(12)))


def test_a_theme_that_few_mention_is_not_counted_out():
    frames = whole_module()
    frames["session"]["helped_themes"] = ["reflection"] * 6 + ["evidence"] * 2 + [None] * 4
    frames["session"]["hindered_themes"] = None
    text = text_of(page_of(**frames))
    assert re.search(r"Time to reflect 6", text)
    assert re.search(r"Research and evidence fewer than 5", text)


def test_earlier_cohorts_stand_in_the_order_in_which_they_began():
    later = register(*PEOPLE, cohort="A", session_date="2024-03-01")
    frames = whole_module()
    frames["attendance"] = pd.concat([later, frames["attendance"]], ignore_index=True)
    text = text_of(page_of(**frames))
    assert "Cohort A, alongside 1 earlier" in text
    assert text.index(" 1 12 100%") < text.index(" A 12 0%")


def test_charts_carry_a_title_a_description_and_their_figures_and_no_style():
    page = page_of(**whole_module())
    body = page.split("</style>")[1]
    assert body.count("<svg") == body.count("<desc") == 2
    assert body.count("Figures of this chart") == 2
    assert "style=" not in body
    assert "<script" not in page


def authority(la_code, count=12):
    table = authority_training(authority_rows(**whole_module(count)))
    return table.assign(la_code=la_code)


def pooled(*tables):
    together = pd.concat(tables, ignore_index=True)
    return programme_training(together, threshold=5).set_index(["module", "measure"])


def test_all_authorities_together_are_weighted_by_forms_and_show_none_by_itself():
    found = pooled(*(authority(code) for code in ("A", "B", "C")))
    change = found.loc[("assessment", "learning_self_assessment_mean_change")]
    one = authority("A").set_index(["module", "cohort", "measure"])
    own = one.loc[("assessment", "all", "learning_self_assessment_mean_change")]
    assert set(found["la_code"]) == {"programme"}
    assert change["value"] == pytest.approx(own["value"])
    assert change["n"] == 36
    assert change["high"] - change["value"] == pytest.approx((own["high"] - own["value"]) / 3**0.5)


def test_figures_of_two_authorities_are_hidden_because_either_knows_its_own():
    found = pooled(authority("A"), authority("B"))
    assert set(found["status"]) == {"c"}
    assert found["value"].isna().all()


def test_each_figure_names_its_authorities_and_is_no_total_of_fewer_than_half():
    tables = {code: authority(code) for code in "ABCDEFG"}
    for code in "ABCD":
        is_change = tables[code]["measure"] == "learning_self_assessment_mean_change"
        tables[code].loc[is_change, ["value", "n"]] = [math.nan, 0]
    for code in "AB":
        is_score = tables[code]["measure"] == "nps"
        tables[code].loc[is_score, ["value", "n"]] = [math.nan, 0]
    found = pooled(*tables.values())
    change = found.loc[("assessment", "learning_self_assessment_mean_change")]
    assert (change["status"], change["n"], change["la_codes"]) == ("x", 0, "")
    assert pd.isna(change["value"])
    score = found.loc[("assessment", "nps")]
    assert (score["status"], score["la_codes"], score["left_out"]) == ("ok", "C D E F G", "A B")
    assert found.loc[("assessment", "attended"), "la_codes"] == "A B C D E F G"


def test_half_of_the_authorities_are_a_total():
    tables = {code: authority(code) for code in "ABCDEF"}
    for code in "ABC":
        is_score = tables[code]["measure"] == "nps"
        tables[code].loc[is_score, ["value", "n"]] = [math.nan, 0]
    assert pooled(*tables.values()).loc[("assessment", "nps"), "la_codes"] == "D E F"


def test_a_share_whose_rest_is_a_few_people_is_hidden():
    tables = [authority(code) for code in ("A", "B", "C")]
    for table in tables:
        table.loc[table["measure"] == "learning_self_assessment_improved", "value"] = 11 / 12
    found = pooled(*tables)
    assert found.loc[("assessment", "learning_self_assessment_improved"), "status"] == "c"


def test_where_an_authority_had_few_forms_there_is_a_figure_and_no_interval():
    found = pooled(authority("A"), authority("B"), authority("C", 8))
    change = found.loc[("assessment", "learning_self_assessment_mean_change")]
    assert change["status"] == "described"
    assert pd.isna(change["low"])
