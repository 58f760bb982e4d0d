"""What operators see: status page, journal, metrics, notices; and that no child is in any of it."""

import json
import re
import shutil
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prefect import flow
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prometheus_client.parser import text_string_to_metric_families

from flows.chase import chase
from tasks.announce.events import report_verdict
from tasks.announce.notices import send_notice
from tasks.intake.sweep import sweep_once
from tasks.operate.chase import write_overdue
from tasks.operate.metrics import metrics_text, stage_seconds
from tasks.operate.set_up import set_up
from tasks.operate.status_page import status_html, write_status
from tests.support.production import set_notify
from warehouse.journal import lines, write_line
from warehouse.ledger import all_submissions
from warehouse.root import Root

from .conftest import LANCASHIRE, SMALL, WALSALL

CANARY = "CANARY9XQ7"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def swept_once(tmp_path_factory, put):
    """A root with one authority's small returns in force and one file that is rejected."""
    root = set_up(Root.at(tmp_path_factory.mktemp("swept") / "root"), settle_seconds=0.0)
    folder = put(root, WALSALL, "2023-24Q1", *SMALL)
    with (folder / "pre_proceedings.csv").open("a") as file:
        file.write(f"{CANARY},01/05/2023,,\n{CANARY},99/99/2023,,\n")
    (folder / "noise.csv").write_text(f"{CANARY} was seen on Monday\n")
    sweep_once(root, wait=False, progress=lambda _: None)
    return root


@pytest.fixture
def swept(swept_once, tmp_path):
    """A copy of that root, for one test alone."""
    shutil.copytree(swept_once.path, tmp_path / "root")
    return Root.at(tmp_path / "root")


def test_every_stage_of_every_submission_is_in_the_journal_with_its_counts(swept):
    found = list(lines(swept, since=LONG_AGO))
    ids = {row.id for row in all_submissions(swept)}
    stages = {(line["submission"], line["stage"]) for line in found}
    read = {row.id for row in all_submissions(swept) if row.return_name != "unrecognised"}
    assert {(one, "answer") for one in ids} <= stages
    for name in ("read", "check", "keep"):
        assert {one for one, stage in stages if stage == name} == read
    assert any(line["stage"] == "receive" and line["counts"]["submissions"] for line in found)
    assert all(line["run"] and line["seconds"] >= 0 and line["fault"] == "" for line in found)
    counted = [line["counts"]["rows"] for line in found if line["stage"] == "read"]
    assert min(counted) > 0


def test_no_value_of_a_row_is_in_journal_metrics_or_page(swept):
    write_status.fn(str(swept.path))
    shown = [*swept.logs.glob("*.jsonl"), swept.notices / "status.html"]
    texts = [path.read_text() for path in (*shown, swept.notices / "metrics.prom")]
    assert len(texts) >= 3
    assert all(len(text) > 200 for text in texts)
    assert [CANARY in text for text in texts] == [False] * len(texts)


def test_journal_metrics_and_page_are_private(swept):
    write_status.fn(str(swept.path))
    made = [*swept.logs.glob("*.jsonl"), *swept.notices.iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}


def test_a_stage_that_fails_is_reported_by_kind_and_place_only(root):
    from tasks.runtime.journal import stage

    with pytest.raises(ValueError, match=CANARY), stage(root, "read"):
        raise ValueError(CANARY)
    (line,) = lines(root, since=LONG_AGO)
    assert line["fault"].startswith("ValueError at ")
    assert CANARY not in json.dumps(line)
    assert stage_seconds(root, datetime.now(UTC))[0][2] == 1


def test_a_torn_line_of_the_journal_is_left_out_and_a_full_disk_stops_nothing(root):
    write_line(root, {"stage": "read", "seconds": 1.0})
    (journal,) = root.logs.glob("*.jsonl")
    with journal.open("a") as file:
        file.write('{"stage": "che')
    assert [line["stage"] for line in lines(root, since=LONG_AGO)] == ["read"]
    full = root.logs.with_name("gone")
    root.logs.rename(full)
    root.logs.write_text("not a folder")
    write_line(root, {"stage": "read"})


def test_metrics_hold_to_the_text_format_and_add_up(swept):
    moment = datetime.now(UTC)
    values = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(metrics_text(swept, moment=moment))
        for one in family.samples
    }
    times = values["sfpc_stage_seconds_count", "answer"]
    assert times == len(all_submissions(swept))
    assert values["sfpc_stage_seconds_bucket", "+Inf", "answer"] == times
    accepted = sum(row.state == "accepted" for row in all_submissions(swept))
    assert values["sfpc_submissions", "accepted"] == accepted
    later = metrics_text(swept, moment=moment + timedelta(days=40))
    assert 'stage="answer"' not in later


