"""The Prefect server of a root, as others meet it, as pages of others do, and as its operator."""

import os
import shutil
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from prefect.settings import get_current_settings

from flows.service.serve import _listening, environment
from tests.support.door import SOCKETS, closed_with, let_in, routes, sockets_open

HOME = Path(__file__).parents[2]
COMMAND = [sys.executable, "-P", "-m", "flows.service.server"]
RUN = "seen-by-its-operator"


class Server:
    """The server of a root alone."""

    def __init__(self, folder):
        door = _listening(0)
        self.port = door.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment(str(folder), self.port)
        self.secret = (folder / "server.secret").read_text().strip()
        self.auth = tuple(self.secret.split(":"))
        self.log = folder / "server.log"
        with self.log.open("wb") as log, door:
            self.process = subprocess.Popen(
                [*COMMAND, str(door.fileno())],
                cwd=HOME,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[door.fileno()],
            )

    def wait(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/api/health", timeout=5.0).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.2)
        pytest.fail(self.log.read_text())

    def ask(self, method, path, /, **body):
        """Ask as Prefect's own client does: again, while the server's database is busy."""
        deadline = time.monotonic() + 60
        while True:
            answer = httpx.request(
                method, f"{self.url}/api{path}", json=body, auth=self.auth, timeout=60.0
            )
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                answer.raise_for_status()
                return answer.json()
            time.sleep(0.5)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    folder.chmod(0o700)
    (folder / "prefect").mkdir()
    started = Server(folder)
    try:
        started.wait()
        flow = started.ask("POST", "/flows/", name="ingest-returns")
        state = {"type": "COMPLETED"}
        started.ask("POST", "/flow_runs/", flow_id=flow["id"], name=RUN, state=state)
        yield started
    finally:
        started.process.terminate()
        started.process.wait(60)


@pytest.mark.server
def test_without_the_secret_no_route_and_no_websocket_answers(server):
    schema = httpx.get(f"{server.url}/api/openapi.json", auth=server.auth, timeout=60.0).json()
    assert len(routes(schema)) > 150
    assert let_in(server.url, schema) == []
    assert sockets_open(server.url, [None, "", "sfp:sfp", "é", 5]) == set()
    assert sockets_open(server.url, [server.secret]) == set(SOCKETS)


@pytest.mark.server
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "localhost"},
        {"Origin": "http://rebound.example"},
        {"Origin": "null"},
    ],
)
def test_under_another_name_or_for_another_page_it_answers_not_even_with_the_secret(
    server, headers
):
    for path in ("/", "/ui-settings", "/api/health", "/api/admin/version"):
        answer = httpx.get(f"{server.url}{path}", headers=headers, auth=server.auth, timeout=60.0)
        assert answer.status_code == (400 if "Host" in headers else 403)
    told = {} if "Host" in headers else {"origin": headers["Origin"]}
    if told:
        assert sockets_open(server.url, [server.secret], **told) == set()


@pytest.mark.server
def test_it_answers_at_the_far_end_of_a_tunnel_from_any_port(server):
    told = {"Host": "127.0.0.1:5200", "Origin": "http://127.0.0.1:5200"}
    answer = httpx.get(f"{server.url}/ui-settings", headers=told, timeout=60.0)
    assert answer.json()["api_url"] == "/api"


@pytest.mark.server
@pytest.mark.parametrize("path", ["/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"])
def test_its_schema_is_not_shown_without_the_secret(server, path):
    assert httpx.get(f"{server.url}{path}", timeout=60.0).status_code == 404
    assert httpx.get(f"{server.url}/api{path}", timeout=60.0).status_code == 401


@pytest.mark.server
def test_a_websocket_takes_the_longest_event_and_no_message_longer_than_two_million_bytes(server):
    limit = get_current_settings().server.events.maximum_size_bytes
    assert closed_with(server.url, "x" * limit) != 1009
    assert closed_with(server.url, "x" * (2 * 1024 * 1024 + 1)) == 1009


