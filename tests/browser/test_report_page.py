"""The authority's report, in the browser it will be read in."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tasks.answer import pack_files
from tests.support.answers import PLANTED_SCRIPT, every_verdict

PHONE = 360
VERDICTS = every_verdict()


@pytest.fixture(scope="module")
def reports():
    return {name: pack_files(given)["report.html"].decode() for name, given in VERDICTS.items()}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_report_asks_for_nothing_and_complains_of_nothing(open_page, reports, verdict):
    opened = open_page(reports[verdict])
    assert opened.requests == []
    assert opened.complaints == []


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("width", [PHONE, 1100])
def test_a_report_has_no_accessibility_violation(open_page, reports, verdict, width):
    opened = open_page(reports[verdict], width=width)
    opened.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    assert opened.violations() == []
    assert opened.complaints == []


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_report_fits_a_phone(open_page, reports, verdict):
    assert open_page(reports[verdict], width=PHONE).overflow == 0


def test_a_script_in_a_data_cell_stays_text(open_page, reports):
    opened = open_page(reports["queries"])
    assert opened.page.title().startswith("Accepted with queries")
    assert PLANTED_SCRIPT in opened.page.inner_text("main")
    assert opened.page.query_selector_all("script") == []


def test_the_verdict_is_the_first_thing_under_the_name(open_page, reports):
    opened = open_page(reports["rejected"])
    assert opened.page.inner_text("h1") == "Rejected"
    assert opened.page.eval_on_selector("h1", "each => each.getBoundingClientRect().top") < 300


def test_a_report_prints_whole_with_what_was_folded_away(open_page, reports):
    opened = open_page(reports["queries"])
    text = "\n".join(page.extract_text() for page in PdfReader(printed(opened)).pages)
    assert "Accepted with queries" in text
    assert "Rule 181" in text
    assert "7f3a91c05be2d846" in text


def test_the_receipt_prints_on_a_sheet_of_its_own(open_page, reports):
    opened = open_page(reports["queries"])
    last = PdfReader(printed(opened)).pages[-1].extract_text()
    assert last.strip().startswith("Receipt")
    assert "a" * 63 in last.replace("\n", "")


def printed(opened):
    return BytesIO(opened.page.pdf(format="A4", prefer_css_page_size=True))
