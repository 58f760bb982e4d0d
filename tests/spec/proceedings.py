"""From pre-proceedings to care proceedings: examples."""

from tests.spec.example import Example

EXAMPLES = (
    Example(
        outcome="plo_to_proceedings_16w",
        says="The first meeting within 18 months, proceedings within 112 days of it",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01
            C | 2020-06-01
            D | 2020-06-01
            E | 2020-06-01

            pre_proceedings
            child | first_meeting_date | proceedings_issued_date
            A | 2021-12-01 | 2022-03-23
            B | 2020-07-01 | 2020-10-22
            C | 2020-07-01 |
            D | 2021-12-02 | 2021-12-10
            E | 2020-06-01 | 2020-06-01
        """,
        quarter="2020-21Q1",
        numerator=2,
        denominator=4,
        because="A's meeting is on the last day and proceedings followed 112 days later; B's took "
        "113 days; C's never came. D's meeting is outside the window. E's "
        "meeting and proceedings are on the day of referral.",
    ),
    Example(
        outcome="plo_to_proceedings_16w",
        says="Only the earliest meeting on or after the referral counts, as last told",
        sent="""
            referrals
            child | referral_date
            A | 2020-06-01
            B | 2020-06-01

            pre_proceedings
            sent_in | child | first_meeting_date | proceedings_issued_date
            2020-21Q4 | A | 2020-05-01 | 2020-06-01
            2020-21Q4 | A | 2020-07-01 |
            2020-21Q4 | A | 2020-09-01 | 2020-10-01
            2020-21Q4 | B | 2021-03-01 |
            2021-22Q4 | B | 2021-03-01 | 2021-05-01
        """,
        quarter="2020-21Q1",
        numerator=1,
        denominator=2,
        because="A's first meeting since the referral is that of 1 July, which led to nothing. B's "
        "proceedings are in the later return.",
    ),
)
