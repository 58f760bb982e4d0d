"""What tells one pseudonym from another: key, domain, authority and identifier, each by itself."""

import stat

from warehouse.pseudonyms import (
    key_id,
    make_key,
    pseudonym,
    pseudonym_array,
    pseudonyms,
    read_key,
    remembered,
)

KEY, OTHER_KEY = b"k" * 32, b"j" * 32
WALSALL, LANCASHIRE = "E08000030", "E10000017"


def test_the_same_identifier_in_two_authorities_is_two_children():
    walsall = pseudonyms(KEY, "child", WALSALL, ["A1", "A2"])
    lancashire = pseudonyms(KEY, "child", LANCASHIRE, ["A1", "A2"])
    assert len({*walsall.values(), *lancashire.values()}) == 4


def test_the_same_identifier_of_one_authority_is_one_child_whatever_comes_with_it():
    alone = pseudonyms(KEY, "child", WALSALL, ["A1"])["A1"]
    assert pseudonyms(KEY, "child", WALSALL, ["A2", "A1"])["A1"] == alone
    assert pseudonym(KEY, "child", WALSALL, "A1") == alone


def test_a_pseudonym_that_was_worked_out_is_not_asked_for_again():
    asked = []

    def ask(domain, ids):
        asked.append((domain, ids))
        return pseudonyms(KEY, domain, WALSALL, ids)

    known = remembered(ask)
    for domain, ids in (("child", ["A1", "A2"]), ("birth", ["A1"]), ("child", ["A2", "A3", ""])):
        found, alone = known(domain, ids), pseudonyms(KEY, domain, WALSALL, ids)
        assert {each: found[each] for each in ids} == alone
    assert asked == [("child", ["A1", "A2"]), ("birth", ["A1"]), ("child", ["A3", ""])]


def test_another_key_or_domain_gives_another_number():
    found = {
        pseudonym(key, domain, WALSALL, "A1")
        for key in (KEY, OTHER_KEY)
        for domain in ("child", "birth", "participant")
    }
    assert len(found) == 6


def test_authority_and_identifier_never_run_into_each_other():
    assert pseudonym(KEY, "child", "E1", "01") != pseudonym(KEY, "child", "E10", "1")


def test_the_empty_identifier_is_0_and_a_pseudonym_fits_a_signed_integer():
    assert pseudonyms(KEY, "child", WALSALL, [""]) == {"": 0}
    assert all(0 < pseudonym(KEY, "child", WALSALL, str(n)) < 2**63 for n in range(2000))


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "keys" / "pseudonym.key"
    assert make_key(path)
    key = read_key(path)
    assert not make_key(path)
    assert read_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o400


def test_the_name_of_a_key_is_its_own_and_holds_nothing_of_it():
    assert key_id(KEY) != key_id(OTHER_KEY)
    assert KEY.hex()[:16] not in key_id(KEY)


def test_many_at_once_are_those_of_one_at_a_time():
    texts = ["A1", "A2", ""]
    found = pseudonym_array(KEY, "child", texts).tolist()
    assert found == [pseudonym(KEY, "child", text) for text in texts]
    assert found != pseudonym_array(OTHER_KEY, "child", texts).tolist()
    assert found != pseudonym_array(KEY, "staff", texts).tolist()
