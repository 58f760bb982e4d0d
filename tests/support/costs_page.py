"""Renew the printed tables of docs/costs.md: python -m tests.support.costs_page."""

from pathlib import Path

from schemas.prices import declared_prices
from tasks.costs.page import renewed

PAGE = Path("docs/costs.md")

if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(renewed(text, declared_prices()), encoding="utf-8")
