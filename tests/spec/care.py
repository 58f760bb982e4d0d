"""Becoming looked after, and for how long: examples."""

from tests.spec.example import LANCASHIRE, WARWICKSHIRE, Example

EXAMPLES = (
    Example(
        outcome="cla_18m",
        says="A start on the last day of the window counts, one a day later does not",
        edge="event on the last day of the window",
        sent="""
            referrals
            child | referral_date
            A | 2020-08-31
            B | 2020-08-31

            episodes
            child | episode_start
            A | 2022-02-28
            B | 2022-03-01
        """,
        quarter="2020-21Q2",
        numerator=1,
        denominator=2,
        because="31 August 2020 and 18 months make 28 February 2022, the month's last day. A "
        "starts on it; B starts the day after.",
    ),
    Example(
        outcome="cla_18m",
        says="18 months from a 31 August can end on 29 February",
        edge="29 February",
        sent="""
            referrals
            child | referral_date
            A | 2022-08-31
            B | 2022-08-31

            episodes
            child | episode_start
            A | 2024-02-29
            B | 2024-03-01
        """,
        quarter="2022-23Q2",
        numerator=1,
        denominator=2,
        because="2024 is a leap year: the window ends on 29 February 2024. A starts on it; B "
        "starts the day after.",
    ),
    Example(
        outcome="cla_18m",
        says="The unborn count where the model includes them, up to the age range",
        edge="unborn",
        sent="""
            referrals
            child | referral_date | age_at_referral | is_unborn
            A | 2020-06-01 |    | yes
            B | 2020-06-01 | 12 | no
            C | 2020-06-01 | 13 | no
            D | 2020-06-01 |    | no

            episodes
            child | episode_start
            A | 2020-09-14
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=2,
        because="Family Safeguarding takes in children of 0 to 12 and the unborn: A (born into "
        "care in September) and B. C is 13; D's age is not known.",
    ),
    Example(
        outcome="cla_18m",
        says="The first referral in the model's window is found first, then the age range is "
        "applied",
        sent="""
            referrals
            child | referral_date | age_at_referral
            A | 2020-02-20 | 12
            A | 2020-05-01 | 12
            A | 2020-08-01 | 13
            B | 2020-05-01 | 13
            B | 2021-05-01 | 12
        """,
        quarter="2020-21Q1",
        numerator=0,
        denominator=1,
        because="The window opens on 1 March 2020, so A's referral is that of 1 May; the earlier "
        "and the later one are ignored. B's first is at 13 and B is out, whatever a later "
        "one says.",
    ),
    Example(
        outcome="cla_18m",
        says="A child who was ever in care before the referral is not in the cohort",
        edge="care before referral",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01
            C | 2020-06-01

            episodes
            child | episode_start | episode_end | end_reason
            A | 2018-03-01 | 2018-09-01 | E4A
            A | 2020-07-01 |            |
            B | 2020-05-31 |            |
            C | 2020-06-01 |            |
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=1,
        because="A's first period of care began in 2018 and B's the day before the referral: both "
        "are out. C starts on the day itself, which is an outcome.",
    ),
    Example(
        outcome="cla_18m",
        says="Short-break series are not care: neither an outcome nor a reason to be left out",
        edge="respite",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            episodes
            child | episode_start | legal_status | episode_end | end_reason
            A | 2020-03-01 | V3 | 2020-03-03 | X1
            B | 2020-08-01 | V4 | 2020-08-05 | E8
        """,
        quarter="2020-21Q1",
        numerator=0,
        denominator=2,
        because="V3 and V4 episodes are left out before anything else: A stays in the cohort and B "
        "did not start to be looked after.",
    ),
    Example(
        outcome="cla_18m",
        says="Two ids are two children, even if the authority meant one",
        edge="two ids, one child",
        sent="""
            referrals
            child | referral_date
            A  | 2020-06-01
            A2 | 2020-06-15

            episodes
            child | episode_start
            A2 | 2020-08-01
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=2,
        because="Nothing that is sent says A and A2 are the same child, so there are two.",
    ),
    Example(
        outcome="cla_18m",
        says="One id with two dates of birth is two children",
        edge="one id, two children",
        sent="""
            referrals
            child | born | referral_date
            A | 2015-04-02 | 2020-06-01
            A | 2012-11-20 | 2020-06-15

            episodes
            child | born | episode_start
            A | 2012-11-20 | 2020-08-01
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=2,
        because="The two referrals are of two persons, and only the elder came into care. The "
        "shared id is counted as a conflict.",
    ),
    Example(
        outcome="cla_18m",
        says="An unborn child and the child later born under the same id are one",
        sent="""
            referrals
            child | born | referral_date | age_at_referral | is_unborn
            A |            | 2020-06-01 |   | yes
            A | 2020-09-01 | 2020-12-01 | 0 | no

            episodes
            child | born | episode_start
            A | 2020-09-01 | 2021-01-10
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=1,
        because="An expected date of birth tells no one apart: one person, referred on 1 June.",
    ),
    Example(
        outcome="cla_18m",
        says="A child who moves to another authority is followed only where it was referred",
        edge="child who moves authority",
        sent="""
            referrals
            sent_by | child | referral_date
            E08000030 | A | 2020-06-01
            E10000017 | A | 2020-12-01

            episodes
            sent_by | child | episode_start
            E10000017 | A | 2021-02-01
        """,
        quarter="2020-21Q1",
        numerator=0,
        denominator=1,
        because="Ids mean nothing outside their authority: for Walsall (E08000030) A never came "
        "into care. The start counts for Lancashire (E10000017), below.",
    ),
    Example(
        outcome="cla_18m",
        says="The same child counts again in the authority it moved to",
        la_code=LANCASHIRE,
        sent="""
            referrals
            sent_by | child | referral_date
            E08000030 | A | 2020-06-01
            E10000017 | A | 2020-12-01

            episodes
            sent_by | child | episode_start
            E10000017 | A | 2021-02-01
        """,
        quarter="2020-21Q3",
        numerator=1,
        denominator=1,
        because="For Lancashire A was referred on 1 December and started in February.",
    ),
    Example(
        outcome="cla_18m",
        says="A cohort quarter is known only when 18 months and one more quarter have come in",
        edge="not yet mature",
        covered={"ssda903": ("2019-20Q1", "2021-22Q4")},
        sent="""
            referrals
            child | referral_date
            A | 2020-07-01

            episodes
            child | episode_start
            A | 2020-08-01
        """,
        quarter="2020-21Q2",
        numerator=None,
        denominator=None,
        status="x",
        because="2020-21Q2 needs the looked-after return for 2020-21Q2 and the seven quarters "
        "after it, up to 2022-23Q1. The last that came in is 2021-22Q4: not known, never "
        "zero.",
    ),
    Example(
        outcome="cla_18m",
        says="One quarter more makes the same figure known",
        covered={"ssda903": ("2020-21Q2", "2022-23Q1"), "cin_census": ("2020-21Q2", "2020-21Q2")},
        sent="""
            referrals
            child | referral_date
            A | 2020-07-01

            episodes
            child | episode_start
            A | 2020-08-01
        """,
        quarter="2020-21Q2",
        numerator=1,
        denominator=1,
        because="All eight quarters of the looked-after return have come in, and the census for "
        "the quarter of referral itself.",
    ),
    Example(
        outcome="cla_18m",
        says="A quarter in which no one was referred is not applicable",
        edge="no one to count",
        sent="""
            referrals
            child | referral_date
            A | 2020-07-01
        """,
        quarter="2020-21Q1",
        numerator=0,
        denominator=0,
        status="z",
        because="The only referral is in the next quarter: a true zero, without a value.",
    ),
    Example(
        outcome="cla_36m",
        says="The same over 36 months",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            episodes
            child | episode_start
            A | 2023-06-01
            B | 2023-06-02
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=2,
        because="The window ends on 1 June 2023: A starts on it, B the day after.",
    ),
    Example(
        outcome="days_in_care_18m",
        says="Days run from the first day to the end, which is not included",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            episodes
            child | episode_start | episode_end | end_reason
            A | 2020-07-01 | 2020-07-11 | E4A
        """,
        quarter="2020-21Q1",
        numerator=10,
        denominator=2,
        because="A was looked after on the ten days 1 to 10 July; B on none, and counts with 0.",
    ),
    Example(
        outcome="days_in_care_18m",
        says="An open period is cut at the end of the window; a start on that day brings no days",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            episodes
            child | episode_start
            A | 2021-11-21
            B | 2021-12-01
        """,
        quarter="2020-21Q1",
        numerator=10,
        denominator=2,
        because="The window ends on 1 December 2021, which brings no days: A has 21 to 30 "
        "November. B starts on that day: in cla_18m B counts, here with 0 days.",
    ),
    Example(
        outcome="days_in_care_18m",
        says="An episode open in one year's return and ended in the next takes the later end",
        edge="open episode closed a year later",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01

            episodes
            sent_in | child | episode_start | episode_end | end_reason
            2020-21Q4 | A | 2021-03-01 |            |
            2021-22Q2 | A | 2021-03-01 | 2021-04-10 | E4A
        """,
        quarter="2020-21Q1",
        numerator=40,
        denominator=1,
        because="One episode, as the later return knows it: 31 days in March and 9 in April.",
    ),
    Example(
        outcome="days_in_care_18m",
        says="When two returns tell of the same start the later one counts, in whatever order "
        "they came",
        edge="overlap of two returns",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01

            episodes
            sent_in | child | episode_start | legal_status | episode_end | end_reason
            2021-22Q1 | A | 2021-02-01 | V2 | 2021-02-11 | E4A
            2020-21Q4 | A | 2021-02-01 | C2 | 2021-03-01 | E4A
        """,
        quarter="2020-21Q1",
        numerator=10,
        denominator=1,
        because="2021-22 is the later year: ten days. That status and end differ is counted as a "
        "conflict.",
    ),
    Example(
        outcome="days_in_care_18m",
        says="Overlapping periods count once",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01

            episodes
            child | episode_start | start_reason | episode_end | end_reason
            A | 2020-07-01 | S | 2020-07-21 | E4A
            A | 2020-07-11 | S | 2020-07-31 | E4A
        """,
        quarter="2020-21Q1",
        numerator=30,
        denominator=1,
        because="Start reason S opens a second period, but 11 to 20 July are counted once: 1 to 30 "
        "July.",
    ),
    Example(
        outcome="days_in_care_36m",
        says="The same over 36 months",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01

            episodes
            child | episode_start | start_reason | episode_end | end_reason
            A | 2020-07-01 | S | 2020-07-11 | E4A
            A | 2023-05-30 | S |            |
        """,
        quarter="2020-21Q1",
        numerator=12,
        denominator=1,
        because="Ten days in July 2020, and 30 and 31 May 2023; the window ends on 1 June 2023.",
    ),
    Example(
        outcome="days_in_care_18m_entered",
        says="Among those who entered care, a start on the last day included",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01
            C | 2020-06-01

            episodes
            child | episode_start | episode_end | end_reason
            A | 2020-07-01 | 2020-07-11 | E4A
            B | 2021-12-01 |            |
        """,
        quarter="2020-21Q1",
        numerator=10,
        denominator=2,
        because="A has ten days and B, who starts on the last day, none. C never started.",
    ),
    Example(
        outcome="days_in_care_36m_entered",
        says="The same over 36 months",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            episodes
            child | episode_start | episode_end | end_reason
            A | 2022-07-01 | 2022-07-31 | E4A
        """,
        quarter="2020-21Q1",
        numerator=30,
        denominator=1,
        because="A, with 30 days, is the only one who started.",
    ),
    Example(
        outcome="kinship_18m",
        says="Any placement with relatives or friends that starts in the window counts",
        la_code=WARWICKSHIRE,
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01
            C | 2020-06-01
            D | 2020-06-01
            E | 2020-06-01

            episodes
            child | episode_start | start_reason | placement_code | episode_end | end_reason
            E | 2020-06-01 | S | U1 |            |
            A | 2020-07-01 | S | U6 | 2020-08-01 | X1
            A | 2020-08-01 | P | U3 |            |
            B | 2021-12-01 | S | U1 |            |
            C | 2020-07-01 | S | U6 | 2022-01-01 | X1
            C | 2022-01-01 | P | U1 |            |
        """,
        quarter="2020-21Q1",
        numerator=3,
        denominator=4,
        because="A moved to a friend in August, B started with a relative on the last day, E on "
        "the first. C did so after the window. D never started to be looked after.",
    ),
    Example(
        outcome="reunified_18m",
        says="Leaving care to parents, relatives or friends counts, by reason and day",
        la_code=WARWICKSHIRE,
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01
            C | 2020-06-01
            D | 2020-06-01

            episodes
            child | episode_start | episode_end | end_reason
            A | 2020-07-01 | 2020-09-01 | E4A
            B | 2020-07-01 | 2021-12-01 | E47
            C | 2020-07-01 | 2020-09-01 | E11
            D | 2020-07-01 | 2021-12-02 | E4B
        """,
        quarter="2020-21Q1",
        numerator=2,
        denominator=4,
        because="A went home; B left to a relative on the last day of the window. C was adopted; D "
        "went home a day late.",
    ),
    Example(
        outcome="cla_rate",
        says="Looked after on the last day: started by then and not ended",
        sent="""
            episodes
            child | episode_start | legal_status | episode_end | end_reason
            A | 2023-06-30 | C2 |            |
            B | 2023-01-01 | C2 | 2023-06-30 | E4A
            C | 2023-01-01 | C2 | 2023-07-01 | E4A
            D | 2023-01-01 | V4 |            |
        """,
        quarter="2023-24Q1",
        numerator=2,
        denominator=70112,
        because="On 30 June A and C are looked after. B's end is not included; D is on short "
        "breaks. 70,112 children live in Walsall in the collection year 2024.",
    ),
    Example(
        outcome="cla_rate",
        says="An episode that says another follows, which no return has, ends on its own last day",
        edge="X1 without a successor",
        sent="""
            episodes
            child | episode_start | episode_end | end_reason
            A | 2023-01-01 | 2023-05-01 | X1
            B | 2023-01-01 | 2023-05-01 | E8
        """,
        quarter="2023-24Q1",
        numerator=0,
        denominator=70112,
        because="The return covers the day on which A's last episode ends, and has none that begins "
        "then (X1): A is taken to have left on that day, and is counted as a conflict.",
    ),
    Example(
        outcome="cla_rate",
        says="A child open at the year-end whom the next year's return does not name has left",
        edge="child who vanishes from the next return",
        covered={"ssda903": ("2022-23Q1", "2023-24Q4")},
        sent="""
            episodes
            sent_in | child | episode_start
            2022-23Q4 | A | 2023-01-01
            2022-23Q4 | B | 2023-01-01
            2023-24Q4 | B | 2023-01-01
        """,
        quarter="2023-24Q1",
        numerator=1,
        denominator=70112,
        because="The return of 2023-24 holds everyone looked after on any day from 1 April 2023. A "
        "is not in it, so A's episode ends on that day, the first that the return of 2022-23 does "
        "not cover. On 31 March A still counts.",
    ),
    Example(
        outcome="days_in_care_18m",
        says="A start that the next year's return corrects is one start",
        edge="corrected start",
        covered=dict.fromkeys(("cin_census", "ssda903"), ("2019-20Q1", "2022-23Q4")),
        sent="""
            referrals
            child | referral_date
            B | 2020-06-01

            episodes
            sent_in | child | episode_start | start_reason | episode_end | end_reason
            2020-21Q4 | B | 2021-03-01 | S |            |
            2021-22Q4 | B | 2021-03-04 | S | 2021-06-01 | E4A
        """,
        quarter="2020-21Q1",
        numerator=89,
        denominator=1,
        because="The later return has B's episode under a start three days later, which the "
        "earlier one does not have: one period of care, 4 March to 31 May.",
    ),
    Example(
        outcome="cla_start_rate",
        says="The episode before a start that is corrected to a later day lasts until then",
        edge="corrected start of a placement",
        covered={"ssda903": ("2021-22Q4", "2023-24Q4")},
        sent="""
            episodes
            sent_in | child | episode_start | start_reason | episode_end | end_reason
            2022-23Q4 | A | 2022-11-01 | S | 2023-03-10 | X1
            2022-23Q4 | A | 2023-03-10 | P |            |
            2023-24Q4 | A | 2023-03-15 | P |            |
            2023-24Q4 | B | 2023-03-15 | S |            |
        """,
        quarter="2022-23Q4",
        numerator=1,
        denominator=69027,
        because="The return of 2023-24 cannot hold A's first episode, which ended before 1 April. "
        "It ended where the placement began, and the placement began on 15 March: one period of "
        "care, from November. Only B started in the quarter.",
    ),
    Example(
        outcome="days_in_care_18m",
        says="A placement in a later return ends the one before it",
        edge="other placement in the next return",
        covered=dict.fromkeys(("cin_census", "ssda903"), ("2019-20Q1", "2022-23Q4")),
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01

            episodes
            sent_in | child | episode_start | start_reason | episode_end | end_reason
            2020-21Q4 | A | 2021-03-01 | S |            |
            2021-22Q4 | A | 2021-04-10 | P | 2021-04-20 | E4A
        """,
        quarter="2020-21Q1",
        numerator=50,
        denominator=1,
        because="The episode of 1 March is in no later return, but the placement of 10 April says by "
        "its start reason that it follows one: one period, 1 March to 19 April.",
    ),
    Example(
        outcome="cla_rate",
        says="An authority whose code changed in April 2023 keeps its children and its population",
        edge="authority that changed code in April 2023",
        la_code="E10000023",
        sent="""
            episodes
            sent_by | sent_in | child | episode_start | start_reason | episode_end | end_reason
            E10000023 | 2022-23Q4 | A | 2023-01-01 | S |            |
            E06000065 | 2023-24Q4 | A | 2023-01-01 | S | 2023-06-01 | X1
            E06000065 | 2023-24Q4 | A | 2023-06-01 | P |            |
        """,
        quarter="2023-24Q1",
        numerator=1,
        denominator=114622,
        because="North Yorkshire was E10000023 until March 2023 and is E06000065 since: one child, "
        "one period of care, under the lasting code.",
    ),
    Example(
        outcome="cla_start_rate",
        says="Periods of care that start in the quarter, not episodes",
        sent="""
            episodes
            child | episode_start | start_reason | episode_end | end_reason
            A | 2023-04-01 | S | 2023-05-01 | X1
            A | 2023-05-01 | P | 2023-05-20 | E4A
            A | 2023-06-30 | S |            |
            B | 2023-03-31 | S | 2023-04-10 | X1
            B | 2023-04-11 | P |            |
        """,
        quarter="2023-24Q1",
        numerator=3,
        denominator=70112,
        because="A started on 1 April and again on 30 June. B started in March; the day without "
        "care on 10 April opens another period on the 11th.",
    ),
)
