"""Child protection plans: examples."""

from tests.spec.example import Example

EXAMPLES = (
    Example(
        outcome="return_after_cpp_36m",
        says="Coming back is a new plan of either kind, or care, after the day the plan ended",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01
            C | 2020-06-01
            D | 2020-06-01
            E | 2020-06-01
            F | 2020-06-01
            G | 2020-06-01

            cp_plans
            child | cp_plan_start | cp_plan_end
            A | 2020-07-01 | 2021-01-10
            A | 2021-05-01 |
            B | 2020-07-01 | 2021-01-10
            C | 2020-07-01 | 2021-01-10
            D | 2020-07-01 | 2021-01-10
            E | 2020-07-01 |
            F | 2020-07-01 | 2021-01-10
            G | 2020-07-01 | 2023-06-01

            cin_plans
            child | cin_plan_start
            B | 2021-01-10
            C | 2021-01-11
            F | 2023-06-01

            episodes
            child | episode_start
            D | 2023-06-02
        """,
        quarter="2020-21Q1",
        numerator=3,
        denominator=6,
        because="A had another child protection plan, C a child in need plan from the next day, F "
        "one on the last day of the window (1 June 2023). B's began on the day itself, and D came "
        "into care the day after the window. E's plan has not ended. G's ended on the last day.",
    ),
    Example(
        outcome="return_after_cpp_36m",
        says="A plan that ends as the child comes into care is not counted; the first end decides",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01
            C | 2020-06-01
            D | 2020-06-01

            cp_plans
            child | cp_plan_start | cp_plan_end
            A | 2020-07-01 | 2021-01-10
            A | 2021-03-01 | 2021-09-01
            B | 2020-07-01 | 2021-01-10
            C | 2019-09-01 | 2020-06-01
            D | 2020-07-01 | 2021-01-10

            episodes
            child | episode_start | episode_end | end_reason
            A | 2021-01-10 |            |
            B | 2021-01-11 |            |
            D | 2020-09-01 | 2021-01-10 | E4A
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=3,
        because="A was looked after on the day of its first end, and later ends do not count. B "
        "came into care the day after. C's plan ended on the day of referral, which is in "
        "the window. D went home on the day its plan ended, and counts.",
    ),
    Example(
        outcome="cpp_days_24m",
        says="Plans that start within 12 months, each cut at 24 months",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01
            C | 2020-06-01

            cp_plans
            child | cp_plan_start | cp_plan_end
            A | 2020-07-01 | 2020-07-31
            A | 2021-06-01 |
            B | 2021-06-02 | 2021-07-02
            B | 2020-05-31 | 2020-06-30
            C | 2020-06-01 | 2020-06-11
        """,
        quarter="2020-21Q1",
        numerator=770,
        denominator=3,
        because="A's first plan lasted 30 days; its second starts on the last day of the 12 months "
        "and, still open, counts 24 months: 730 days to 1 June 2023. B's plans start before the "
        "referral and after the 12 months. C's starts on the day of referral and lasts 10 days.",
    ),
    Example(
        outcome="cpp_days_24m",
        says="Known only when 36 months and one more quarter have come in",
        covered={"cin_census": ("2020-21Q1", "2023-24Q1")},
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01

            cp_plans
            child | cp_plan_start | cp_plan_end
            A | 2020-07-01 | 2020-07-31
        """,
        quarter="2020-21Q1",
        numerator=None,
        denominator=None,
        status="x",
        because="A plan may start 12 months after the referral and run for 24: the census must "
        "have come in up to 2023-24Q2.",
    ),
    Example(
        outcome="cpp_days_24m_median",
        says="The middle of the plans, which has no numerator",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            cp_plans
            child | cp_plan_start | cp_plan_end
            A | 2020-07-01 | 2020-07-31
            A | 2020-09-01 | 2020-09-11
            B | 2020-07-01 | 2021-07-01
        """,
        quarter="2020-21Q1",
        numerator=None,
        denominator=3,
        value=30,
        because="The three plans lasted 10, 30 and 365 days.",
    ),
    Example(
        outcome="cpp_days_24m_median",
        says="Of an even number of plans, half way between the two in the middle",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            cp_plans
            child | cp_plan_start | cp_plan_end
            A | 2020-07-01 | 2020-07-31
            B | 2020-07-01 | 2020-07-12
        """,
        quarter="2020-21Q1",
        numerator=None,
        denominator=2,
        value=20.5,
        because="The two plans lasted 11 and 30 days.",
    ),
    Example(
        outcome="cpp_days_24m_median",
        says="Without plans there is nothing to take the middle of",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
        """,
        quarter="2020-21Q1",
        numerator=None,
        denominator=0,
        status="z",
        because="No plan started within 12 months. The numerator stays empty, as it always does.",
    ),
    Example(
        outcome="cpp_days_36m",
        says="Days on any plan inside the window, those before it and overlaps not counted twice",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            cp_plans
            sent_in | child | cp_plan_start | cp_plan_end
            2020-21Q4 | A | 2020-05-01 | 2020-06-11
            2020-21Q4 | A | 2020-06-06 | 2020-06-21
            2022-23Q4 | A | 2023-03-01 |
            2023-24Q4 | A | 2023-03-01 | 2023-07-01
        """,
        quarter="2020-21Q1",
        numerator=112,
        denominator=2,
        because="A: 20 days in June 2020 (1 to 20 June, the overlap once), and from 1 March 2023 "
        "to the end of the window on 1 June 2023, 92 days. B: none.",
    ),
    Example(
        outcome="cpp_start_rate",
        says="Each plan once, however many returns tell of it",
        sent="""
            cp_plans
            sent_in | child | cp_plan_start | cp_plan_end
            2022-23Q4 | A | 2023-03-31 |
            2023-24Q4 | A | 2023-03-31 | 2023-09-01
            2023-24Q4 | B | 2023-04-01 |
            2024-25Q4 | B | 2023-04-01 | 2024-06-01
            2023-24Q4 | C | 2023-06-30 |
        """,
        quarter="2023-24Q1",
        numerator=2,
        denominator=70112,
        because="B and C started in the quarter; A the day before it.",
    ),
    Example(
        outcome="repeat_cpp",
        says="A second or later plan by the authority's own count",
        sent="""
            cp_plans
            child | cp_plan_start | previous_cp_plan_count
            A | 2023-04-01 | 0
            B | 2023-05-01 | 1
            C | 2023-06-01 | 3
            D | 2023-07-01 | 1
        """,
        quarter="2023-24Q1",
        numerator=2,
        denominator=3,
        because="B and C had plans before. D's starts in the next quarter.",
    ),
    Example(
        outcome="repeat_cpp_24m",
        says="An earlier plan that ended in the 24 months up to the start, both ends included",
        sent="""
            cp_plans
            child | cp_plan_start | cp_plan_end
            A | 2020-01-01 | 2021-05-01
            A | 2023-05-01 |
            B | 2020-01-01 | 2021-04-30
            B | 2023-05-01 |
            C | 2023-01-01 | 2023-05-01
            C | 2023-05-01 |
            D | 2023-05-01 |
            E | 2023-06-01 | 2023-06-01
        """,
        quarter="2023-24Q1",
        numerator=2,
        denominator=5,
        because="24 months before 1 May 2023 is 1 May 2021: A's earlier plan ended on it, B's the "
        "day before. C's ended on the day the new one starts. D had none. E's plan ended on the "
        "day it started: it is no earlier plan to itself.",
    ),
)
