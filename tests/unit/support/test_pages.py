"""`make docs` prints what is declared, and touches nothing when nothing changed."""

import shutil

import pytest

from tests.support.pages import HOME, PAGES, print_pages


@pytest.fixture
def home(tmp_path):
    shutil.copytree(HOME / "docs", tmp_path / "docs")
    return tmp_path


def test_pages_that_are_as_declared_are_not_written_again(home):
    before = {name: (home / name).stat().st_mtime_ns for name in PAGES}
    assert print_pages(home) == []
    assert {name: (home / name).stat().st_mtime_ns for name in PAGES} == before


def test_a_row_lost_from_each_page_is_printed_again(home):
    for name in PAGES:
        lines = (home / name).read_text("utf-8").splitlines(keepends=True)
        rows = [place for place, line in enumerate(lines) if line.startswith("| ")]
        del lines[rows[-1]]
        (home / name).write_text("".join(lines), "utf-8")
    assert print_pages(home) == list(PAGES)
    for name in PAGES:
        assert (home / name).read_bytes() == (HOME / name).read_bytes(), name


def test_every_page_that_says_it_is_printed_is_printed(home):
    for page in (home / "docs").rglob("*.md"):
        says_so = "make docs" in page.read_text("utf-8")
        assert says_so == (str(page.relative_to(home)) in PAGES), page.name
