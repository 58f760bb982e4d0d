import pytest

from samples.choose import chosen_authorities, in_use
from schemas.errors import UsageError
from schemas.trial import adopters


def test_seventeen_are_the_adopters_without_the_one_that_withdrew():
    chosen = chosen_authorities("17")
    assert chosen == adopters()
    assert len(set(chosen)) == 17
    assert "E06000016" not in chosen


def test_fewer_are_the_first_of_the_trial_list():
    assert chosen_authorities("2") == ("E10000003", "E08000030")


def test_more_are_the_adopters_and_then_others_in_use_by_code():
    chosen = chosen_authorities("153")
    assert chosen[:17] == adopters()
    assert chosen[17:] == tuple(code for code in in_use() if code not in adopters())
    assert len(set(chosen)) == 153


def test_codes_are_taken_as_given():
    assert chosen_authorities("E08000030, E10000017") == ("E08000030", "E10000017")


def test_a_recoded_authority_is_taken_under_its_lasting_code():
    assert chosen_authorities("E10000023") == ("E06000065",)


@pytest.mark.parametrize("text", ["0", "154", "E99999999", "E10000006", "walsall", ""])
def test_what_cannot_be_had_is_refused(text):
    with pytest.raises(UsageError):
        chosen_authorities(text)
