"""What the places named in docs/where.md decide: printed as JSON, here or in a changed copy."""

import json
import sys
from datetime import date
from types import SimpleNamespace
from unittest.mock import patch

from flows.service.work import refusal_of
from schemas.calendar import EVERY_QUARTER
from schemas.endings import SPELLS
from schemas.prices import declared_prices
from tasks.announce import events
from tasks.answer.page import answer_html
from tasks.disclose.primary import thresholds
from tasks.histories.care import care_episodes, periods_of_care
from tasks.histories.endings import spells_settled
from tasks.histories.persons import persons
from tasks.intake.settle import DropSnapshot
from tasks.operate import status
from tasks.outcomes.seven import period_of
from tests.spec.example import rows_sent
from tests.support.answers import accepted, findings
from warehouse.drop import DroppedFile
from warehouse.settings import Settings

BACK_TO_BACK = """
    episodes
    child | episode_start | start_reason | episode_end | end_reason
    A | 2023-04-03 | S | 2023-05-01 | X1
    A | 2023-05-01 | P |            |
"""
REJECTED = {"state": "rejected", "la_code": "", "return_name": "", "quarter": ""}


def seconds_to_settle():
    look = DropSnapshot(None, {}, frozenset(), Settings().settle_seconds, moment=0.0)
    return look.remaining(DroppedFile(("a.csv",), size=1, changed_ns=0, inode=1))


def event_of_a_rejection():
    emitted = []
    with (
        patch.object(events, "notify_verdict"),
        patch.object(events, "emit_event", lambda event, **_: emitted.append(event)),
    ):
        events.report_verdict(None, {**REJECTED, "submission_id": "0"})
    return emitted


def findings_printed():
    one = SimpleNamespace(code="101", table_name="children", status="failed", count=2, reason="")
    row = SimpleNamespace(reason_code="", reason_words="")
    with (
        patch.object(status, "submission_row", return_value=row),
        patch.object(status, "rule_counts", return_value=[one]),
    ):
        return status.rule_statuses(None, "0")


def decided():
    return {
        "settle": seconds_to_settle(),
        "root of a run": refusal_of("sweep", {"root"}),
        "chased": [
            [name, str(EVERY_QUARTER.latest_due(name, date(2026, 1, 1)))]
            for name in EVERY_QUARTER.dues
        ],
        "before": period_of("cpp_start_rate", "2020-21Q1", date(2020, 6, 30)),
        "report": "Nothing needs correcting." in answer_html(accepted(), findings(), []),
        "threshold": max(thresholds().values()),
        "price": [price.amount_gbp for price in declared_prices().prices_of("care_residential")],
        "event": event_of_a_rejection(),
        "periods": len(periods_of_care(care_of(BACK_TO_BACK))),
        "findings": findings_printed(),
    }


def care_of(text):
    episodes = persons(rows_sent(text).frames)[0]["episodes"]
    return care_episodes(spells_settled(episodes, spell=SPELLS["episodes"], covered=()))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(decided()))
