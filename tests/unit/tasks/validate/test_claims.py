"""Whose children a return is about, as a function of claims."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.validate.claims import objection_to, reasons_against
from warehouse.claims import MARK_TYPE, ChildMarks, Claim

WALSALL, CAMBRIDGESHIRE, LANCASHIRE = "E08000030", "E10000003", "E10000017"
DORSET, BOURNEMOUTH, POOLE, BCP = "E10000009", "E06000028", "E06000029", "E06000058"
CUMBRIA, CUMBERLAND = "E10000006", "E06000063"
BEFORE, NOW, LATER = "2024-25Q1", "2024-25Q2", "2024-25Q3"


def marks(*children):
    """The same number for the same child: spread, as the marks of a key are."""
    return np.sort(np.array([child * 2_654_435_761 % (1 << 32) for child in children], MARK_TYPE))


def claim(la_code, quarter, children, *, version=1, return_name="ssda903", settled=False):
    name = f"{la_code}/{return_name}/{quarter}/{version}"
    held = ChildMarks("births", marks(*children), frozenset({name}))
    return Claim(name, la_code, return_name, quarter, version, "", "", held, settled)


def codes(claims, earlier=()):
    found = reasons_against(list(earlier), list(claims))
    return {name.partition("/")[0]: code for name, (code, _) in found.items()}


CHILDREN, OTHERS = range(1, 21), range(101, 121)


def foreign(sender, owner, quarter=NOW):
    """What becomes of a return whose children another authority's earlier return knows."""
    earlier = [claim(owner, BEFORE, CHILDREN), claim(sender, BEFORE, OTHERS)]
    return objection_to(claim(sender, quarter, CHILDREN), earlier, [])


def test_what_another_authority_knows_is_refused():
    assert foreign(WALSALL, CAMBRIDGESHIRE).code == "AUTHORITY_MISMATCH"


def test_what_a_predecessor_or_a_successor_knows_is_not_refused():
    for one, other in ((BCP, POOLE), (BCP, BOURNEMOUTH), (CUMBERLAND, CUMBRIA)):
        assert foreign(one, other) is None
        assert foreign(other, one) is None


def test_two_successors_of_one_authority_are_not_one_body():
    assert foreign(POOLE, BOURNEMOUTH).code == "AUTHORITY_MISMATCH"
    assert foreign("E06000063", "E06000064").code == "AUTHORITY_MISMATCH"


def test_new_identifiers_that_no_one_knows_are_not_refused():
    """An authority that changed its system sends none of the children it sent before."""
    earlier = [claim(WALSALL, BEFORE, CHILDREN), claim(CAMBRIDGESHIRE, BEFORE, OTHERS)]
    new = claim(WALSALL, NOW, range(900, 940))
    assert objection_to(new, earlier, []) is None
    assert codes([new], earlier) == {}


def test_limits_have_an_example_on_each_side():
    earlier = [claim(CAMBRIDGESHIRE, BEFORE, CHILDREN), claim(WALSALL, BEFORE, OTHERS)]

    def sent(theirs, mine, new):
        children = [*CHILDREN[:theirs], *OTHERS[:mine], *range(900, 900 + new)]
        return objection_to(claim(WALSALL, NOW, children), earlier, []) is not None

    assert sent(10, 0, 10)
    assert not sent(9, 0, 10)
    assert sent(4, 0, 4)
    assert not sent(3, 0, 0)
    assert sent(16, 4, 0)
    assert not sent(15, 4, 0)


def test_what_no_new_claim_bears_upon_stays_as_it_stands():
    held = claim(LANCASHIRE, NOW, range(500, 520), settled=True)._replace(
        reason_code="AUTHORITY_MISMATCH", reason_words="as it was"
    )
    new = claim(WALSALL, NOW, CHILDREN)
    assert reasons_against([], [held, new]) == {
        held.submission_id: ("AUTHORITY_MISMATCH", "as it was")
    }


