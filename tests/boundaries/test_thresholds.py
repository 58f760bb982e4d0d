"""Every threshold, every forcing to disk and every part of a pseudonym is held by a near test.

Each change is made in memory, in a process of its own. What no test notices is listed in
`subjects.py` with its reason; the list holds nothing that is noticed after all.
"""

import json
import subprocess
import sys

import pytest

from tests.boundaries.subjects import SUBJECTS

MOST = 0.05
"""The largest share of a subject's changes that may go unnoticed."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SUBJECTS)
def test_the_nearest_tests_notice_every_change_but_those_listed(name, tmp_path):
    output = tmp_path / "found.json"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.boundaries.survivors", name, str(output)],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(output.read_text("utf-8"))
    equivalent = SUBJECTS[name].equivalent
    assert sorted(found["survivors"]) == sorted(equivalent)
    assert len(equivalent) <= MOST * found["made"]
    assert found["made"]
