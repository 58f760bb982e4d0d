import pandas as pd

from tests.support.files import (
    EPISODES,
    HEADER,
    ONE_CHILD,
    ONE_EPISODE,
    read_files,
    read_one,
    refused,
)

HEADER_XML = (
    "<CHILDID>A1</CHILDID><UPN>UN1</UPN><SEX>M</SEX><DOB>05/04/2010</DOB><ETHNIC>WBRI</ETHNIC>"
    "<UASC>{uasc}</UASC>"
)
EPISODE_XML = (
    "<EPISODE><DECOM>05/04/2024</DECOM><RNE>S</RNE><LS>C2</LS><CIN>N1</CIN><PL>U1</PL>"
    "<PLACE_PROVIDER>PR1</PLACE_PROVIDER><DEC/><REC/></EPISODE>"
)


def returned(header="", *, uasc="0", episodes=EPISODE_XML):
    inside = HEADER_XML.format(uasc=uasc) + header
    return f"<EXPSSDA903>\n<CHILD>\n<HEADER>{inside}</HEADER>\n{episodes}</CHILD></EXPSSDA903>"


def read(folder, text):
    return read_one(folder, text, name="sent.xml")


def test_the_xml_and_the_csv_set_give_the_same_rows(tmp_path):
    csv_files = {"h.csv": HEADER + ONE_CHILD.replace(",0,", ",,"), "e.csv": EPISODES + ONE_EPISODE}
    by_csv = read_files(tmp_path, csv_files)
    by_xml = read(tmp_path, returned())
    for name in ("children", "episodes"):
        one, other = (
            by.frames[name].drop(columns=["source_file", "source_row"]) for by in (by_csv, by_xml)
        )
        pd.testing.assert_frame_equal(one, other)


def test_the_flag_in_the_header_makes_an_unaccompanied_child(tmp_path):
    assert len(read(tmp_path, returned()).frames["uasc"]) == 0
    frame = read(tmp_path, returned("<DUC>01/02/2025</DUC>", uasc="1")).frames["uasc"]
    assert list(frame["child_id"]) == ["A1"]
    assert list(frame["uasc_end_date"]) == [pd.Timestamp(2025, 2, 1)]


def test_a_table_kept_in_the_header_has_a_row_only_where_the_header_says_something(tmp_path):
    nothing = read(tmp_path, returned())
    assert [len(nothing.frames[name]) for name in ("oc3", "adoptions", "oc2")] == [0, 0, 0]
    leaver = "<IN_TOUCH>YES</IN_TOUCH><ACTIV>F2</ACTIV><ACCOM>B1</ACCOM>"
    frame = read(tmp_path, returned(leaver)).frames["oc3"]
    assert list(frame["activity_code"]) == ["F2"]
    assert list(frame["birth_date"]) == [pd.Timestamp(2010, 4, 5)]


def test_repeated_blocks_become_rows_with_the_child_they_belong_to(tmp_path):
    blocks = (
        "<AREVIEW><REVIEW>01/05/2024</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>\n"
        "<AREVIEW><REVIEW>31/02/2024</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>"
        "<AMISSING><MISSING>M</MISSING><MIS_START>01/06/2024</MIS_START></AMISSING>"
        "<AD_PLACED><DATE_PLACED>01/07/2024</DATE_PLACED></AD_PLACED>"
        "<PERMANENCE><PREV_PERM>P1</PREV_PERM><DATE_PERM>zz/zz/2019</DATE_PERM></PERMANENCE>"
        "<OC2><SDQ_SCORE>12</SDQ_SCORE></OC2>"
    )
    got = read(tmp_path, returned(blocks))
    names = ["reviews", "missing_episodes", "placed_for_adoption", "previous_permanence", "oc2"]
    assert [len(got.frames[name]) for name in names] == [2, 1, 1, 1, 1]
    assert all(got.frames[name].loc[0, "child_id"] == "A1" for name in names)
    (finding,) = got.findings.to_dict("records")
    assert (finding["code"], finding["place"], finding["row"]) == ("DATE_INVALID", "AREVIEW", 4)


def test_social_worker_episodes_may_come_as_csv_beside_the_xml(tmp_path):
    workers = "CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON\nA1,05/04/2010,SW1,01/04/2024,,\n"
    got = read_files(tmp_path, {"all.xml": returned(), "sw.csv": workers})
    assert len(got.frames["social_worker_episodes"]) == 1
    assert list(got.frames["social_worker_episodes"]["source_file"]) == [1]


def test_a_return_without_a_child_is_refused(tmp_path):
    assert refused(tmp_path, "<EXPSSDA903></EXPSSDA903>", name="sent.xml").code == "NO_ROWS"
