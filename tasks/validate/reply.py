"""What a submission is answered: pure functions from facts, verdict and record to the pack."""

from __future__ import annotations

from collections.abc import Iterable

from pandas import DataFrame

from schemas.authorities import authorities
from schemas.foreign_forms import NO_DATA
from schemas.returns import RETURNS
from schemas.rows import Tolerance
from schemas.submission import Submission
from tasks.answer import THIS_SUBMISSION, Answer
from tasks.validate.check import rule_words
from tasks.validate.judge import Judged, row_counts
from warehouse.ledger import InForce, Recorded
from warehouse.submission_facts import SubmissionFacts

TRAINING = "training_feedback"


def answer_to(facts: SubmissionFacts, judged: Judged, recorded: Recorded) -> Answer:
    """Return everything the pack says: the verdict is the one on record."""
    given, before = facts.submission, facts.version_before
    known = RETURNS.get(given.return_name)
    return Answer(
        submission=given,
        la_name=authorities()[given.la_code].la_name,
        return_title=known.title if known else "Files that could not be recognised",
        state=recorded.state,
        received_at=facts.received_at,
        checked=judged.checked,
        refusal=judged.refusal,
        tolerances=(*(judged.rows.tolerances if judged.rows else ()), *_noted(facts)),
        in_force=_in_force_label(given, recorded.in_force),
        row_counts=row_counts(judged.rows) if judged.rows else {},
        child_count=judged.decision.child_count,
        previous_row_counts=before.row_counts if before else None,
        previous_child_count=before.child_count if before else None,
        previous_quarter=before.quarter if before else "",
        past_patterns=_past_patterns(facts),
        rule_words=rule_words(given.return_name),
    )


def _noted(facts: SubmissionFacts) -> tuple[Tolerance, ...]:
    """Return what is to be said of files alongside the return that are no data."""
    return tuple(Tolerance(code, name, NO_DATA[code].words) for name, code in facts.noted)


def _in_force_label(given: Submission, in_force: Iterable[InForce]) -> str | None:
    place = (given.return_name, str(given.quarter))
    found = next((one for one in in_force if one.place == place), None)
    if found is None:
        return None
    return THIS_SUBMISSION if found.id == given.id else f"version {found.version} ({found.id})"


def _past_patterns(facts: SubmissionFacts) -> DataFrame | None:
    if not facts.past_patterns:
        return None
    return DataFrame(list(facts.past_patterns), columns=["quarter", "code", "count"])


def module_feedback(given: Submission, recorded: Recorded) -> tuple[InForce, ...]:
    """Return what the pages of training modules are drawn from; nothing where there are none.

    There is a page per module where the submission brought feedback and was accepted.
    """
    is_feedback = given.return_name == TRAINING and recorded.state.is_accepted
    return recorded.in_force if is_feedback else ()
