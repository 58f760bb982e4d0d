"""Young people in and after care: examples."""

from tests.spec.example import Example

EXAMPLES = (
    Example(
        outcome="neet",
        says="Aged 16 to 20 on 31 March, with an activity that is known",
        sent="""
            children
            child | born
            A | 2003-04-01
            B | 2003-03-31
            C | 2008-03-31
            D | 2008-04-01
            E | 2005-01-01
            F | 2005-01-01

            oc3
            sent_in | child | activity_code
            2023-24Q4 | A | G5
            2023-24Q4 | B | G4
            2023-24Q4 | C | F2
            2023-24Q4 | D | G6
            2023-24Q4 | E | 0
            2023-24Q4 | F |
        """,
        quarter="2023-24Q4",
        numerator=1,
        denominator=2,
        because="On 31 March 2024 A is still 20 and not in employment, C is just 16 and studies. B "
        "is 21 and D 15; of E and F the activity is not known.",
    ),
    Example(
        outcome="neet",
        says="Someone born on 29 February comes of age on 1 March in common years",
        sent="""
            children
            child | born
            A | 2004-02-29

            oc3
            sent_in | child | activity_code
            2024-25Q4 | A | G5
        """,
        quarter="2024-25Q4",
        numerator=0,
        denominator=0,
        status="z",
        because="A turned 21 on 1 March 2025 and is out by 31 March.",
    ),
    Example(
        outcome="neet",
        says="A return without the file of care leavers says nothing of them",
        left_out=("oc3",),
        sent="""
            children
            child | born
            A | 2005-01-01
        """,
        quarter="2023-24Q4",
        numerator=None,
        denominator=None,
        status="x",
        because="The looked-after return came in, its file of care leavers (OC3) did not.",
    ),
)
