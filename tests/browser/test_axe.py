from hashlib import sha256
from pathlib import Path

AXE = Path(__file__).parent / "axe" / "axe.min.js"

AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"


def test_axe_is_the_file_we_looked_at():
    assert sha256(AXE.read_bytes()).hexdigest() == AXE_SHA256


def test_axe_finds_what_is_wrong_with_a_bad_page(open_page):
    bad = (
        '<!DOCTYPE html><html><body><img src="data:,"><p style="color:#eee">faint</p></body></html>'
    )
    found = {violation.split(":")[0] for violation in open_page(bad).violations()}
    assert {"html-has-lang", "image-alt", "document-title", "color-contrast"} <= found
