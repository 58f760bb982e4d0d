from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from markupsafe import Markup

from tasks.page import page

HEADING = Markup("<h1>Planted</h1>")


def test_a_script_that_slipped_into_a_page_does_not_run(open_page):
    body = HEADING + Markup(
        '<script>document.title = "owned"</script>'
        '<p onmouseover="document.title = \'owned\'" id="trap">hover</p>'
        '<a href="javascript:document.title=\'owned\'" id="link">click</a>'
    )
    opened = open_page(page("Ours", body))
    opened.page.hover("#trap")
    opened.page.click("#link")
    assert opened.page.title() == "Ours"


@pytest.fixture
def listener():
    """A server on this machine that remembers what it was asked for."""
    asked = []

    class Remembering(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Remembering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def planted(address):
    return HEADING + Markup(
        '<img src="{0}/image" alt=""><link rel="stylesheet" href="{0}/sheet">'
        '<iframe src="{0}/frame" title="frame"></iframe><script src="{0}/script"></script>'
        '<style>body{{background:url("{0}/style")}}</style>'
        '<div style="background:url({0}/attribute)">styled</div>'
        '<object data="{0}/object"></object><video src="{0}/video"></video>'
    ).format(address)


def test_nothing_planted_in_a_page_is_fetched(open_page, listener):
    address, asked = listener
    opened = open_page(page("Ours", planted(address)))
    assert len([said for said in opened.complaints if "Content Security Policy" in said]) >= 8
    assert asked == []


def test_without_our_policy_the_same_things_would_be_fetched(open_page, listener):
    address, asked = listener
    opened = open_page(f"<!DOCTYPE html><html><body>{planted(address)}</body></html>")
    assert {"/image", "/sheet", "/frame", "/script", "/object"} <= set(asked)
    assert len(opened.requests) >= len(set(asked))


def test_a_plain_text_body_is_shown_as_text(open_page):
    opened = open_page(page("Ours", "<h1>not markup</h1>"))
    assert opened.page.inner_text("main") == "<h1>not markup</h1>"


def test_a_page_says_its_language():
    assert '<html lang="cy"' in page("Ein tudalen", HEADING, lang="cy")
