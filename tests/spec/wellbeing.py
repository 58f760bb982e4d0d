"""How children looked after are doing: examples."""

from tests.spec.example import Example

SENT = """
    oc2
    sent_in | child | sdq_score
    2023-24Q4 | A | 17
    2023-24Q4 | B | 16
    2023-24Q4 | C | 0
    2023-24Q4 | D |
    2022-23Q4 | A | 25
"""

EXAMPLES = (
    Example(
        outcome="sdq_total",
        says="The mean over children with a score, 0 being one",
        sent=SENT,
        quarter="2023-24Q4",
        numerator=33,
        denominator=3,
        because="17, 16 and 0; D has no score, and A's 25 is of the year before.",
    ),
    Example(
        outcome="sdq_high",
        says="17 or more is high",
        sent=SENT,
        quarter="2023-24Q4",
        numerator=1,
        denominator=3,
        because="A's 17 is; B's 16 is not.",
    ),
    Example(
        outcome="sdq_high",
        says="Only when the whole year has come in",
        covered={"ssda903": ("2022-23Q1", "2023-24Q3")},
        sent=SENT,
        quarter="2023-24Q4",
        numerator=None,
        denominator=None,
        status="x",
        because="The return for the fourth quarter has not come in.",
    ),
    Example(
        outcome="sdq_total",
        says="A return without the file of scores says nothing of them",
        left_out=("oc2",),
        sent="""
            children
            child | born
            A | 2012-04-01
        """,
        quarter="2023-24Q4",
        numerator=None,
        denominator=None,
        status="x",
        because="The looked-after return came in, its file of scores (OC2) did not: that is not "
        "no one scored.",
    ),
    Example(
        outcome="sdq_total",
        says="A file of scores without a row says that no one was scored",
        sent="""
            children
            child | born
            A | 2012-04-01
        """,
        quarter="2023-24Q4",
        numerator=0,
        denominator=0,
        status="z",
        because="The file came in with its headings alone.",
    ),
)
