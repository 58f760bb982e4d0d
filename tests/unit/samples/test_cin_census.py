from lxml import etree

from schemas.quarter import Quarter
from schemas.returns.cin_census import RETURN


def censuses(written):
    for file in sorted((written / "drop").glob("*/*/cin_census.xml")):
        yield Quarter.parse(file.parent.name), etree.parse(file).getroot()


def declared(year):
    """Return {element: codes allowed} for the collection year."""
    return {
        column.sent_as: column.codes_in(year)
        for table in RETURN.tables
        for column in table.columns
        if column.codes and column.sent_as
    }


def test_every_code_is_valid_in_its_collection_year(written):
    for quarter, root in censuses(written):
        for element, codes in declared(quarter.collection_year).items():
            assert {found.text for found in root.iter(element)} <= codes, element


def test_the_header_says_which_census_and_authority(written):
    for quarter, root in censuses(written):
        assert root.findtext("Header/CollectionDetails/Collection") == "CIN"
        assert root.findtext("Header/CollectionDetails/Year") == str(quarter.collection_year)
        assert root.findtext("Header/Source/LEA") in ("873", "335")


def test_a_child_stands_once_in_a_census(written):
    for _, root in censuses(written):
        ids = [found.text for found in root.iter("LAchildID")]
        assert len(ids) == len(set(ids))


def test_a_case_shows_no_day_after_the_quarter(written):
    for quarter, root in censuses(written):
        last = quarter.last_day.isoformat()
        days = [
            element.text
            for element in root.find("Children").iter()
            if element.tag.endswith(("Date", "date", "CPC"))
            and element.tag not in ("ExpectedPersonBirthDate", "InitialCPCtarget")
        ]
        assert max(days) <= last


def test_a_census_carries_what_was_open_at_any_time_in_the_year(written):
    for quarter, root in censuses(written):
        start = quarter.year_start.isoformat()
        closed = [found.text for found in root.iter("CINclosureDate")]
        assert min(closed) >= start


def test_a_case_closed_in_one_quarter_reads_the_same_in_the_next(written):
    def closed(quarter):
        file = next((written / "drop").glob(f"*walsall/{quarter}/cin_census.xml"))
        return {
            etree.tostring(case)
            for case in etree.parse(file).getroot().iter("CINdetails")
            if case.findtext("CINclosureDate")
        }

    assert closed("2022-23Q1")
    assert closed("2022-23Q1") <= closed("2022-23Q2") <= closed("2022-23Q3")
