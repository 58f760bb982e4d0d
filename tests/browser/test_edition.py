"""The report of an edition, in the browser it will be read in."""

from io import BytesIO
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from tasks.publish.edition import edition_files
from tests.support.editions import PLANTED_SCRIPT, edition_inputs

PHONE = 360
COLLIDING = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
    const boxes = [...svg.querySelectorAll('text')].map(one => [one, one.getBoundingClientRect()])
    return boxes.flatMap(([one, a], place) => boxes.slice(place + 1)
        .filter(([, b]) => a.width && b.width && a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 2 && b.top < a.bottom - 2)
        .map(([other]) => `${one.textContent} / ${other.textContent}`))
})"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('figure svg text')]
    .map(one => one.getBoundingClientRect().height).filter(height => height))"""


@pytest.fixture(scope="module")
def report():
    return edition_files(edition_inputs()).public["report.html"].decode()


def test_the_report_asks_for_nothing_and_complains_of_nothing(open_page, report):
    opened = open_page(report)
    assert opened.requests == []
    assert opened.complaints == []


@pytest.mark.parametrize(("width", "is_dark"), [(PHONE, False), (1100, False), (1100, True)])
def test_the_report_has_no_accessibility_violation(open_page, report, width, is_dark):
    opened = open_page(report, width=width, is_dark=is_dark)
    opened.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    assert opened.violations() == []
    assert opened.complaints == []


def test_the_report_fits_a_phone(open_page, report):
    assert open_page(report, width=PHONE).overflow == 0


@pytest.mark.parametrize("width", [PHONE, 1100])
def test_no_two_labels_of_a_chart_collide_and_none_is_too_small_to_read(open_page, report, width):
    page = open_page(report, width=width).page
    assert page.evaluate(COLLIDING) == []
    assert page.evaluate(SMALLEST) >= 8


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
