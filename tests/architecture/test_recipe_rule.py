"""The recipe "add a rule" of CONTRIBUTING.md, followed in a copy: two files, one printed."""

from pathlib import Path

from tests.support.tree import CopiedTree

HOME = Path(__file__).parents[2]
SIBLINGS = "expectations/returns/pre_proceedings.py"
PAGE = "docs/rules.md"

RULE = """@_MEETINGS.query(
    "SFP-PP-SOON",
    "Proceedings are issued within a week of the first meeting. Check that both dates are right.",
    "first_meeting_date",
    "proceedings_issued_date",
    fails={"first_meeting_date": "2023-05-01", "proceedings_issued_date": "2023-05-07"},
    passes={"first_meeting_date": "2023-05-01", "proceedings_issued_date": "2023-05-08"},
)
def _proceedings_within_a_week(rows: Rows) -> Series:
    meetings = rows["pre_proceedings"]
    gap = days_between(meetings["first_meeting_date"], meetings["proceedings_issued_date"])
    return Series(gap < 7)


RULES = ("""

REPRINT = f"""
from pathlib import Path
from expectations.printed import rules_page
Path("{PAGE}").write_text(rules_page(), "utf-8")
"""

SHOW = "from cli.intake import rules; rules('SFP-PP-SOON', as_json=True)"


def test_a_rule_is_added_in_two_files(tmp_path):
    tree = CopiedTree(tmp_path)
    tree.edit(SIBLINGS, "RULES = (", RULE)
    tree.run("-c", REPRINT)
    assert "| SFP-PP-SOON | query | notice |" in tree.read(PAGE)
    assert '"SFP-PP-SOON"' in tree.run("-c", SHOW)
    examples = tree.run(
        *("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "SFP-PP-SOON"),
        *("tests/unit/expectations/test_rules.py", "--no-header", "-vv"),
    )
    assert "1 passed" in examples


def test_the_recipe_names_the_two_files():
    page = (HOME / "CONTRIBUTING.md").read_text("utf-8")
    recipe = page.split("- **add a rule**")[1].split("- **")[0]
    assert "`expectations/returns/`" in recipe
    assert f"`{PAGE}`" in recipe
    assert "`tests/architecture/test_recipe_rule.py`" in recipe
