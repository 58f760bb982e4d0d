"""What the programme delivered: examples."""

from tests.spec.example import Example

CONFERENCES = """
    programme_delivery
    quarter | conferences_held | conferences_returned_home | conferences_prevented_care | conferences_plan_avoided | conferences_step_avoided
    2023-24Q1 | 40 | 4 | 10 | 8 | 2
"""
RETURNED = """
    programme_delivery
    quarter | reunifications | reunifications_still_home
    2023-24Q1 | 2 | 1

    episodes
    child | episode_start | episode_end | end_reason
    A | 2023-01-01 |            |
    B | 2023-01-01 |            |
    C | 2023-01-01 |            |
    D | 2023-01-01 |            |
    E | 2023-01-01 | 2023-05-01 | E4A
"""

EXAMPLES = (
    Example(
        outcome="reunification",
        says="Children who returned home, for every child looked after on the last day",
        sent=RETURNED,
        quarter="2023-24Q1",
        numerator=2,
        denominator=4,
        because="The delivery return says 2; A to D are looked after on 30 June.",
    ),
    Example(
        outcome="reunification_still_home",
        says="The same for those still home on the last day",
        sent=RETURNED,
        quarter="2023-24Q1",
        numerator=1,
        denominator=4,
        because="The delivery return says 1.",
    ),
    Example(
        outcome="fgc_returned_home",
        says="Of the conferences held",
        sent=CONFERENCES,
        quarter="2023-24Q1",
        numerator=4,
        denominator=40,
        because="4 of 40.",
    ),
    Example(
        outcome="fgc_prevented_care",
        says="Of the conferences held",
        sent=CONFERENCES,
        quarter="2023-24Q1",
        numerator=10,
        denominator=40,
        because="10 of 40.",
    ),
    Example(
        outcome="fgc_plan_avoided",
        says="Of the conferences held",
        sent=CONFERENCES,
        quarter="2023-24Q1",
        numerator=8,
        denominator=40,
        because="8 of 40.",
    ),
    Example(
        outcome="fgc_step_avoided",
        says="Of the conferences held",
        sent=CONFERENCES,
        quarter="2023-24Q1",
        numerator=2,
        denominator=40,
        because="2 of 40.",
    ),
)
