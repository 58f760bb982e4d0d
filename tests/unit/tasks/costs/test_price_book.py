from dataclasses import replace

import pytest

from schemas.errors import DeclarationError
from schemas.prices import (
    BENEFITS,
    DAYS_PER,
    Deflator,
    DiscountBand,
    Parameter,
    declared_prices,
)

BOOK = declared_prices()


def with_price(name, **changes):
    prices = tuple(replace(p, **changes) if p.id == name else p for p in BOOK.prices)
    return replace(BOOK, prices=prices)


def with_parameter(name, value, **others):
    cells = {"spread": None, "unit": "share of x", "meaning": "", "source": "s", "grade": "local"}
    added = Parameter(id=name, value=value, origin="here", **{**cells, **others})
    kept = tuple(p for p in BOOK.parameters if p.id != name)
    return replace(BOOK, parameters=(*kept, added))


def test_every_price_in_use_can_be_rebased_and_has_a_source():
    for price in BOOK.used:
        assert BOOK.deflator.covers(price.price_year, kind=price.price_year_kind)
        assert price.source


def test_every_price_passed_over_says_why():
    assert all(price.why for price in BOOK.prices)


def test_prices_before_the_deflator_are_known_but_not_used():
    passed_over = {price.id for price in BOOK.prices if "before the deflator" in price.why}
    too_old = {
        price.id
        for price in BOOK.prices
        if not BOOK.deflator.covers(price.price_year, kind=price.price_year_kind)
    }
    assert passed_over == too_old


def test_a_price_outside_the_deflator_is_refused_by_name_when_used():
    with pytest.raises(DeclarationError, match=r"price neet_18_24_year.*2010-11"):
        with_price("neet_18_24_year", is_used=True)


def test_two_prices_for_one_thing_are_refused_by_name():
    with pytest.raises(
        DeclarationError, match=r"care_foster_week_2013.*care_foster_week_2017.*two"
    ):
        with_price("care_foster_week_2013", is_used=True)


def test_a_price_for_several_payers_clashes_with_a_price_for_one_of_them():
    with pytest.raises(DeclarationError, match="two prices for care_foster"):
        with_price("care_foster_week_2013", is_used=True, payer="multiple")


def test_shares_of_one_case_by_different_payers_stand_together():
    book = with_price("care_foster_week_2013", is_used=True, payer="department_for_education")
    assert len(book.prices_of("care_foster")) == 2


def test_a_price_without_a_source_is_refused_by_name():
    with pytest.raises(DeclarationError, match=r"care_foster_week_2017.*source is missing"):
        with_price("care_foster_week_2017", source=" ")


def test_a_parameter_without_a_source_is_refused_by_name():
    with pytest.raises(DeclarationError, match=r"cashable_share\.care.*source is missing"):
        with_parameter("cashable_share.care", 0.5, source="")


@pytest.mark.parametrize("name", ["deadweight", "attribution_share", "displacement.care"])
def test_a_second_deduction_for_what_would_have_happened_anyway_is_refused(name):
    with pytest.raises(DeclarationError, match="already taken out"):
        with_parameter(name, 0.2)


@pytest.mark.parametrize("value", [-0.1, 1.2])
def test_a_share_outside_nought_to_one_is_refused(value):
    with pytest.raises(DeclarationError, match=r"cashable_share\.care.*0 to 1"):
        with_parameter("cashable_share.care", value)


def test_a_share_more_uncertain_than_any_share_can_be_is_refused():
    with pytest.raises(DeclarationError, match="too wide"):
        with_parameter("cashable_share.care", 0.5, spread=0.5)


def test_a_mix_that_does_not_add_to_one_is_refused():
    with pytest.raises(DeclarationError, match=r"placement_mix.*shares add to 0\.9"):
        with_parameter("placement_mix.unpriced", 0.102)


def test_a_horizon_beyond_the_window_needs_a_rate_at_which_the_benefit_goes_on():
    with pytest.raises(DeclarationError, match=r"horizon_months\.days_in_care_18m.*persistence"):
        with_parameter("horizon_months.days_in_care_18m", 60, unit="months")


def test_discount_bands_with_a_gap_are_refused():
    bands = (DiscountBand(0, 30, 0.035, "s", "o"), DiscountBand(32, None, 0.03, "s", "o"))
    with pytest.raises(DeclarationError, match="follow each other"):
        replace(BOOK, discount_bands=bands)


def test_a_deflator_year_given_twice_is_refused():
    with pytest.raises(DeclarationError, match="2013"):
        replace(BOOK, deflator=Deflator((*BOOK.deflator.years, BOOK.deflator.years[0])))


def test_an_unknown_perspective_is_refused():
    with pytest.raises(DeclarationError, match="perspective"):
        with_price("care_foster_week_2017", perspective="public")


def test_optimism_bias_and_cashability_have_no_default():
    for name in ("optimism_bias.costs", "optimism_bias.benefits", "cashable_share.care"):
        assert BOOK.find(name) is None


def test_the_narrowest_scope_with_a_value_wins():
    book = with_parameter("cashable_share.care", 0.5)
    book = replace(
        book,
        parameters=(*book.parameters, replace(book.find("cashable_share.care"),
                                              id="cashable_share.care@no_wrong_door", value=0.2)),
    )  # fmt: skip
    assert book.find("cashable_share.care", ("E08000005", "no_wrong_door")).value == 0.2
    assert book.find("cashable_share.care", ("family_valued",)).value == 0.5


def test_every_benefit_is_counted_in_a_unit_a_price_can_have():
    assert {benefit.unit for benefit in BENEFITS} <= {*DAYS_PER, "case"}
