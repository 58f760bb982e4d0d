"""Make tasks/page/govuk.css: the part of govuk-frontend's stylesheet that our pages use.

Run by hand when govuk-frontend is renewed, never by `make`:

    npm pack govuk-frontend@6.6.0 && tar xzf govuk-frontend-6.6.0.tgz
    python tests/browser/renew_govuk_css.py package/dist/govuk/govuk-frontend.min.css 6.6.0

Left out: fonts (GDS Transport may only be used on gov.uk), whatever loads a file, and every
component not named below.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parents[2] / "tasks" / "page" / "govuk.css"
USED = (
    "body|body-s|body-l|caption-l|details|grid-column-two-thirds|grid-row|heading-l|heading-m|"
    "heading-s|heading-xl|inset-text|link|list|main-wrapper|panel|section-break|skip-link|"
    "summary-list|table|tag|template|visually-hidden|warning-text|width-container"
)
UNUSED = re.compile(
    r"link--|summary-list__(actions|card)|panel--interruption|notification|-until-tablet"
)
WANTED = re.compile(rf"\.govuk-(?:{USED})(?:--[a-z-]+|__[a-z-]+)*(?![a-z-])")
CLASS = re.compile(r"\.[A-Za-z][A-Za-z0-9_-]*")
UNUSED_AT = ("@font-face", "@supports not (text-wrap", "@supports not (caret", "@media screen\\0")

LICENCE = """\
/* Part of govuk-frontend {version}, Copyright (c) Crown Copyright (Government Digital Service),
under the MIT licence. Permission is hereby granted, free of charge, to any person obtaining a
copy of this software and associated documentation files (the "Software"), to deal in the Software
without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions: The above copyright notice
and this permission notice shall be included in all copies or substantial portions of the
Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED,
INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE
AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
"""


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """Yield each top-level rule as its prelude and its body."""
    depth, start, prelude = 0, 0, ""
    for position, character in enumerate(css):
        if character == "{":
            if depth == 0:
                prelude, start = css[start:position].strip(), position + 1
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                yield prelude, css[start:position]
                start = position + 1
        elif character == ";" and depth == 0:
            start = position + 1


def subset(css: str) -> str:
    """Return the rules whose selectors we use, in their order."""
    kept = []
    for prelude, body in blocks(css):
        if prelude.startswith(UNUSED_AT):
            continue
        if prelude.startswith(("@media", "@supports")):
            inside = subset(body)
            kept.append(f"{prelude}{{\n{inside}}}\n" if inside else "")
        elif selectors := ",".join(s for s in prelude.split(",") if is_used(s)):
            kept.append(f"{selectors}{{{body}}}\n")
    return "".join(kept)


def is_used(selector: str) -> bool:
    """Return whether every class a selector names is one of ours."""
    classes = CLASS.findall(selector)
    if not classes:
        return selector == ":root"
    return all(WANTED.fullmatch(name) and not UNUSED.search(name) for name in classes)


def main(source: str, version: str) -> None:
    """Write the subset with its licence."""
    css = re.sub(r"/\*.*?\*/", "", Path(source).read_text(encoding="utf-8"), flags=re.DOTALL)
    css = css.replace("GDS Transport,", "")
    TARGET.write_text(LICENCE.format(version=version) + subset(css), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
