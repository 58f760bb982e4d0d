"""Being referred again: examples."""

from tests.spec.example import Example

EXAMPLES = (
    Example(
        outcome="rereferral_factors_18m",
        says="The factor stands under the cohort referral, the other referral comes after its day",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            A | 2021-12-01
            B | 2020-06-01
            B | 2021-12-02
            C | 2020-06-01
            C | 2020-09-01
            D | 2020-06-01
            D | 2020-09-01

            assessment_factors
            child | referral_date | factor_code
            A | 2020-06-01 | 3A
            A | 2020-06-01 | 4B
            B | 2020-06-01 | 2B
            C | 2020-06-01 | 4A
            D | 2020-09-01 | 3B
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=2,
        because="A (referred again on the last day of the window) and B (a day too late) have "
        "named factors; C's is the child's own mental health, D's stands under the later "
        "referral.",
    ),
    Example(
        outcome="rereferral_12m",
        says="Referred within the twelve months before, the same day a year earlier included",
        sent="""
            referrals
            child | referral_date
            A | 2022-05-01
            A | 2023-05-01
            B | 2022-04-30
            B | 2023-05-01
            C | 2023-05-01
            C | 2023-05-02
        """,
        quarter="2023-24Q1",
        numerator=2,
        denominator=4,
        because="In the quarter: A's on 1 May (one exactly twelve months before), B's (a day too "
        "long ago), and C's two, of which the second follows the first by a day.",
    ),
    Example(
        outcome="rereferral_12m",
        says="Referrals of one child on one day are one, in one return or in two",
        sent="""
            referrals
            sent_in | child | referral_date
            2022-23Q4 | A | 2023-02-01
            2023-24Q4 | A | 2023-02-01
            2023-24Q4 | B | 2023-05-01
            2023-24Q4 | B | 2023-05-01
        """,
        quarter="2023-24Q1",
        numerator=0,
        denominator=1,
        because="A's case was still open in the next year and was sent again; it is one referral, "
        "in 2022-23. B's two rows are one.",
    ),
    Example(
        outcome="rereferral_12m",
        says="After a leap day a year back is 28 February",
        sent="""
            referrals
            child | referral_date
            A | 2023-02-28
            A | 2024-02-29
        """,
        quarter="2023-24Q4",
        numerator=1,
        denominator=1,
        because="Twelve months before 29 February 2024 is 28 February 2023.",
    ),
)
