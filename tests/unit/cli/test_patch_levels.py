"""What runs without a fix that matters is warned of, and the fix is named."""

from cli.printing import say_outdated
from schemas import patch_levels


def test_a_version_below_the_lowest_is_warned_of_by_its_fix():
    (warning,) = patch_levels.outdated({"Python 3.11": (3, 11, 8), "expat": (2, 6, 2)})
    assert warning.startswith("expat is 2.6.2 and needs 2.6.3 (CVE-2023-52425")
    assert list(patch_levels.outdated({"Python 3.13": (3, 13, 0), "expat": (2, 6, 3)})) == []


def test_this_machine_is_looked_at_and_warned_on_standard_error(monkeypatch, capsys):
    running = patch_levels.running_versions()
    assert "expat" in running
    monkeypatch.setattr(patch_levels, "LOWEST", {name: ((99,), "a fix") for name in running})
    say_outdated()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("(a fix). Update it") == len(running) == 2
