"""School sessions missed without leave: examples."""

from tests.spec.example import Example

EXAMPLES = (
    Example(
        outcome="unauthorised_absence_3t",
        says="The first three terms that start after the day of referral",
        sent="""
            referrals
            child | referral_date | age_at_referral
            A | 2020-09-01 | 9

            school_attendance
            child | academic_year | term | sessions_possible_count | sessions_unauthorised_absence_count
            A | 2020/21 | autumn | 140 | 50
            A | 2020/21 | spring | 110 | 11
            A | 2020/21 | summer | 120 | 6
            A | 2021/22 | autumn | 140 | 1
            A | 2021/22 | spring | 110 | 40
        """,
        quarter="2020-21Q2",
        numerator=18,
        denominator=370,
        because="Autumn 2020 starts on the day of referral, not after it: the three terms are "
        "spring and summer 2021 and autumn 2021.",
    ),
    Example(
        outcome="unauthorised_absence_3t",
        says="Children of 5 to 15 at referral, with whatever of the three terms was sent",
        sent="""
            referrals
            child | referral_date | age_at_referral
            A | 2020-06-01 | 5
            B | 2020-06-01 | 4
            C | 2020-06-01 | 12

            school_attendance
            child | academic_year | term | sessions_possible_count | sessions_unauthorised_absence_count
            A | 2020/21 | autumn | 140 | 7
            B | 2020/21 | autumn | 140 | 70
        """,
        quarter="2020-21Q1",
        numerator=7,
        denominator=140,
        because="B is 4. Of C nothing was sent.",
    ),
)
