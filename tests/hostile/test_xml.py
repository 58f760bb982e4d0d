"""Awkward XML, by the ids in the list of hostile cases."""

from dataclasses import replace

import pytest

from schemas.limits import LIMITS
from tests.support.files import census, child, read_one, refused


def read(folder, text, **how):
    return read_one(folder, text, name="sent.xml", **how)


def rejected(folder, text, **how):
    return refused(folder, text, name="sent.xml", **how)


PLAN = (
    "<ChildProtectionPlans><CPPstartDate>2024-06-01</CPPstartDate>"
    "<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>"
    "<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>"
    "<NumberOfPreviousCPP>0</NumberOfPreviousCPP></ChildProtectionPlans>"
)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Message [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE Message SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE Message>",
    ],
)
def test_h067_a_document_type_is_refused(tmp_path, doctype):
    text = census(child()).replace("<Message>", f"{doctype}<Message>")
    assert rejected(tmp_path, text).code == "XML_DTD"


def test_h067_a_document_type_past_the_beginning_is_refused_all_the_same(tmp_path):
    comment = f"<!--{'x' * 70_000}-->"
    text = census(child()).replace("<Message>", f"{comment}<!DOCTYPE Message><Message>")
    assert rejected(tmp_path, text).code in ("XML_DTD", "XML_ROOT")


def test_h069_comments_that_never_close_cost_no_time(tmp_path):
    assert rejected(tmp_path, "<!--" * 16_000).code == "XML_ROOT"


def test_h069_an_inclusion_is_not_followed_and_told_as_unknown(tmp_path):
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    got = read(tmp_path, census(child(include)))
    assert [told.code for told in got.tolerances] == ["ELEMENT_UNKNOWN"]
    assert not any("root:" in str(told) for told in got.tolerances)


def test_h069_deep_nesting_is_refused(tmp_path):
    deep = "<a>" * 200_000 + "</a>" * 200_000
    assert rejected(tmp_path, census(child(deep))).code == "XML_LIMIT"


def test_h069_an_element_of_two_hundred_thousand_attributes_is_refused(tmp_path):
    attributes = " ".join(f"a{n}='1'" for n in range(200_000))
    assert rejected(tmp_path, census(child(f"<a {attributes}/>"))).code == "XML_LIMIT"


def test_h069_a_text_of_thirty_megabytes_is_refused(tmp_path):
    text = census(child().replace("A1", "A" * 30_000_000))
    assert rejected(tmp_path, text).code == "CELL_TOO_LONG"


def test_h069_more_elements_than_any_return_has_are_refused(tmp_path):
    limits = replace(LIMITS, xml_elements=20)
    assert rejected(tmp_path, census(child() * 5), limits=limits).code == "XML_LIMIT"


def test_h069_a_worker_that_runs_out_of_memory_dies_alone(tmp_path):
    limits = replace(LIMITS, child_memory_bytes=16_000_000)
    assert rejected(tmp_path, census(child() * 2000), limits=limits).code == "XML_LIMIT"


def test_h005_xml_cut_short_is_refused_with_its_line(tmp_path):
    text = census(child())
    error = rejected(tmp_path, text[: len(text) // 2])
    assert error.code == "XML_DAMAGED"
    assert error.row is not None


def test_h033_an_empty_xml_file_is_refused(tmp_path):
    assert rejected(tmp_path, "").code == "FILE_EMPTY"


def test_h034_a_census_without_a_child_is_refused(tmp_path):
    assert rejected(tmp_path, census("")).code == "NO_ROWS"


def test_another_outermost_element_is_refused(tmp_path):
    assert rejected(tmp_path, "<Letter><Child/></Letter>").code == "XML_ROOT"


def test_an_element_sent_twice_where_one_counts_is_refused_with_its_line(tmp_path):
    twice = (
        "<CINclosureDate>2024-07-01</CINclosureDate>\n<CINclosureDate>2024-08-01</CINclosureDate>"
    )
    error = rejected(tmp_path, census(child(twice)))
    assert (error.code, error.row) == ("XML_REPEATED", 9)


@pytest.mark.parametrize("place", ["<ReferralNFA>", "</CINdetails>", "</Child>", "</Message>"])
def test_text_where_the_return_has_none_is_refused(tmp_path, place):
    text = census(child()).replace(place, f"stray{place}")
    assert rejected(tmp_path, text).code == "XML_STRUCTURE"


def test_an_element_inside_a_value_is_refused(tmp_path):
    odd = "<CINclosureDate>2024<b/>-07-01</CINclosureDate>"
    assert rejected(tmp_path, census(child(odd))).code == "XML_STRUCTURE"


def test_a_comment_inside_a_value_does_not_cut_it(tmp_path):
    got = read(tmp_path, census(child("<PrimaryNeedCode>N<!-- x -->1</PrimaryNeedCode>")))
    assert list(got.frames["referrals"]["primary_need_code"]) == ["N1"]


def test_h043_a_character_that_cannot_be_seen_is_refused_also_when_written_as_a_number(tmp_path):
    error = rejected(tmp_path, census(child(child_id="A&#x202E;1")))
    assert (error.code, error.row) == ("CONTROL_CHARACTER", 5)


def test_h043_an_identifier_of_look_alike_characters_is_refused(tmp_path):
    assert rejected(tmp_path, census(child(child_id="\uff21\uff11"))).code == "CONTROL_CHARACTER"


@pytest.mark.parametrize("element", ["Surname", "NHSNumber", "Forename", "PostCode", "HomeAddress"])
def test_h090_an_element_that_identifies_people_is_refused(tmp_path, element):
    text = census(child(f"<{element}>x</{element}>"))
    assert rejected(tmp_path, text).code == "IDENTIFIER_NOT_ALLOWED"


def test_h082_an_impossible_date_is_a_finding_with_its_element_and_line(tmp_path):
    got = read(tmp_path, census(child(PLAN.replace("2024-06-01", "2024-06-31"))))
    (finding,) = got.findings.to_dict("records")
    assert finding["code"] == "DATE_INVALID"
    assert (finding["place"], finding["field"]) == ("ChildProtectionPlans", "CPPstartDate")
    assert finding["row"] == 8


def test_h015_a_census_that_speaks_for_two_authorities_is_refused(tmp_path):
    text = census(child()).replace(
        "<Source><LEA>301</LEA></Source>",
        "<Source><LEA>301</LEA></Source><Source><LEA>302</LEA></Source>",
    )
    assert rejected(tmp_path, text).code == "JOINT_RETURN_UNKNOWN"
