from schemas.population import Population, population_0_17

NORTH_YORKSHIRE_BEFORE, NORTH_YORKSHIRE = "E10000023", "E06000065"
CUMBERLAND = "E06000063"
WALSALL = "E08000030"


def test_a_year_of_the_series_is_taken_from_its_newest_vintage():
    assert population_0_17(WALSALL, 2024) == Population(children=70112, year=2024, vintage=2024)
    assert population_0_17(WALSALL, 2023).vintage == 2024


def test_a_year_only_the_older_vintage_has_is_taken_from_that():
    found = population_0_17(WALSALL, 2019)
    assert (found.year, found.vintage) == (2019, 2023)


def test_years_after_the_series_carry_its_last_and_years_before_it_its_first():
    assert population_0_17(WALSALL, 2031) == population_0_17(WALSALL, 2024)
    assert population_0_17(WALSALL, 2010) == population_0_17(WALSALL, 2019)


def test_a_recoded_authority_has_one_series_and_its_newest_estimates():
    before = population_0_17(NORTH_YORKSHIRE_BEFORE, 2023)
    assert before == population_0_17(NORTH_YORKSHIRE, 2023)
    assert before == Population(children=114526, year=2023, vintage=2024)
    assert population_0_17(NORTH_YORKSHIRE, 2019).vintage == 2023


def test_a_year_for_which_no_number_was_published_is_carried_from_the_nearest():
    assert population_0_17(CUMBERLAND, 2022) == population_0_17(CUMBERLAND, 2024)


def test_an_authority_outside_the_series_has_none():
    assert population_0_17("E99999999", 2024) is None
