"""Every block of code and every command that a page names, and what runs each."""

import re
from pathlib import Path

HOME = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "GLOSSARY.md", *("docs/*.md", "docs/decisions/*.md"))
PROGRAMS = (
    *("sfp", "make", "python", "python3", "pip", "uv", "pre-commit", "pytest", "ruff", "mypy"),
    *("prefect", "dask", "systemctl", "git", "bash", "Rscript"),
)
WALKED = "docs/operations.md"
"""The page whose blocks tests/operations/test_host.py follows to the letter."""

NOT_CODE = {
    "drop/<authority>/<quarter>/ ": "a picture of the route",
    "cli/ ": "the list of rooms",
    "cohort ──▶": "a picture of the estimators",
    "y ~ Binomial": "a formula",
    "V = M (": "a formula",
    "ν = (tr P)": "a formula",
    "ssda903 from E08000035": "an example of a message",
    "```text\n                       return of year": "a picture of spells at a year's end",
}
"""How a block that is no code begins."""

RUN_BY = {
    "make test": ".ci/run",
    "make check": ".ci/run",
    "make format": "tests/architecture/test_pages.py::test_every_target_would_run",
    "make setup": "tests/operations/test_host.py::test_the_page_leads_from_an_empty_host_to_"
    "scheduled_loads_and_back",
    "make lock": "tests/architecture/test_pages.py::test_lock_asks_uv_for_what_it_knows",
    "make docs": "tests/unit/support/test_pages.py::"
    "test_pages_that_are_as_declared_are_not_written_again",
    "make golden": "tests/golden/test_golden.py::test_every_table_is_as_stored",
    "make bench": "tests/benchmarks/test_toys.py::test_a_benchmark_runs_at_toy_size",
    "make soak": "tests/benchmarks/test_toys.py::test_proofs_hold_at_toy_size",
    "make demo": "tests/flows/test_demo.py::test_the_demonstration_ends_by_naming_what_to_open",
    "python -m benchmarks.dirty": "tests/benchmarks/test_toys.py::"
    "test_a_benchmark_runs_at_toy_size",
    "python -m benchmarks.soak": "tests/benchmarks/test_toys.py::test_proofs_hold_at_toy_size",
    "python -m benchmarks.publish": "tests/benchmarks/test_toys.py::"
    "test_a_benchmark_runs_at_toy_size",
    "python -m benchmarks.growth": "tests/benchmarks/test_toys.py::"
    "test_a_benchmark_runs_at_toy_size",
    "python -m benchmarks.coverage": "tests/benchmarks/test_toys.py::"
    "test_a_benchmark_runs_at_toy_size",
    "python -m benchmarks.national": "tests/benchmarks/test_toys.py::"
    "test_a_benchmark_that_owns_its_process_runs_at_toy_size",
    "python -m pytest -m soak -s tests/operations": "tests/operations/test_recovery.py::"
    "test_a_server_that_is_killed_and_started_again_loses_nothing",
    "pre-commit install": "tests/architecture/test_pages.py::"
    "test_git_runs_the_check_once_the_hook_is_installed",
    "python -P -m cli": "tests/flows/test_working_directory.py::"
    "test_nothing_planted_in_the_working_directory_is_run_or_read",
    "dask scheduler": "tests/flows/test_workers.py::"
    "test_processes_threads_and_dask_give_byte_equal_tables",
    "dask worker": "tests/flows/test_workers.py::"
    "test_processes_threads_and_dask_give_byte_equal_tables",
    "systemctl status": "tests/operations/systemctl.py",
    "systemctl enable --now sfp-server.socket": "tests/operations/test_host.py::"
    "test_the_page_leads_from_an_empty_host_to_scheduled_loads_and_back",
    "python -m benchmarks.intake": "tests/benchmarks/test_toys.py::"
    "test_a_benchmark_runs_at_toy_size",
    "systemctl stop": "tests/operations/test_host.py::"
    "test_the_page_leads_from_an_empty_host_to_scheduled_loads_and_back",
    "sfp serve": "tests/flows/test_serve.py::"
    "test_a_burst_becomes_an_edition_by_events_and_stopping_leaves_nothing_behind",
    "sfp deploy": "tests/operations/test_host.py::"
    "test_the_page_leads_from_an_empty_host_to_scheduled_loads_and_back",
    "sfp worker": "tests/flows/test_two_roots.py::"
    "test_each_answers_its_own_authority_and_knows_nothing_of_the_other",
    "sfp watch": "tests/flows/test_two_roots.py::"
    "test_each_answers_its_own_authority_and_knows_nothing_of_the_other",
    "sfp backup": "tests/operations/test_host.py::"
    "test_the_page_leads_from_an_empty_host_to_scheduled_loads_and_back",
    "sfp restore": "tests/operations/test_host.py::"
    "test_the_page_leads_from_an_empty_host_to_scheduled_loads_and_back",
    "sfp verify --heads": "tests/operations/test_host.py::"
    "test_the_page_leads_from_an_empty_host_to_scheduled_loads_and_back",
    "sfp init --ledger-url": "tests/operations/test_host.py::"
    "test_the_page_leads_from_an_empty_host_to_scheduled_loads_and_back",
}
"""What a command begins with, and the test or file that runs it."""

HERE = "tests/flows/test_commands.py::test_a_command_of_the_pages_runs"
"""Runs every other command of `sfp`."""


def pages():
    """Return name to text of every page."""
    found = (path for pattern in PAGES for path in sorted(HOME.glob(pattern)))
    return {str(path.relative_to(HOME)): path.read_text("utf-8") for path in found}


def blocks(text):
    """Return every fenced or indented block of a page, items of lists aside."""
    fenced = re.findall(r"^```.*?^```$", text, re.DOTALL | re.MULTILINE)
    rest = without_fences(text)
    indented = re.findall(r"(?:\A|^\n)((?:(?: {4}[^\n]*|)\n)*? {4}[^\n]+\n)(?=\n|\Z)", rest, re.M)
    return [*fenced, *(found for found in indented if not is_item(found))]


def without_fences(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def is_item(block):
    return re.match(r"\s*(?:- |\d+\. )", block) is not None


def commands(text):
    """Return every command of a page outside its fences: in indented blocks and between ticks."""
    rest = without_fences(text)
    lines = [line for block in blocks(rest) for line in block.splitlines()]
    named = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", rest)]
    found = (plain(line) for line in [*lines, *named])
    return list(dict.fromkeys(line for line in found if is_command(line)))


def plain(line):
    """Return a command without its comment and without the folder of its program."""
    return re.sub(r"^(?:\.venv/bin/)?", "", line.split(" # ")[0].strip())


def is_command(line):
    program, _, rest = line.partition(" ")
    return program in PROGRAMS and bool(rest)


def runner(command):
    """Return what runs a command; None when nothing does."""
    starts = [start for start in RUN_BY if f"{command} ".startswith(f"{start} ")]
    starts += [start for start in RUN_BY if start.count("/") and command.startswith(start)]
    if starts:
        return RUN_BY[max(starts, key=len)]
    return HERE if command.startswith("sfp ") else None
