from tasks.validate.check import checked, rule_words
from tests.support.returned import CHILD, EPISODE, looked_after, sent_for


def test_a_return_is_judged_by_its_own_rules():
    late = {**EPISODE, "child_id": "B2", "episode_start": "2024-04-01"}
    children = (CHILD, {**CHILD, "child_id": "B2"})
    found = checked(looked_after(children=children, episodes=(EPISODE, late)), sent_for())
    assert list(found.findings["code"]) == ["354"]
    assert found.quarantined == {"episodes": [1]}


def test_every_rule_is_named_in_words_by_code_and_table():
    words = rule_words("ssda903")
    assert words["356:episodes"].startswith("The episode ceases before it starts.")
    assert words["101:children"] != words.get("101:uasc")


def test_a_code_that_says_two_things_of_a_table_is_not_named():
    assert "8750:cin_children" not in rule_words("cin_census")


def test_files_of_no_known_return_have_no_rules():
    assert rule_words("unrecognised") == {}