@pytest.fixture(scope="module")
def elsewhere():
    """Address of another server on this machine, which a page of its own comes from."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>another page</p>")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


TRY = """async ([url, secret, flow]) => {
  const run = JSON.stringify({flow_id: flow, name: "planted", job_variables: {command: "id"}});
  const basic = {Authorization: "Basic " + btoa(secret)};
  const json = {"Content-Type": "application/json"};
  const tried = (path, options) => fetch(url + path, options).then(
    (answer) => answer.type + " " + answer.status, () => "refused");
  const answers = [];
  const post = {method: "POST", body: run};
  for (const headers of [{}, json, basic, {...json, ...basic}])
    answers.push(await tried("/api/flow_runs/", {...post, headers}));
  answers.push(await tried("/api/flow_runs/filter", {...post, body: "{}", headers: basic}));
  answers.push(await tried("/api/health", {}));
  answers.push(await tried("/ui-settings", {}));
  const quiet = await tried("/api/flow_runs/", {...post, mode: "no-cors"});
  const frame = document.createElement("iframe");
  frame.name = "into";
  document.body.appendChild(frame);
  const form = document.body.appendChild(document.createElement("form"));
  Object.assign(form, {action: url + "/api/flow_runs/", method: "post", enctype: "text/plain"});
  form.target = "into";
  const field = form.appendChild(document.createElement("input"));
  [field.name, field.value] = [run.slice(0, -1) + ',"x":"', '"}'];
  form.submit();
  await new Promise((done) => setTimeout(done, 2000));
  const sockets = [];
  for (const path of ["/events/in", "/events/out", "/logs/out"])
    for (const spoken of [[], ["prefect"]])
      sockets.push(await new Promise((done) => {
        const socket = new WebSocket(url.replace("http", "ws") + "/api" + path, spoken);
        socket.onopen = () => done(path + " opened");
        socket.onerror = () => done("refused");
      }));
  return {answers, quiet, sockets};
}"""


@pytest.mark.server
def test_a_page_of_another_address_is_refused_even_if_it_knew_the_secret(
    chromium, server, elsewhere
):
    flow = server.ask("POST", "/flows/filter")[0]["id"]
    page = chromium.new_page()
    answers = []
    page.on("response", lambda one: answers.append(one.status) if server.url in one.url else None)
    page.goto(elsewhere)
    said = page.evaluate(TRY, [server.url, server.secret, flow])
    page.close()
    assert set(said["answers"]) == {"refused"}
    assert said["quiet"] == "opaque 0"
    assert set(said["sockets"]) == {"refused"}
    assert answers
    assert set(answers) == {403}
    assert [run["name"] for run in server.ask("POST", "/flow_runs/filter")] == [RUN]


@pytest.mark.server
def test_no_other_page_may_show_it_in_a_frame(chromium, server, elsewhere):
    page = chromium.new_page()
    page.goto(elsewhere)
    page.evaluate("url => { document.body.innerHTML = `<iframe src=${url}></iframe>` }", server.url)
    page.wait_for_timeout(1000)
    shown = [frame.url for frame in page.frames if frame != page.main_frame]
    page.close()
    assert shown == ["chrome-error://chromewebdata/"]


@pytest.mark.server
def test_its_operator_sees_the_runs_with_the_secret_and_no_other_host_is_asked(chromium, server):
    context = chromium.new_context()
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(f"{server.url}/v2/runs")
    field = page.locator("input[type=password]")
    field.wait_for(timeout=60_000)
    assert RUN not in page.inner_text("body")
    field.fill("sfp:guessed")
    page.get_by_role("button", name="Login").click()
    page.get_by_text("Invalid credentials").first.wait_for(timeout=60_000)
    field.fill(server.secret)
    page.get_by_role("button", name="Login").click()
    field.wait_for(state="detached", timeout=60_000)
    page.goto(f"{server.url}/v2/runs")
    page.get_by_text(RUN).first.wait_for(timeout=60_000)
    context.close()
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []


def test_without_a_secret_it_is_not_started(tmp_path):
    bare = {name: value for name, value in os.environ.items() if "AUTH_STRING" not in name}
    for given in ({}, {"PREFECT_SERVER_API_AUTH_STRING": ""}):
        done = subprocess.run(
            COMMAND,
            cwd=HOME,
            env=bare | given | {"PREFECT_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 1
        assert "AUTH_STRING is not set: anyone could set off runs" in done.stderr


def _begun_without_a_port(tmp_path, **handed):
    given = {**environment(str(tmp_path), 4200), "PREFECT_HOME": str(tmp_path), **handed}
    return subprocess.run(
        COMMAND, cwd=HOME, env=given, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_opens_no_port_of_its_own(tmp_path):
    for handed in ({}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}):
        done = _begun_without_a_port(tmp_path, **handed)
        assert done.returncode == 1
        assert "no listening port was handed over" in done.stderr


@pytest.mark.skipif(
    shutil.which("systemd-socket-activate") is None, reason="systemd is not installed"
)
@pytest.mark.server
def test_it_answers_on_the_port_that_systemd_hands_over(tmp_path):
    with _listening(0) as probe:
        port = probe.getsockname()[1]
    tool = ["systemd-socket-activate", f"--listen=127.0.0.1:{port}"]
    given = environment(str(tmp_path), port)
    passed = [f"--setenv={name}={value}" for name, value in given.items()]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*tool, *passed, *COMMAND], cwd=HOME, env=given, stdout=log, stderr=log
        )
    try:
        # It is started by the first that asks, who is answered when it is there.
        address = f"http://127.0.0.1:{port}/api/health"
        reached = httpx.HTTPTransport(retries=10)
        with httpx.Client(transport=reached, timeout=120.0) as client:
            assert client.get(address).json() is True
    finally:
        process.terminate()
        process.wait(60)