def test_the_page_says_what_is_in_force_overdue_and_refused(swept):
    html = status_html(swept, moment=datetime(2026, 11, 21, tzinfo=UTC))
    assert "Walsall" in html
    assert "in force" in html
    refused = [row for row in all_submissions(swept) if row.state == "rejected"]
    assert refused
    assert all(row.id in html for row in refused)
    assert "2023-24Q1" in html
    without_styles = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert "://" not in without_styles


def test_a_page_of_an_empty_root_says_so(root):
    html = status_html(root, moment=datetime(2026, 11, 21, tzinfo=UTC))
    assert "Nothing has been sent yet." in html
    assert "Nothing is refused or held." in html


def test_nothing_is_sent_unless_asked_for(swept):
    assert send_notice(swept, "subject", "body") is False


def test_the_chase_goes_to_a_file_when_asked_for(prefect, swept, tmp_path, monkeypatch):
    sent = tmp_path / "sent.log"
    set_notify(swept, sent)
    monkeypatch.setenv("SFP_ROOT", str(swept.path))
    table = write_overdue(swept, today=date(2026, 11, 21))
    assert len(table)
    chase()
    (line,) = sent.read_text().splitlines()
    assert f"{len(table)} returns overdue" in line
    assert re.search(rf"{LANCASHIRE} Lancashire: \d+ overdue, the first since 20", line)
    assert stat.S_IMODE(sent.stat().st_mode) == 0o600


@pytest.fixture
def listener():
    """A server on this machine that remembers what was posted to it."""
    posted = []

    class Remembering(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Remembering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/secret-path", posted
        server.shutdown()


def apart(work):
    """Do it in a thread of its own: a browser of another test leaves its event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, work).result()


@flow(persist_result=False)
def telling(root: str, verdicts: list[dict[str, str]]) -> None:
    for verdict in verdicts:
        report_verdict(Root.at(root), verdict)


def test_a_rejected_return_goes_through_a_prefect_block_when_asked_for(
    prefect, swept, listener, capsys
):
    address, posted = listener
    verdict = {
        "submission_id": "0123456789abcdef",
        "la_code": WALSALL,
        "return_name": "ssda903",
        "quarter": "2023-24Q1",
        "state": "rejected",
        "reason_code": "COLUMN_MISSING",
        "errors": "1",
        "queries": "0",
    }
    block = CustomWebhookNotificationBlock(
        name="ops", url=address, json_data={"text": "{{subject}} {{body}}"}
    )
    set_notify(swept, "custom-webhook/ops")
    apart(lambda: block.save("ops"))
    apart(lambda: telling(str(swept.path), [verdict, {**verdict, "state": "accepted"}]))
    (said,) = posted
    assert f"{WALSALL} ssda903 2023-24Q1 rejected" in said
    assert "COLUMN_MISSING" in said
    set_notify(swept, "custom-webhook/unknown")
    assert apart(lambda: send_notice(swept, "subject", "body")) is False
    assert "notice not sent: ValueError" in capsys.readouterr().err


def test_a_run_that_fails_is_reported_by_name_and_state_only(prefect, swept, tmp_path, monkeypatch):
    sent = tmp_path / "sent.log"
    monkeypatch.setenv("SFP_ROOT", str(swept.path))
    set_notify(swept, sent)
    swept.notices.rename(swept.notices.with_name("away"))
    swept.notices.write_text(CANARY)
    with pytest.raises(OSError, match="notices"):
        chase.with_options(retries=0)()
    (line,) = sent.read_text().splitlines()
    assert re.search(r" chase failed: run [a-z]+-[a-z]+ \([0-9a-f-]{36}\) did not finish", line)
    assert "Errno" not in line


def test_a_notice_is_one_line_of_the_file_whatever_it_holds(swept, tmp_path):
    set_notify(swept, tmp_path / "sent.log")
    assert send_notice(swept, "first\nsecond\x85third", "body\u2028of\ntwo") is True
    (line,) = (tmp_path / "sent.log").read_text().splitlines()
    assert line.endswith(" first | second | third: body | of | two")


def test_a_notice_that_cannot_be_written_stops_nothing(swept, tmp_path, capsys):
    set_notify(swept, tmp_path / "nowhere" / "sent.log")
    assert send_notice(swept, "subject", "body") is False
    assert "notice not sent: IO_ERROR FileNotFoundError" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
