from schemas.prices import BENEFITS, declared_prices
from tasks.costs.page import printed_sections, renewed
from tests.support.pages import HOME

BOOK = declared_prices()
TEXT = (HOME / "docs" / "costs.md").read_text(encoding="utf-8")


def test_the_page_prints_what_is_declared():
    # `make docs` renews it
    assert renewed(TEXT, BOOK) == TEXT


def test_every_section_has_its_place_on_the_page():
    assert all(f"<!-- {name}: begin -->" in TEXT for name in printed_sections(BOOK))


def test_every_default_stands_on_the_page_with_source_and_grade():
    for parameter in BOOK.parameters:
        assert f"| `{parameter.id}` |" in TEXT
        assert parameter.value is None or f"| {parameter.source} | {parameter.grade} |" in TEXT
    for price in BOOK.prices:
        assert f"| `{price.id}` |" in TEXT


def test_every_outcome_that_can_be_priced_stands_on_the_page():
    assert all(f"| `{benefit.outcome}` |" in TEXT for benefit in BENEFITS)
