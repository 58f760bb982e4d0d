"""Every threshold, every forcing to disk and every part of a pseudonym is held by a near test.

Each change is made in memory, in a process of its own. What no test notices is listed in
`subjects.py` with its reason; the list holds nothing that is noticed after all. Of a subject with
many changes `make test` makes some; `make soak` makes all of every subject.
"""

import json
import subprocess
import sys

import pytest

from tests.boundaries.subjects import SUBJECTS

MOST = 0.05
"""The largest share of a subject's changes that may go unnoticed."""


EVERY = {"outcomes": 4}
"""Of a subject that takes minutes, every so many-th change is made by `make test`."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "every"),
    [
        *(pytest.param(name, EVERY.get(name, 1), id=name) for name in SUBJECTS),
        *(pytest.param(name, 1, id=f"all of {name}", marks=pytest.mark.soak) for name in EVERY),
    ],
)
def test_the_nearest_tests_notice_every_change_but_those_listed(name, every, tmp_path):
    output = tmp_path / "found.json"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.boundaries.survivors", name, str(output), str(every)],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(output.read_text("utf-8"))
    equivalent = [
        label for label in SUBJECTS[name].equivalent if every == 1 or label in found["made"]
    ]
    assert sorted(found["survivors"]) == sorted(equivalent)
    assert every > 1 or len(equivalent) <= MOST * len(found["made"])
    assert found["made"]
