"""Drawings made elsewhere, fit for a page that allows no script and no style but its own."""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree
from markupsafe import Markup

SVG: Final = "{http://www.w3.org/2000/svg}"
HREF: Final = "{http://www.w3.org/1999/xlink}href"
_DRAWING: Final = (
    "svg title desc g defs clipPath path rect circle ellipse line polyline polygon use text tspan "
    "marker linearGradient radialGradient stop pattern symbol"
)
_KEPT: Final = frozenset(f"{SVG}{name}" for name in _DRAWING.split())
"""Elements that draw; scripts, styles, images and foreign content are left out."""
SHORT_FONT: Final = re.compile(
    r"(?:(?P<style>italic|oblique)\s+)?(?:(?P<weight>bold|\d{3})\s+)?(?P<size>[\d.]+px)\s+(?P<family>.+)"
)


def inline_svg(text: str, *, name: str) -> Markup:
    """Return an SVG text as part of a page: its styles as attributes, its ids its own.

    Args:
        text: the drawing, as matplotlib writes it.
        name: unique in the page; every id begins with it.

    Raises:
        ValueError: the text is no SVG.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    root = etree.fromstring(text.encode(), parser)
    if root.tag != f"{SVG}svg":
        raise ValueError(f"drawing {name} is no SVG")
    for element in list(root.iter(etree.Element)):
        _make_fit(element, name)
    root.set("role", "img")
    root.attrib.pop("version", None)
    etree.cleanup_namespaces(root)
    return Markup(etree.tostring(root, encoding="unicode"))


def _make_fit(element: Any, name: str) -> None:
    """Take out what a page may not hold; turn styles into attributes; make ids the page's own."""
    parent = element.getparent()
    if element.tag not in _KEPT:
        if parent is not None:
            parent.remove(element)
        return
    for key, value in _attributes(element.attrib.pop("style", "")).items():
        element.set(key, value)
    for key in list(element.attrib):
        _make_attribute_fit(element, key, name)


def _make_attribute_fit(element: Any, key: str, name: str) -> None:
    value = element.get(key)
    if key == "id":
        element.set(key, f"{name}-{value}")
    elif key in (HREF, "href"):
        del element.attrib[key]
        if value.startswith("#"):
            element.set("href", f"#{name}-{value[1:]}")
    elif key.lower().startswith("on") or key.startswith("{"):
        del element.attrib[key]
    elif key in ("aria-labelledby", "aria-describedby"):
        element.set(key, " ".join(f"{name}-{part}" for part in value.split()))
    elif "url(" in value:
        element.set(key, re.sub(r"url\(#([^)]*)\)", rf"url(#{name}-\1)", value))


def _attributes(style: str) -> dict[str, str]:
    """Return the declarations of a style as presentation attributes."""
    pairs = (part.partition(":")[::2] for part in style.split(";") if ":" in part)
    found: dict[str, str] = {}
    for key, value in ((key.strip(), value.strip()) for key, value in pairs):
        short = SHORT_FONT.fullmatch(value) if key == "font" else None
        if short is None:
            found[key] = value
            continue
        found |= {f"font-{part}": value for part, value in short.groupdict().items() if value}
    return found
