import subprocess
import sys
from dataclasses import replace

from tasks.answer import operator_summary
from tasks.answer.summary import escaped
from tests.unit.tasks.answer.invented import EPISODES, HEADER, PLANTED_SCRIPT, rejected, unreadable


def test_h106_operators_see_counts_and_codes_but_no_value_and_no_file_name():
    summary = operator_summary(rejected())
    assert "| SFP300 | 412 |" in summary
    assert "| Verdict | rejected |" in summary
    for kept_back in (PLANTED_SCRIPT, "31/02/2025", "00017", EPISODES, HEADER, "episode starts"):
        assert kept_back not in summary
        assert escaped(kept_back) not in summary


def test_an_unreadable_submission_shows_its_reason_code():
    assert r"| Refused because | ROW\_WIDTH |" in operator_summary(unreadable())


def test_nothing_in_a_summary_is_live_markdown_or_html():
    hostile = "[x](javascript:alert(1)) ![](https://e.org/a.png) <img src=x> | # *b* `c`\n# new"
    summary = operator_summary(replace(rejected(), la_name=hostile))
    assert "](" not in summary
    assert "<img" not in summary
    assert "https://" not in summary
    assert "\n# new" not in summary


def test_importing_the_answer_does_not_load_the_writers():
    code = "import sys, tasks.answer; print({'jinja2', 'xlsxwriter'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
