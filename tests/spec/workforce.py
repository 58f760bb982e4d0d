"""The people who do the work: examples."""

from tests.spec.example import Example

SENT = """
    workforce
    quarter | fte_days | sickness_days | fte_start | leavers_fte | agency_fte | cases | direct_work_hours | total_hours
    2023-24Q1 | 6400 | 320 | 100 | 4.5 | 12.5 | 1650 | 9000 | 45000
    2023-24Q2 |      | 300 | 0   | 0   | 0    | 0    | 0    | 44000
"""

EXAMPLES = (
    Example(
        outcome="sickness_absence",
        says="Days lost over days worked",
        sent=SENT,
        quarter="2023-24Q1",
        numerator=320,
        denominator=6400,
        because="320 of 6,400 days, or 5 %.",
    ),
    Example(
        outcome="sickness_absence",
        says="A number that was not sent makes the figure unknown",
        sent=SENT,
        quarter="2023-24Q2",
        numerator=None,
        denominator=None,
        status="x",
        because="The working days were left empty.",
    ),
    Example(
        outcome="turnover",
        says="Those who left over those in post on the first day",
        sent=SENT,
        quarter="2023-24Q1",
        numerator=4.5,
        denominator=100,
        because="4.5 of 100 full-time equivalents left.",
    ),
    Example(
        outcome="turnover",
        says="No one in post is not applicable",
        sent=SENT,
        quarter="2023-24Q2",
        numerator=0,
        denominator=0,
        status="z",
        because="The denominator sent is a true zero.",
    ),
    Example(
        outcome="agency_rate",
        says="Agency workers over those in post on the first day",
        sent=SENT,
        quarter="2023-24Q1",
        numerator=12.5,
        denominator=100,
        because="12.5 agency workers for 100 in post.",
    ),
    Example(
        outcome="direct_work_share",
        says="Hours with families over hours worked",
        sent=SENT,
        quarter="2023-24Q1",
        numerator=9000,
        denominator=45000,
        because="9,000 of 45,000 hours, or 20 %.",
    ),
    Example(
        outcome="caseload",
        says="Cases over those in post on the first day",
        sent=SENT,
        quarter="2023-24Q1",
        numerator=1650,
        denominator=100,
        because="1,650 cases for 100 in post: 16.5 each.",
    ),
)
