"""What the rooms, names, requirements and deployments promise, held against what is there."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from cli.app import app

HOME = Path(__file__).parents[2]
ROOMS = ("cli", "flows", "tasks", "schemas", "expectations", "warehouse", "samples")
SOURCES = sorted(path for room in ROOMS for path in (HOME / room).rglob("*.py"))
COMMANDS = get_command(app).commands
FORBIDDEN_NAMES = {"utils", "common", "helpers", "misc", "util", "helper"}


def tracked(pattern):
    listed = subprocess.run(
        ["git", "ls-files", pattern], cwd=HOME, capture_output=True, text=True, check=True
    )
    return [HOME / name for name in listed.stdout.split()]


def test_no_file_is_a_place_for_everything():
    named = {part for path in SOURCES for part in path.relative_to(HOME).with_suffix("").parts}
    assert named.isdisjoint(FORBIDDEN_NAMES)


def test_no_flow_has_the_name_of_a_room_or_a_standard_module():
    stems = {path.stem for path in (HOME / "flows").glob("*.py")} - {"__init__"}
    assert stems.isdisjoint({*ROOMS, *sys.stdlib_module_names})


def test_every_public_function_says_what_comes_back():
    silent = [
        f"{path.relative_to(HOME)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
        and is_top_level(path, node)
    ]
    assert silent == []


def is_top_level(path, node):
    return any(node.lineno == found.lineno for found in ast.parse(path.read_text("utf-8")).body)


def lengths_without_docstring():
    """Return how many lines every function of the rooms has, its docstring left out, in order."""
    lengths = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                has_words = ast.get_docstring(node) is not None and len(node.body) > 1
                first = node.body[1 if has_words else 0].lineno
                lengths.append(node.end_lineno - first + 2)
    return sorted(lengths)


def test_functions_are_as_short_as_they_were():
    lengths = lengths_without_docstring()
    assert len(lengths) > 2_000
    assert lengths[len(lengths) // 2] <= 5
    assert lengths[len(lengths) * 9 // 10] <= 16


def test_requirement_files_name_no_index_and_no_address():
    for path in tracked("requirements/*"):
        text = path.read_text("utf-8")
        assert "://" not in text, path.name
        assert "--index" not in text, path.name
        assert "--extra" not in text, path.name


def test_every_requirement_is_pinned_with_hashes():
    for name in ("runtime.txt", "dev.txt"):
        lines = (HOME / "requirements" / name).read_text("utf-8").splitlines()
        pins = [place for place, line in enumerate(lines) if line and not line.startswith(" ")]
        assert pins
        for place in pins:
            assert "==" in lines[place], lines[place]
            assert lines[place + 1].strip().startswith("--hash=sha256:"), lines[place]


def test_every_direct_dependency_earns_its_place_in_a_decision():
    asked = (HOME / "requirements" / "runtime.in").read_text("utf-8").split()
    names = {re.split(r"[=<>\[~]", line)[0] for line in asked}
    pages = " ".join(path.read_text("utf-8") for path in (HOME / "docs/decisions").glob("*.md"))
    assert sorted(name for name in names if name not in pages) == []


def test_what_both_requirement_files_name_they_name_alike():
    def pins(name):
        lines = (HOME / "requirements" / name).read_text("utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if line and not line.startswith(" ")}

    assert pins("runtime.txt") <= pins("dev.txt")


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    pattern = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm)/")
    here = Path(__file__).resolve()
    texts = [p for p in tracked(".") if p.suffix in {".py", ".md", ".yaml", ".toml", ".txt", ".sh"}]
    assert [p.name for p in texts if p != here and pattern.search(p.read_text("utf-8"))] == []


@pytest.fixture(scope="module")
def deployments():
    found = yaml.safe_load((HOME / "prefect.yaml").read_text("utf-8"))["deployments"]
    return {one["name"]: one for one in found}


def test_every_flow_has_a_deployment_that_leads_to_it(deployments):
    for name, one in deployments.items():
        file, function = one["entrypoint"].split(":")
        tree = ast.parse((HOME / file).read_text("utf-8"))
        assert function in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}, name
        assert f'name="{name}"' in (HOME / file).read_text("utf-8")
    assert set(deployments) == {
        "ingest-returns",
        "refresh-outcomes",
        "publish-edition",
        "sweep",
        "chase",
        "retain",
        "notify",
    }


def test_every_schedule_is_on_london_time(deployments):
    schedules = [s for one in deployments.values() for s in one.get("schedules", [])]
    assert len(schedules) == 5
    assert {schedule["timezone"] for schedule in schedules} == {"Europe/London"}


def test_every_event_that_a_deployment_waits_for_is_emitted_somewhere(deployments):
    waited = {
        e for one in deployments.values() for t in one.get("triggers", []) for e in t["expect"]
    }
    source = (HOME / "tasks/announce/events.py").read_text() + (
        HOME / "flows/service/watch.py"
    ).read_text()
    assert waited == {"returns.settled", "returns.ingested", "outcomes.refreshed"}
    assert all(f'"{event}"' in source for event in waited)


def test_pre_commit_runs_make_check_and_fetches_nothing():
    name = ".pre-commit-config.yaml"
    subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", name], cwd=HOME, check=True
    )
    repositories = yaml.safe_load((HOME / name).read_text("utf-8"))["repos"]
    assert [found["repo"] for found in repositories] == ["local"]
    assert [hook["entry"] for hook in repositories[0]["hooks"]] == ["make check"]


def test_tasks_keep_no_results_and_no_cache():
    for path in [*(HOME / "tasks").rglob("*.py"), *(HOME / "flows").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    check_decorator(path, node, decorator)


def check_decorator(path, node, decorator):
    name = getattr(getattr(decorator, "func", decorator), "id", "")
    if name in {"task", "flow"}:
        given = {word.arg: ast.unparse(word.value) for word in getattr(decorator, "keywords", [])}
        assert given.get("persist_result") == "False", f"{path.name}:{node.name}"
        if name == "task":
            assert given.get("cache_policy") == "NO_CACHE", f"{path.name}:{node.name}"


def test_the_readme_names_only_commands_and_files_that_exist():
    text = (HOME / "README.md").read_text("utf-8")
    makefile = (HOME / "Makefile").read_text("utf-8")
    for target in re.findall(r"^    make (\w+)", text, re.MULTILINE):
        assert f"\n{target}:" in makefile
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (HOME / link).exists(), link
    commands = set(re.findall(r"sfp (\w+) --", text))
    assert commands
    assert commands <= set(COMMANDS)


def test_every_link_of_a_page_leads_to_a_file():
    links = {
        (page, link.partition("#")[0])
        for page in tracked("*.md")
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
        if "://" not in link and not link.startswith("#")
    }
    assert len(links) > 20
    assert {(page.name, link) for page, link in links if not (page.parent / link).exists()} == set()


def test_the_console_command_is_declared():
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"sfp": "cli.app:main"}


def test_the_pages_name_only_files_that_exist():
    rooms = (*ROOMS, "benchmarks", "deploy", "docs", "samples", "tests")
    named = re.compile(rf"`((?:{'|'.join(rooms)})/[\w./-]*)`")
    pages = [path for path in tracked("*.md") if path.name != "CHANGELOG.md"]
    found = {(page.name, name) for page in pages for name in named.findall(page.read_text("utf-8"))}
    assert len(found) > 50
    assert {(page, name) for page, name in found if not (HOME / name).exists()} == set()
