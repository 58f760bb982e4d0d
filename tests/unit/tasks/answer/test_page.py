from dataclasses import replace

import pytest
from lxml import html

from schemas.rows import Checked
from schemas.submission import State
from tasks.answer import pack_files
from tasks.answer.answer import fault_and_advice
from tasks.answer.findings import reported_findings
from tasks.answer.page import (
    MOST_WORDINGS,
    PLACES_SHOWN,
    finding_groups,
    past,
    row_changes,
    uk_time,
)
from tests.support.answers import (
    EPISODES,
    PLANTED_SCRIPT,
    accepted,
    answer,
    finding,
    findings,
    held,
    past_patterns,
    rejected,
    statuses,
    unreadable,
    with_queries,
)


def report_of(given):
    return html.fromstring(pack_files(given)["report.html"].decode())


def text_of(given, anchor=None):
    page = report_of(given)
    part = page if anchor is None else page.get_element_by_id(anchor)
    return " ".join(part.text_content().split())


def groups_of(*given_findings):
    return list(finding_groups(reported_findings(findings(*given_findings))))


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (accepted(), "Accepted"),
        (with_queries(), "Accepted with queries"),
        (rejected(), "Rejected"),
        (held(), "Held"),
        (unreadable(), "Rejected"),
    ],
)
def test_the_verdict_is_the_heading_of_the_page(given, verdict):
    (heading,) = report_of(given).xpath("//h1")
    assert heading.text_content() == verdict


def test_the_page_says_what_is_in_force():
    assert "This submission is in force" in text_of(accepted())
    assert "An earlier submission stays in force: 11aa22bb33cc44dd" in text_of(rejected())
    assert "No submission is in force" in text_of(unreadable())
    superseded = replace(accepted(), in_force="22bb33cc44dd55ee, version 3")
    assert "Another submission is in force: 22bb33cc44dd55ee" in text_of(superseded)


def test_what_rejected_the_submission_comes_before_everything_else():
    sections = [part.get("id") for part in report_of(rejected()).xpath("//section[@id]")]
    assert sections[:4] == ["rejecting", "error", "query", "notice"]


def test_only_rows_of_an_accepted_submission_are_said_to_be_set_aside():
    assert "27 rows were set aside (episodes: 27)" in text_of(with_queries())
    assert "set aside" not in text_of(rejected())
    assert "set aside" not in text_of(held())


def test_a_copy_that_was_left_out_is_not_asked_to_be_corrected():
    copy = finding("SFP-COPY", 9, "CHILD", "", severity="notice", reach="record")
    checked = Checked(findings(copy), statuses(), {"episodes": [8]})
    text = text_of(answer(checked=checked))
    assert "will not count until corrected" not in text
    assert "Rows set aside episodes: 1" in text
    assert "this row was set aside" in text


def test_a_finding_is_shown_in_words_before_its_code():
    text = text_of(with_queries(), "error")
    assert text.index("The episode starts before the child was born.") < text.index("rule 602")
    assert "What to do: Check DECOM against DOB in the header file." in text


def test_places_are_named_up_to_a_limit_and_the_rest_counted():
    (group,) = groups_of(*(finding("602", n, "DECOM", f"{n}") for n in range(2, 50)))
    assert len(group.places) == PLACES_SHOWN
    assert group.more == 48 - PLACES_SHOWN
    assert group.shared == f"{EPISODES}, field DECOM"
    assert group.places[0] == ("2", "2")
    assert f"and {26 - PLACES_SHOWN} more places: findings.xlsx" in text_of(with_queries(), "error")


def test_a_finding_about_a_whole_file_has_no_place_to_list():
    (group,) = groups_of(finding("EXTRA_COLUMN", None, "TEAM", "", reach="notice"))
    assert (group.places, group.more) == ((), 0)


def test_places_in_several_files_are_listed_with_their_file():
    (group,) = groups_of(
        finding("602", 2, "DECOM", "a"), finding("602", 3, "DEC", "b", file="other.csv")
    )
    assert group.headings == ("File", "Row", "Field", "What was found")
    assert group.shared == ""


def worded(row, words):
    values = list(finding("601", row, "DECOM", ""))
    values[7] = words
    return tuple(values)


def test_two_wordings_of_one_rule_stand_apart_but_not_endlessly_many():
    two = [worded(row, f"Wording {row % 2}. Correct it.") for row in range(20)]
    assert [group.count for group in groups_of(*two)] == [10, 10]
    many = [worded(row, f"Wording {row}.") for row in range(MOST_WORDINGS + 1)]
    (group,) = groups_of(*many)
    assert group.count == MOST_WORDINGS + 1
    assert "What is wrong" in group.headings


def test_a_rule_without_advice_says_what_to_correct():
    (group,) = groups_of(worded(2, "The date is in the future."))
    assert group.action == "Correct DECOM at each place and send the file again."


def test_a_rule_that_could_not_run_is_never_shown_as_passed():
    (row,) = report_of(held()).xpath("//tr[td[contains(., 'SFP410')]]")
    assert "Could not run" in row.text_content()
    assert "Passed" not in row.text_content()
    assert "a fault in the check itself" in row.text_content()
    assert "That is our fault, not yours" in text_of(held())


def test_a_held_submission_with_a_question_says_the_question():
    asked = replace(
        unreadable(), state=State.HELD, refusal=("NAMES_COLLIDE", "Two files differ.", None, None)
    )
    text = text_of(asked)
    assert "Why it is held Two files differ." in text
    assert "the submission as a whole" in text


