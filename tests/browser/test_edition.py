"""The report of an edition, in the browser it will be read in."""

from io import BytesIO
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from tasks.publish.edition import edition_files
from tests.support.editions import PLANTED_SCRIPT, edition_inputs

PHONE = 360


@pytest.fixture(scope="module")
def report():
    return edition_files(edition_inputs()).public["report.html"].decode()


def test_the_report_asks_for_nothing_and_complains_of_nothing(open_page, report):
    opened = open_page(report)
    assert opened.requests == []
    assert opened.complaints == []


@pytest.mark.parametrize("width", [PHONE, 1100])
def test_the_report_has_no_accessibility_violation(open_page, report, width):
    opened = open_page(report, width=width)
    opened.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    assert opened.violations() == []
    assert opened.complaints == []


def test_the_report_fits_a_phone(open_page, report):
    assert open_page(report, width=PHONE).overflow == 0


def test_every_chart_has_words_and_a_table(open_page, report):
    page = open_page(report).page
    charts = page.query_selector_all("figure svg")
    assert len(charts) >= 6
    for chart in charts:
        assert chart.query_selector("title").text_content()
        assert chart.query_selector("desc").text_content()


def test_nothing_in_the_report_can_run(open_page, report):
    page = open_page(report).page
    assert page.query_selector_all("script, iframe, object, embed, link[rel=stylesheet]") == []
    assert page.title() != "owned"
    assert PLANTED_SCRIPT not in report


def test_the_report_prints_whole(open_page, report):
    page = open_page(report).page
    printed = page.pdf(format="A4", print_background=True)
    sheets = (sheet.extract_text() for sheet in PdfReader(BytesIO(printed)).pages)
    # The font joins letters (ffi); compare them apart.
    text = normalize("NFKC", "\n".join(sheets))
    for words in (
        "Completeness",
        "Primary outcome",
        "Effects",
        "What changed",
        "Number it is out of",
    ):
        assert words in text
    assert "Walsall" in text
