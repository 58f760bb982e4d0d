"""Every block, command and target that a page names is run by a test, or a test says which does."""

import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields

import pytest

from tests.support.promised import HOME, NOT_CODE, RUN_BY, WALKED, blocks, commands, pages, runner
from warehouse.settings import Settings

MAKEFILE = (HOME / "Makefile").read_text("utf-8")
TARGETS = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)
PHONY = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1].split()


def test_every_command_of_the_pages_is_run_by_something_that_exists():
    found = {command: runner(command) for text in pages().values() for command in commands(text)}
    assert len(found) > 40
    assert [command for command, by in found.items() if by is None] == []
    for by in set(found.values()):
        path, _, test = by.partition("::")
        assert (HOME / path).exists(), by
        assert not test or f"def {test}(" in (HOME / path).read_text("utf-8"), by


def test_nothing_is_said_to_run_what_no_page_names():
    found = [command for text in pages().values() for command in commands(text)]
    named = {start for start in RUN_BY if any(command.startswith(start) for command in found)}
    targets = {f"make {target}" for target in TARGETS}
    assert set(RUN_BY) - named - targets == set()


def test_every_block_of_the_pages_holds_commands_or_is_known_to_hold_none():
    for name, text in pages().items():
        for block in blocks(text):
            is_walked = name == WALKED and block.startswith("```sh")
            # A test reads the headings of survey tools (tests/real_life/test_forms.py).
            is_known = block.startswith("```csv") or any(
                block.strip().startswith(start) for start in (*NOT_CODE, *SETTINGS)
            )
            assert is_walked or is_known or commands(block), (name, block[:200])


SETTINGS = ("workers = ",)


def test_the_settings_a_page_shows_are_settings():
    shown = [block for text in pages().values() for block in blocks(text) if SETTINGS[0] in block]
    named = {field.name for field in fields(Settings)}
    assert shown
    for block in shown:
        assert set(tomllib.loads(block)) <= named


def test_a_block_with_an_unknown_command_would_be_noticed():
    text = (
        "Do this:\n\n    sfp outcomes   # look\n    make coffee\n\nand `python -m nothing.here`.\n"
    )
    assert blocks(text) == ["    sfp outcomes   # look\n    make coffee\n"]
    assert commands(text) == ["sfp outcomes", "make coffee", "python -m nothing.here"]
    assert runner("make coffee") is None
    assert runner("make tests") is None
    assert runner("sfp outcomes").startswith("tests/flows/test_commands.py::")


def test_every_target_is_listed_with_its_words():
    assert sorted(TARGETS) == sorted(PHONY)
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line.split()[0] for line in listed.stdout.splitlines()] == TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_would_run(target):
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", target],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for module in re.findall(r"python -m ([\w.]+)", done.stdout):
        path = HOME / module.replace(".", "/")
        ours = path.with_suffix(".py").exists() or (path / "__main__.py").exists()
        assert ours or module in {"pip", "pytest", "venv"}, module
    for program in re.findall(r"\.venv/bin/([\w-]+)", done.stdout):
        assert program == "python" or shutil.which(program, path=BIN), program


BIN = str((HOME / sys.executable).parent)


def test_clean_removes_what_make_made_and_nothing_else(tmp_path):
    shutil.copy(HOME / "Makefile", tmp_path)
    for name in (".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "var"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    subprocess.run(
        ["make", "--no-print-directory", "clean"], cwd=tmp_path, check=True, capture_output=True
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Makefile", "var"]


def test_lock_asks_uv_for_what_it_knows():
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "lock"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert [line.split("-o ")[1] for line in lines] == [
        "requirements/runtime.txt",
        "requirements/dev.txt",
    ]
    for line in lines:
        assert line.startswith("uv pip compile ")
        for name in re.findall(r"requirements/[\w.]+", line):
            assert (HOME / name).exists(), name
        assert {"--generate-hashes", "--no-emit-index-url", "--universal"} <= set(line.split())


def test_git_runs_the_check_once_the_hook_is_installed(tmp_path):
    shutil.copy(HOME / ".pre-commit-config.yaml", tmp_path)
    (tmp_path / "Makefile").write_text("check:\n\t@echo held to the check >&2; exit 1\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    command = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    done = subprocess.run(
        ["git", *who, "commit", "-m", "x"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "held to the check" in done.stdout + done.stderr
