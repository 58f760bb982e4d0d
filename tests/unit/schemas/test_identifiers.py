import pytest

from schemas.identifiers import (
    JOINS,
    NAMING_TABLE,
    alike_identifier,
    alike_identifiers,
    normal_identifier,
    text_inside,
    whole_identifier,
)
from schemas.returns import table_named


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("00123", "00123"),
        ("ab12", "AB12"),
        (" AB 12\t", "AB12"),
        ('="00123"', "00123"),
        ("12.0", "12.0"),
        ("", ""),
    ],
)
def test_the_form_kept_changes_capitals_space_and_signs_and_never_zeros(sent, kept):
    assert normal_identifier(sent) == kept


@pytest.mark.parametrize("sent", ["00123", "123", "123.0", " 0123 ", "１２３", '="00123"'])
def test_identifiers_that_programs_confuse_share_a_form(sent):
    assert alike_identifier(sent) == "123"


@pytest.mark.parametrize(("one", "other"), [("1230", "123"), ("A123", "123"), ("12.3", "123")])
def test_other_identifiers_do_not(one, other):
    assert alike_identifier(one) != alike_identifier(other)


def test_decimals_are_taken_off_whole_numbers_alone():
    assert [whole_identifier(text) for text in ("12.0", "12.00", "12.5", "A.0")] == [
        "12",
        "12",
        "12.5",
        "A.0",
    ]


def test_text_without_signs_is_its_own_inside():
    assert (text_inside('="1"'), text_inside('="1'), text_inside("1")) == ("1", '="1', "1")


def test_every_join_is_of_returns_with_a_table_that_names_children():
    for join in JOINS:
        for name in (join.return_name, join.known_to):
            return_, table = table_named(NAMING_TABLE[name])
            assert return_.name == name
            assert table.columns[0].name == "child_id"


@pytest.mark.parametrize(
    "unusual",
    ["a1", " 01", "0 1", '="007"', "12.0", "A.0", "１２３", "0é", "0ß", "", "0|1", "\u00a05"],
)
def test_a_column_of_identifiers_is_brought_to_the_form_of_each(unusual):
    plain = ["0123", "A01", "000"]
    for column in (plain, [*plain, unusual], [unusual]):
        assert alike_identifiers(column) == [alike_identifier(text) for text in column]
