"""The shell of every page we hand out: one file that loads nothing and runs nothing.

Styles are part of govuk-frontend (docs/decisions/0007-pages.md), inlined; the crown, the GOV.UK
header and its font are not ours to use. The page's own policy forbids scripts and requests, so that
text which slipped past the escaping would still do nothing.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
PROGRAMME = "Strengthening Families, Protecting Children"


def page(
    title: str, body_html: Markup, *, lang: str = "en", part: str = "Quarterly returns"
) -> str:
    """Return a whole page around `body_html`, as one self-contained file.

    Args:
        title: of the window, most particular words first.
        body_html: made by `rendered`, or other trusted `Markup`; a plain text is shown as text.
        lang: language of the page.
        part: what the page belongs to, shown after the programme's name.
    """
    return str(
        rendered(
            _HERE / "templates",
            "page.html.j2",
            title=title,
            body=body_html,
            lang=lang,
            part=part,
            programme=PROGRAMME,
            css=_css(),
            policy=policy(),
        )
    )


def rendered(templates: Path, name: str, **values: Any) -> Markup:
    """Return template `name` of a folder filled with `values`, every one of them escaped.

    A template may import `parts.html.j2`, the GOV.UK components every page is made of.
    """
    return Markup(_environment(templates).get_template(name).render(**values))


def policy() -> str:
    """Return the Content-Security-Policy: nothing but the styles we wrote, known by their hash."""
    digest = b64encode(sha256(_css().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _css() -> Markup:
    texts = [(_HERE / name).read_text(encoding="utf-8") for name in ("govuk.css", "page.css")]
    return Markup("\n".join(texts))


@cache
def _environment(templates: Path) -> Environment:
    """Return the templates of a folder, then ours; every value in them is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([templates, _HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["zip"] = zip
    made.filters["thousands"] = "{:,}".format
    return made
