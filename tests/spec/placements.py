"""Moving from placement to placement, and staying: examples."""

from tests.spec.example import Example

EXAMPLES = (
    Example(
        outcome="placement_moves_3plus",
        says="A change of legal status is no move, a change of placement is",
        edge="legal change that is not a move",
        sent="""
            episodes
            child | episode_start | start_reason | legal_status | episode_end | end_reason
            A | 2023-05-01 | S | V2 | 2023-07-01 | X1
            A | 2023-07-01 | P | V2 | 2023-09-01 | X1
            A | 2023-09-01 | L | C2 |            |
            B | 2023-05-01 | S | V2 | 2023-07-01 | X1
            B | 2023-07-01 | P | V2 | 2023-09-01 | X1
            B | 2023-09-01 | B | C2 |            |
            C | 2023-05-01 | S | V2 | 2024-03-31 | E4A
        """,
        quarter="2023-24Q4",
        numerator=1,
        denominator=2,
        because="A had two placements: in September only the legal status changed. B had three. C "
        "went home on the last day, and is not looked after on it.",
    ),
    Example(
        outcome="placement_moves_3plus",
        says="One start in the next return corrects one placement, not two",
        edge="two placements in a month, one corrected",
        covered={"ssda903": ("2021-22Q4", "2023-24Q4")},
        sent="""
            episodes
            sent_in | child | episode_start | start_reason | episode_end | end_reason
            2022-23Q4 | A | 2023-03-01 | S | 2023-03-10 | X1
            2022-23Q4 | A | 2023-03-10 | P | 2023-03-20 | X1
            2022-23Q4 | A | 2023-03-20 | P |            |
            2023-24Q4 | A | 2023-03-15 | P |            |
        """,
        quarter="2022-23Q4",
        numerator=1,
        denominator=1,
        because="The placement of 15 March is that of the 20th, the last one that it could be. The "
        "one of the 10th ends where it begins: three placements from 1 March on.",
    ),
    Example(
        outcome="placement_moves_3plus",
        says="A temporary placement is none, and the return from it is no move",
        sent="""
            episodes
            child | episode_start | start_reason | placement_code | placement_urn | episode_end | end_reason
            A | 2023-05-01 | S | U6 | SC1 | 2023-07-01 | X1
            A | 2023-07-01 | P | T1 |     | 2023-07-08 | X1
            A | 2023-07-08 | P | U6 | SC1 | 2023-09-01 | X1
            A | 2023-09-01 | P | K2 | SC2 |            |
            B | 2023-05-01 | S | U6 | SC1 | 2023-07-01 | X1
            B | 2023-07-01 | P | T1 |     | 2023-07-08 | X1
            B | 2023-07-08 | P | U6 | SC3 | 2023-09-01 | X1
            B | 2023-09-01 | P | K2 | SC2 |            |
        """,
        quarter="2023-24Q4",
        numerator=1,
        denominator=2,
        because="A came back from hospital to the same carer (two placements), B to another one "
        "(three).",
    ),
    Example(
        outcome="placement_moves_3plus",
        says="A placement counts when it has a day in the twelve months up to the last day",
        sent="""
            episodes
            child | episode_start | start_reason | episode_end | end_reason
            A | 2022-01-01 | S | 2023-04-01 | X1
            A | 2023-04-01 | P | 2023-06-01 | X1
            A | 2023-06-01 | P |            |
            B | 2022-01-01 | S | 2023-04-02 | X1
            B | 2023-04-02 | P | 2023-06-01 | X1
            B | 2023-06-01 | P |            |
        """,
        quarter="2023-24Q4",
        numerator=1,
        denominator=2,
        because="The twelve months are 1 April 2023 to 31 March 2024. A's first placement had its "
        "last day on 31 March 2023 (its end, 1 April, is not included), B's on 1 April.",
    ),
    Example(
        outcome="placement_moves_3plus",
        says="The nine months before the quarter must have come in as well",
        covered={"ssda903": ("2022-23Q3", "2023-24Q4")},
        sent="""
            episodes
            child | episode_start
            A | 2022-11-01
        """,
        quarter="2023-24Q1",
        numerator=None,
        denominator=None,
        status="x",
        because="2023-24Q1 looks back on 2022-23Q2, which did not come in.",
    ),
    Example(
        outcome="placement_long_term",
        says="Two and a half years in care, two of them with one carer, to the day",
        sent="""
            children
            child | born
            A | 2012-05-05
            B | 2012-05-05
            C | 2012-05-05

            episodes
            child | born | episode_start | start_reason | episode_end | end_reason
            A | 2012-05-05 | 2021-09-30 | S | 2022-03-31 | X1
            A | 2012-05-05 | 2022-03-31 | P |            |
            B | 2012-05-05 | 2021-09-30 | S | 2022-04-01 | X1
            B | 2012-05-05 | 2022-04-01 | P |            |
            C | 2012-05-05 | 2021-10-01 | S |            |
        """,
        quarter="2023-24Q4",
        numerator=1,
        denominator=2,
        because="On 31 March 2024, 30 months back is 30 September 2021 and 24 months back 31 March "
        "2022. A and B have been looked after for long enough, C started a day too late. A's "
        "placement began on 31 March 2022, B's the day after.",
    ),
    Example(
        outcome="placement_long_term",
        says="A child of 16 is left out, and a temporary placement does not interrupt",
        sent="""
            children
            child | born
            A | 2008-04-15
            B | 2008-03-31
            C | 2014-01-01

            episodes
            child | born | episode_start | start_reason | placement_code | episode_end | end_reason
            A | 2008-04-15 | 2020-01-01 | S | U6 |            |
            B | 2008-03-31 | 2020-01-01 | S | U6 |            |
            C | 2014-01-01 | 2020-01-01 | S | U6 | 2024-03-20 | X1
            C | 2014-01-01 | 2024-03-20 | P | T2 |            |
        """,
        quarter="2023-24Q4",
        numerator=2,
        denominator=2,
        because="A is 15 on 31 March 2024; B turned 16 that day and is out. C is on holiday, in "
        "the placement it has had since 2020.",
    ),
    Example(
        outcome="placement_long_term",
        says="A move with the same carer (T, U) continues the stay, one to another carer does not",
        edge="move with the same carer",
        sent="""
            children
            child | born
            A | 2014-01-01
            B | 2014-01-01
            C | 2014-01-01

            episodes
            child | born | episode_start | start_reason | placement_urn | episode_end | end_reason
            A | 2014-01-01 | 2020-01-01 | S | SC1 | 2023-06-01 | X1
            A | 2014-01-01 | 2023-06-01 | T | SC2 |            |
            B | 2014-01-01 | 2020-01-01 | S | SC1 | 2023-06-01 | X1
            B | 2014-01-01 | 2023-06-01 | U | SC2 |            |
            C | 2014-01-01 | 2020-01-01 | S | SC1 | 2023-06-01 | X1
            C | 2014-01-01 | 2023-06-01 | P | SC2 |            |
        """,
        quarter="2023-24Q4",
        numerator=2,
        denominator=3,
        because="A's and B's carers moved with them in June 2023; C came to another carer.",
    ),
    Example(
        outcome="placement_moves_3plus",
        says="A move with the same carer is another placement",
        sent="""
            episodes
            child | episode_start | start_reason | placement_urn | episode_end | end_reason
            A | 2023-05-01 | S | SC1 | 2023-07-01 | X1
            A | 2023-07-01 | T | SC2 | 2023-09-01 | X1
            A | 2023-09-01 | U | SC3 |            |
        """,
        quarter="2023-24Q4",
        numerator=1,
        denominator=1,
        because="T and U say that the placement changed and the carer did not: three placements, and "
        "for `unplanned_moves` two changes of placement, but one stay for `placement_long_term`.",
    ),
    Example(
        outcome="placement_long_term",
        says="A change of legal status continues the placement; a return to care does not",
        sent="""
            children
            child | born
            A | 2014-01-01
            B | 2014-01-01

            episodes
            child | born | episode_start | start_reason | legal_status | episode_end | end_reason
            A | 2014-01-01 | 2020-01-01 | S | V2 | 2023-06-01 | X1
            A | 2014-01-01 | 2023-06-01 | L | C2 |            |
            B | 2014-01-01 | 2020-01-01 | S | C2 | 2022-01-01 | E4A
            B | 2014-01-01 | 2022-02-01 | S | C2 |            |
        """,
        quarter="2023-24Q4",
        numerator=1,
        denominator=1,
        because="A has been in one placement since 2020. B's period of care began in February "
        "2022, less than two and a half years ago, and is not counted.",
    ),
    Example(
        outcome="placement_long_term",
        says="A child known only from temporary placements is in none that lasts",
        sent="""
            children
            child | born
            A | 2014-01-01

            episodes
            child | born | episode_start | start_reason | placement_code
            A | 2014-01-01 | 2020-01-01 | S | T0
        """,
        quarter="2023-24Q4",
        numerator=0,
        denominator=1,
        because="A has been looked after since 2020, in a temporary placement, which is none.",
    ),
    Example(
        outcome="unplanned_moves",
        says="Why a placement changed stands on the episode that the change follows",
        sent="""
            episodes
            child | episode_start | start_reason | episode_end | end_reason | place_change_reason
            A | 2023-01-01 | S | 2023-05-01 | X1 | STAND
            A | 2023-05-01 | P | 2023-06-01 | X1 | CARPL
            A | 2023-06-01 | P | 2023-07-01 | X1 | CREQB
            A | 2023-07-01 | P |            |    |
            B | 2023-01-01 | S | 2023-05-01 | X1 | STAND
            B | 2023-05-01 | L |            |    |
        """,
        quarter="2023-24Q1",
        numerator=1,
        denominator=2,
        because="A moved in May for concern about standards and in June by plan; the move in July "
        "is in the next quarter. B's legal status changed, which is no move.",
    ),
    Example(
        outcome="unplanned_moves",
        says="A start of care is no change of placement",
        sent="""
            episodes
            child | episode_start | start_reason | episode_end | end_reason | place_change_reason
            A | 2023-01-01 | S | 2023-04-10 | E4A | CLOSE
            A | 2023-05-01 | S |            |     |
        """,
        quarter="2023-24Q1",
        numerator=0,
        denominator=0,
        status="z",
        because="A started to be looked after in May; no one changed placement in the quarter.",
    ),
)
