"""`make docs`: print every page that is made from declarations and spec tests.

Run it with `python -m tests.support.pages`; it prints the name of each page that changed.
"""

import sys
from pathlib import Path

from expectations.printed import rules_page
from schemas.digits import TABLE_DIGITS
from schemas.outcomes import PUBLISHED
from schemas.outcomes.publication import TABLE_TITLES, Nature
from schemas.prices import declared_prices
from tasks.costs.page import renewed
from tests.spec.definitions import definitions_page

HOME = Path(__file__).parents[2]

DIGITS_BEGIN = "<!-- printed from schemas/digits.py by `make docs` -->\n"
DIGITS_END = "<!-- end of what is printed -->"


def with_digits(text):
    """Return a page with the table of how coarsely numbers are published as declared."""
    before, _, rest = text.partition(DIGITS_BEGIN)
    rows = [f"| `{table}` | {what} | {how.words} |" for table, what, how in TABLE_DIGITS]
    table = "\n".join(["| Table | Numbers | Printed |", "|---|---|---|", *rows])
    return f"{before}{DIGITS_BEGIN}{table}\n{DIGITS_END}{rest.partition(DIGITS_END)[2]}"


WHOSE_BEGIN = "<!-- printed from schemas/outcomes/ by `make docs` -->\n"


def with_subjects(text):
    """Return a page with the table of whom each number of each outcome table is personal to."""
    before, _, rest = text.partition(WHOSE_BEGIN)
    found = {}
    for table in TABLE_TITLES:
        shown = [one for one in PUBLISHED.values() if one.table == table]
        for quantity in dict.fromkeys(q for one in shown for q in one.quantities):
            found.setdefault((table, whose_words(quantity)), []).append(quantity.words)
    rows = [
        f"| `{table}` | {whose} | {'; '.join(words)} |" for (table, whose), words in found.items()
    ]
    table = "\n".join(["| Table | Personal to | Numbers |", "|---|---|---|", *rows])
    return f"{before}{WHOSE_BEGIN}{table}\n{DIGITS_END}{rest.partition(DIGITS_END)[2]}"


def whose_words(quantity):
    """Return in words whom a quantity is personal to."""
    is_public = quantity.nature is Nature.PUBLIC
    return "no one: published elsewhere already" if is_public else quantity.whose.value


PAGES = {
    "docs/definitions.md": lambda _: definitions_page(),
    "docs/rules.md": lambda _: rules_page(),
    "docs/costs.md": lambda text: renewed(text, declared_prices()),
    "docs/disclosure.md": lambda text: with_subjects(with_digits(text)),
}
"""Name of a page to what it should be, given what it is: some pages are printed in part."""


def print_pages(home):
    """Write every page under a home that is not as it should be; return their names."""
    changed = []
    for name, printed in PAGES.items():
        before = (home / name).read_text("utf-8")
        after = printed(before)
        if after != before:
            (home / name).write_text(after, "utf-8")
            changed.append(name)
    return changed


def main():
    """Print the pages of this repository."""
    print("\n".join(print_pages(HOME)) or "no page changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
