"""A real headless Chromium for the pages we hand out, and what every page must hold to."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

AXE = Path(__file__).parent / "axe" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    """Yield a browser; tests are skipped, saying why, on a machine that has none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine: `make system` as root installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page in the browser, with what it asked for and what it complained of."""

    page: object
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """Return what axe-core objects to, with the elements concerned."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate("() => axe.run(document)")
        return [
            f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    @property
    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


@pytest.fixture
def open_page(chromium, tmp_path) -> Callable[..., Opened]:
    """Return a function that opens a page from its text, as an officer opens the file."""
    contexts = []

    def opened(html: str, *, width: int = 1100, height: int = 900, is_dark: bool = False) -> Opened:
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if is_dark else "light"
        )
        contexts.append(context)
        watched = Opened(context.new_page())
        context.on("request", lambda request: watched.requests.append(request.url))
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on(
            "console",
            lambda said: (
                watched.complaints.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        watched.page.goto(file.as_uri(), wait_until="networkidle")
        watched.requests = [
            url for url in watched.requests if url != file.as_uri() and not url.startswith("data:")
        ]
        return watched

    yield opened
    for context in contexts:
        context.close()