def test_rules_are_named_in_words_where_these_are_known():
    given = replace(accepted(), rule_words={"142": "An episode has no end. Add DEC."})
    (rule,) = report_of(given).xpath("//li[starts-with(., '142')]")
    assert rule.text_content() == "142: An episode has no end."


def test_rules_that_passed_or_do_not_apply_stand_by_file_with_the_reason_said_once():
    found = statuses(
        ("142", "episodes", "passed", 0, ""),
        ("9", "children", "not applicable", 0, "not sent: header"),
        ("8", "children", "not applicable", 0, "not sent: header"),
        ("7", "children", "passed", 0, ""),
    )
    given = answer(rule_words={"9": "DOB is empty."}, checked=Checked(findings(), found, {}))
    (listed,) = report_of(given).xpath("//details")
    groups = [
        (heading.text_content(), [rule.text for rule in heading.xpath("following::ul[1]/li")])
        for heading in listed.xpath(".//h3")
    ]
    assert groups == [
        ("episodes Passed (1)", ["Rule 142"]),
        ("header Passed (1)", ["Rule 7"]),
        ("header Not applicable (2)", ["Rule 8", "9: DOB is empty."]),
    ]
    assert listed.text_content().count("not sent: header") == 1


def test_one_code_with_several_wordings_is_named_in_words_only_where_they_are_certain():
    words = {"9:episodes": "DEC is empty. Add it.", "9:children": "DOB is empty. Add it."}
    given = answer(
        rule_words={**words, "8": "SEX is empty. Fill it in. SEX is not a code. Use the guide."},
        checked=Checked(findings(), statuses(("9", "episodes", "passed", 0, "")), {}),
    )
    assert given.fault("9", "episodes") == "DEC is empty."
    assert given.fault("9") == ""
    assert given.fault("8", "children") == "SEX is empty, or SEX is not a code."


def test_what_is_wrong_and_what_to_do_are_shown_apart():
    assert fault_and_advice("The end is early. The first is kept.") == (
        "The end is early.",
        "The first is kept.",
    )
    assert fault_and_advice("SEX is empty. Fill it in. SEX is no code. Use the guide.") == (
        "SEX is empty, or SEX is no code.",
        "Fill it in. Use the guide.",
    )
    assert fault_and_advice("Alone.") == ("Alone.", "")


def test_what_changed_is_counted_per_table_and_for_children():
    assert row_changes(with_queries())[:2] == [
        ("Children", "1,297", "1,302", "+5"),
        ("Rows in header", "1,297", "1,302", "+5"),
    ]
    assert ("Rows in episodes", "4,060", "4,091", "+31") in row_changes(with_queries())
    assert row_changes(with_queries())[-1] == ("Rows in reviews", "2,950", "2,950", "no change")
    assert row_changes(accepted()) == []


def test_a_table_that_is_gone_is_among_the_changes():
    given = answer(row_counts={}, previous_row_counts={"uasc": 7})
    assert row_changes(given) == [("Rows in uasc", "7", "0", "-7")]


def test_every_tolerance_is_named():
    text = text_of(with_queries(), "tolerances")
    assert "Read as Windows-1252, not as UTF-8." in text
    assert "TITLE_ROWS" in text


def test_past_quarters_stand_beside_this_one():
    shown_past = past(with_queries())
    assert shown_past["quarters"][-1] == "2025-26Q1"
    assert shown_past["rows"][0] == [
        "The episode starts before the child was born. (602)",
        "61",
        "55",
        "31",
        "28",
        "26",
    ]
    assert shown_past["totals"] == ["91", "67", "53", "32", "33"]


def test_a_clean_quarter_still_stands_in_the_pattern():
    shown_past = past(answer(past_patterns=past_patterns()))
    assert shown_past["totals"][-1] == "0"


def test_h059_a_script_in_any_text_is_escaped():
    planted = replace(
        with_queries(finding("<b>141", 2, "<i>DECOM", PLANTED_SCRIPT, file="<u>.csv", place="<s>")),
        la_name="<script>1</script>",
        return_title="<script>2</script>",
        rule_words={"602": "<script>3</script>"},
    )
    page = pack_files(planted)["report.html"].decode()
    assert "<script" not in page.lower()
    assert "&lt;script&gt;document.title=" in page
    assert not any(tag in page for tag in ("<b>", "<i>", "<u>", "<s>"))


def test_h109_a_report_names_nothing_to_load():
    page = report_of(with_queries())
    assert page.xpath("//script | //img | //iframe | //object | //embed | //form | //base") == []
    assert [link.get("href") for link in page.xpath("//link")] == ["data:,"]
    assert {link.get("href")[0] for link in page.xpath("//a")} == {"#"}
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert page.xpath("//*[@style]") == []


def test_the_receipt_names_files_and_hashes():
    text = text_of(with_queries(), "receipt")
    assert "10:31am on 14 July 2025" in text
    assert "a" * 63 + "1" in text
    assert "carried forward from 11aa22bb33cc44dd" in text


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2025-07-14T09:31:07+00:00", "10:31am on 14 July 2025"),
        ("2025-12-31T23:59:59Z", "11:59pm on 31 December 2025"),
        ("2025-12-31T00:05:00Z", "12:05am on 31 December 2025"),
        ("2025-06-01T11:00:00Z", "12:00pm on 1 June 2025"),
    ],
)
def test_a_moment_is_shown_in_uk_time(moment, said):
    assert uk_time(moment) == said


def test_a_submission_without_any_rule_or_finding_has_a_report():
    empty = answer(checked=Checked(findings(), statuses(), {}), row_counts={}, child_count=None)
    assert "Accepted" in text_of(empty)
