import pandas as pd

from tasks.histories.persons import people, persons
from tests.spec.example import rows_sent

ONE_ID_TWO_CHILDREN = """
    referrals
    child | born | referral_date
    A | 2015-04-02 | 2020-06-01
    A | 2012-11-20 | 2020-06-15
    A |            | 2020-07-01
    B | 2010-01-01 | 2020-06-01

    episodes
    child | born | episode_start
    A | 2012-11-20 | 2020-08-01
    B |            | 2020-08-01
"""


def test_an_id_with_two_dates_of_birth_is_two_persons_in_every_table():
    tables, shared = persons(rows_sent(ONE_ID_TWO_CHILDREN).frames)
    younger, elder, undated, other = tables["referrals"]["person_id"]
    assert shared == 1
    assert len({younger, elder, undated, other}) == 4
    assert tables["episodes"]["person_id"].tolist() == [elder, other]


def test_an_id_with_one_date_of_birth_is_one_person_with_or_without_it():
    rows = rows_sent("""
        referrals
        child | born | referral_date
        A |            | 2020-06-01
        A | 2020-09-01 | 2020-12-01
    """)
    tables, shared = persons(rows.frames)
    assert shared == 0
    assert tables["referrals"]["person_id"].nunique() == 1


def test_tables_that_were_not_sent_are_there_without_rows():
    tables, _ = persons({})
    assert len(tables["episodes"]) == 0
    assert tables["episodes"]["episode_start"].dtype == "datetime64[s]"
    assert tables["referrals"]["is_nfa"].dtype == "boolean"


def test_a_column_the_year_did_not_collect_is_there_and_missing():
    rows = rows_sent("""
        cin_children
        child | gender
        A | 2
    """)
    tables, _ = persons(rows.frames)
    assert tables["cin_children"]["sex"].isna().all()
    assert people(tables)["sex"].tolist() == ["female"]


def test_the_latest_stated_word_on_a_person_counts_and_silence_does_not():
    rows = rows_sent("""
        cin_children
        sent_in | child | born | gender | ethnicity
        2021-22Q4 | A | 2015-04-02 | 1 | BAFR
        2022-23Q4 | A | 2015-04-02 | 0 | NOBT
        2020-21Q4 | A | 2015-04-02 | 2 | WBRI
    """)
    (person,) = people(persons(rows.frames)[0]).to_dict("records")
    assert person["sex"] == "male"
    assert person["ethnicity_group"] == "black"
    assert person["birth_month"] == pd.Timestamp("2015-04-01")


def test_the_looked_after_return_has_the_last_word_within_a_quarter():
    rows = rows_sent("""
        children
        child | sex | ethnicity
        A | F | CHNE

        cin_children
        child | sex | ethnicity
        A | M | OOTH
    """)
    (person,) = people(persons(rows.frames)[0]).to_dict("records")
    assert (person["sex"], person["ethnicity_group"]) == ("female", "asian")
    assert pd.isna(person["birth_month"])


def test_what_no_one_states_is_unknown():
    rows = rows_sent("""
        cin_children
        child | gender | ethnicity
        A | 9 | REFU
    """)
    (person,) = people(persons(rows.frames)[0]).to_dict("records")
    assert (person["sex"], person["ethnicity_group"]) == ("unknown", "unknown")


def test_rows_without_a_date_of_birth_are_of_the_one_whom_all_censuses_know():
    rows = rows_sent("""
        cin_children
        child | born
        A | 2015-04-02

        referrals
        child | born | referral_date
        A |            | 2020-06-01
        A | 2015-04-02 | 2020-12-01

        episodes
        child | born | episode_start
        A | 2012-11-20 | 2020-08-01

        pre_proceedings
        child | first_meeting_date
        A | 2020-07-01
    """)
    tables, shared = persons(rows.frames)
    unborn, born = tables["referrals"]["person_id"]
    (met,) = tables["pre_proceedings"]["person_id"]
    assert shared == 1
    assert unborn == born == met
    assert tables["episodes"]["person_id"].tolist() != [born]
