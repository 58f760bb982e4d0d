"""The operators' status page, in the browser it will be read in."""

from datetime import UTC, datetime

import pytest

from tasks.operate.status_page import status_html
from tasks.operate.status_view import StatusView, status_page

PHONE = 360
MOMENT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PLANTED = '<script>document.title = "owned"</script>'
FULL = status_page(
    StatusView(
        moment="21 November 2026, 09:30",
        facts=(("Submissions in force", "1,204"), ("Newest edition", "2026-27Q1")),
        quarter="2026-27Q1",
        returns=("SSDA903", "CIN census"),
        grid=(("Walsall", "in force", "not received"), ("Lancashire", "rejected", "held")),
        overdue=(("Walsall", "2026-27Q1", "cin_census", "2026-08-11"),),
        attention=(
            (
                "Lancashire",
                "2026-27Q1",
                "ssda903",
                "rejected",
                "COLUMN_MISSING",
                "0123456789abcdef",
            ),
        ),
        refused=(("Lancashire", "2026-27Q1", PLANTED, "NAME_UNSAFE"),),
        stages=(("answer", "1,204", "0.31", "0.90", "4.20", "0"),),
    )
)


@pytest.fixture(params=["full", "empty"])
def html(request, root):
    return FULL if request.param == "full" else status_html(root, moment=MOMENT)


@pytest.mark.parametrize("width", [PHONE, 1100])
def test_the_page_asks_for_nothing_complains_of_nothing_and_can_be_used_by_all(
    open_page, html, width
):
    opened = open_page(html, width=width)
    assert opened.requests == []
    assert opened.violations() == []
    assert opened.complaints == []
    assert opened.overflow == 0


def test_a_script_in_a_file_name_stays_text(open_page):
    opened = open_page(FULL)
    assert PLANTED in opened.page.inner_text("main")
    assert opened.page.title().startswith("State of the returns")
    assert opened.page.query_selector_all("script") == []
