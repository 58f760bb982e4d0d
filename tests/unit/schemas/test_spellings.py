from collections import Counter

import pytest

from schemas.authorities import reference_rows
from schemas.returns import RETURNS
from schemas.spellings import concept_of, is_direct_identifier, plain, spellings

ROWS = reference_rows("spellings.csv")
COLUMNS = [
    column for declared in RETURNS.values() for table in declared.tables for column in table.columns
]


def test_a_concept_has_each_spelling_once():
    seen = Counter((row["concept"], plain(row["spelling"])) for row in ROWS)
    assert {what: count for what, count in seen.items() if count > 1} == {}


@pytest.mark.parametrize("concept", ["sex", "ethnicity", "term", "yes, no or unknown"])
def test_every_standard_is_a_code_of_some_column_of_its_concept(concept):
    codes = {code.value for c in COLUMNS if concept_of(c) == concept for code in c.codes}
    standards = {standard for meant in spellings(concept).values() for standard in meant}
    assert standards - codes == set()


def test_every_standard_heading_is_declared():
    declared = {c.sent_as for table in RETURNS["annex_a"].tables for c in table.columns}
    named = {row["standard"] for row in ROWS if row["concept"] == "annex_a heading"}
    assert named - declared == set()


def test_no_declared_heading_is_taken_for_a_direct_identifier_of_another_return():
    declared = {c.sent_as for c in COLUMNS if c.sent_as}
    assert {heading for heading in declared if is_direct_identifier(heading)} == set()


@pytest.mark.parametrize(
    "heading", ["NHS Number", "nhs_no", "Post Code", "SURNAME", "E-mail address", "Child's name"]
)
def test_headings_that_identify_people_are_known_however_they_are_spelled(heading):
    assert is_direct_identifier(heading)


LABELS = reference_rows("annex_a_labels.csv")


def test_every_standard_of_a_label_is_a_code_of_the_columns_it_is_for():
    for row in LABELS:
        for name in row["concept"].split("|"):
            codes = {
                k.value for c in COLUMNS if name in (c.sent_as, concept_of(c)) for k in c.codes
            }
            assert set(row["standard"].split("|")) <= codes, (name, row["standard"])


def test_no_label_by_itself_stands_for_two_codes_of_one_column():
    meant = {}
    for row in LABELS:
        for name in row["concept"].split("|"):
            for label in filter(None, [row["code"], *row["labels"].split("|")]):
                if not label.startswith("+"):
                    standard = meant.setdefault((name, plain(label)), row["standard"])
                    assert standard == row["standard"], (name, label)
