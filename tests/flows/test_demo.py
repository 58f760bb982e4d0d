"""What `make demo` runs, at toy size: its three authorities and a single year of history."""

import pytest

from cli import demo
from schemas.quarter import Quarter


@pytest.mark.server
@pytest.mark.soak
def test_the_demonstration_ends_by_naming_what_to_open(tmp_path, monkeypatch):
    three = (demo.ACCEPTED, demo.QUERIED, demo.REJECTED)
    monkeypatch.setattr(demo, "chosen_authorities", lambda _: three)
    monkeypatch.setattr(demo, "OLDEST", Quarter.parse("2022-23Q1"))
    monkeypatch.setattr(demo, "REFERRALS_A_YEAR", 30)
    said = []
    assert demo.run_demo(tmp_path / "demo", say=said.append) == 0
    (opening,) = (n for n, line in enumerate(said) if line.startswith("\nOpen in a browser"))
    after = said[opening:]
    named = [line.split()[-1] for line in after if line.endswith((".html", ".xlsx"))]
    assert len(named) >= 6
    assert all((tmp_path / name).exists() for name in named)
    (verdicts,) = (line for line in said if f"{demo.ACCEPTED}: " in line and "; " in line)
    assert f"{demo.ACCEPTED}: accepted;" in verdicts
    assert f"{demo.QUERIED}: accepted with queries" in verdicts
    assert f"{demo.REJECTED}: rejected" in verdicts
