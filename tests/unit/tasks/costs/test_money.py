from dataclasses import replace

import numpy as np
import pytest

from schemas.errors import DeclarationError, UsageError
from schemas.prices import declared_prices, year_start
from tasks.costs.money import accrual, discount_factors, real_unit_price, rebase_factor
from tests.support.costs import SETTINGS

BOOK = declared_prices()
BY_ID = {price.id: price for price in BOOK.prices}


def to_2024(year, kind):
    return rebase_factor(
        BOOK.deflator, year=year, kind=kind, base_year="2024", base_kind="calendar"
    )


def test_a_calendar_year_is_rebased_by_the_ratio_of_two_index_numbers():
    assert to_2024("2017", "calendar") == pytest.approx(100 / 77.6367)


def test_a_financial_year_takes_three_quarters_of_its_first_calendar_year():
    assert to_2024("2023-24", "financial") == pytest.approx(100 / (0.75 * 96.2507 + 0.25 * 100))


def test_the_base_year_itself_is_not_moved():
    assert to_2024("2024", "calendar") == 1


@pytest.mark.parametrize(
    ("year", "kind"), [("2005-06", "financial"), ("2012", "calendar"), ("2024-25", "financial")]
)
def test_a_year_the_deflator_does_not_cover_is_refused_by_name(year, kind):
    with pytest.raises(DeclarationError, match=year):
        to_2024(year, kind)


@pytest.mark.parametrize(
    ("text", "kind"), [("2023-25", "financial"), ("2023-24", "calendar"), ("2023", "financial")]
)
def test_a_year_written_another_way_is_refused(text, kind):
    with pytest.raises(UsageError, match="is not a"):
        year_start(text, kind=kind)


def test_a_weekly_price_becomes_a_daily_price_by_seven():
    price = BY_ID["care_foster_week_2017"]
    daily = real_unit_price(price, unit="day", deflator=BOOK.deflator, settings=SETTINGS)
    assert daily == pytest.approx(646 / 7 * 100 / 77.6367)


def test_a_yearly_price_becomes_a_daily_price_by_the_average_year():
    price = BY_ID["care_residential_year_2023"]
    daily = real_unit_price(price, unit="day", deflator=BOOK.deflator, settings=SETTINGS)
    assert daily == pytest.approx(318400 / 365.25 * 100 / 97.188025)


def test_a_price_per_case_cannot_price_days():
    price = replace(BY_ID["care_foster_week_2017"], per="case")
    with pytest.raises(DeclarationError, match=r"care_foster_week_2017.*per case"):
        real_unit_price(price, unit="day", deflator=BOOK.deflator, settings=SETTINGS)


def test_the_placement_mix_agrees_with_the_average_price_of_care_within_a_tenth():
    def yearly(name, share=1.0):
        return share * real_unit_price(
            BY_ID[name], unit="year", deflator=BOOK.deflator, settings=SETTINGS
        )

    mixed = yearly("care_foster_week_2017", 0.683) + yearly("care_residential_year_2023", 0.115)
    assert mixed == pytest.approx(yearly("care_any_year_2013"), rel=0.1)


def test_year_nought_is_not_discounted_and_one_year_is_at_the_first_rate():
    factors = discount_factors(BOOK.discount_bands, years=2)
    assert factors[0] == 1
    assert factors[1] == pytest.approx(1 / 1.035)


def test_a_benefit_of_eighteen_months_falls_in_three_financial_years():
    shares = accrual(from_months=0, to_months=18)
    assert shares[:3] == pytest.approx([1 / 3, 7 / 12, 1 / 12])
    assert shares.sum() == pytest.approx(1)


def test_the_shares_by_year_are_those_of_simulated_referrals():
    generator = np.random.default_rng(3)
    when = generator.random(200_000) + generator.uniform(1.5, 5, 200_000)
    seen = np.histogram(when, bins=np.arange(7))[0] / 200_000
    assert accrual(from_months=18, to_months=60)[:6] == pytest.approx(seen, abs=0.005)