def test_a_new_claim_bears_upon_what_was_settled_where_children_are_shared():
    in_doubt = [
        claim(WALSALL, NOW, [*CHILDREN, *OTHERS], settled=True),
        claim(LANCASHIRE, NOW, [*CHILDREN, *OTHERS], settled=True),
    ]
    new = claim(LANCASHIRE, BEFORE, CHILDREN)
    assert codes([new, *in_doubt]) == {WALSALL: "AUTHORITY_MISMATCH"}


AUTHORITIES = (WALSALL, CAMBRIDGESHIRE, LANCASHIRE)
GROUPS = {la_code: range(n * 100, n * 100 + 12) for n, la_code in enumerate(AUTHORITIES, 1)}


@st.composite
def arrivals(draw):
    """Claims of three authorities, in the order they arrive: their own children, another's, both.

    Those with both concern two authorities at once, so that what one claim decides can reach a
    third that shares nothing with it.
    """
    made, versions = [], {}
    for _ in range(draw(st.integers(2, 7))):
        la_code = draw(st.sampled_from(AUTHORITIES))
        quarter = draw(st.sampled_from((BEFORE, NOW, LATER)))
        version = versions[la_code, quarter] = versions.get((la_code, quarter), 0) + 1
        whose = draw(st.lists(st.sampled_from(AUTHORITIES), min_size=1, max_size=2))
        children = {child for one in whose for child in GROUPS[one][: draw(st.integers(3, 12))]}
        made.append(claim(la_code, quarter, children, version=version))
    # Versions of one place keep their order: they are numbered as they arrive.
    order = draw(st.permutations(made))
    places = {}
    for one in made:
        places.setdefault(one.place, []).append(one)
    return [places[one.place].pop(0) for one in order]


def settled_one_by_one(order):
    """What stands at last, each claim compared as it arrives with what stood then."""
    standing = []
    for new in order:
        standing.append(new)
        ordered = sorted(standing, key=lambda one: (one.quarter, one.la_code, one.version))
        since = [one for one in ordered if one.quarter >= new.quarter]
        found = reasons_against(known_before(ordered, new.quarter), since)
        standing = [
            one
            if one.quarter < new.quarter
            else one._replace(
                is_settled=True,
                reason_code=found.get(one.submission_id, ("", ""))[0],
                reason_words=found.get(one.submission_id, ("", ""))[1],
            )
            for one in standing
        ]
    return {one.submission_id: one.reason_code for one in standing}


def known_before(claims, quarter):
    """As the ledger gives it: of each return of each authority, the last that counts."""
    counting = [one for one in claims if one.quarter < quarter and not one.reason_code]
    return list({(one.la_code, one.return_name): one for one in counting}.values())


def settled_at_once(claims):
    """What stands where every claim is new: all of them are compared."""
    ordered = sorted(claims, key=lambda one: (one.quarter, one.la_code, one.version))
    found = reasons_against([], ordered)
    return {one.submission_id: found.get(one.submission_id, ("", ""))[0] for one in claims}


@settings(max_examples=600, deadline=None)
@given(arrivals())
def test_the_order_of_arrival_does_not_show(order):
    assert settled_one_by_one(order) == settled_at_once(order)


def test_every_order_of_a_held_pair_and_its_history_ends_alike():
    claims = [
        claim(WALSALL, NOW, GROUPS[CAMBRIDGESHIRE]),
        claim(CAMBRIDGESHIRE, NOW, GROUPS[CAMBRIDGESHIRE]),
        claim(CAMBRIDGESHIRE, BEFORE, GROUPS[CAMBRIDGESHIRE]),
        claim(LANCASHIRE, NOW, GROUPS[CAMBRIDGESHIRE]),
    ]
    wanted = {one.submission_id: "" for one in claims[1:3]}
    wanted |= {one.submission_id: "AUTHORITY_MISMATCH" for one in (claims[0], claims[3])}
    for order in permutations(claims):
        assert settled_one_by_one(order) == wanted
