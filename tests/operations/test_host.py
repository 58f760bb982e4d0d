"""docs/operations.md, followed to the letter on a throwaway host, from nothing to loads.

The walk takes as long as a fifth of all other tests: `make soak`. What the page names is there, and
the units are what systemd knows, is seen by `make test`.
"""

import errno
import json
import re
import shutil
import time

import pytest

from .conftest import LANCASHIRE, WALSALL
from .host import HOME, Host, why_not
from .page import PAGE, blocks

LATER = ("restore", "upgrade")
A, B = "sfp-e08000030", "sfp-e10000017"
SSH = (
    "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -o LogLevel=ERROR"
)
API = "http://127.0.0.1:4200/api"
PYTHON = "/opt/sfp/.venv/bin/python"


def test_every_block_is_run_or_names_what_runs_it():
    found = blocks()
    assert len(found) >= 14
    assert PAGE.read_text("utf-8").count("```sh") == len(found)
    for block in found:
        for path in re.findall(r"[\w./]+(?:\.py|\.sh|file)\b", block.run_by):
            assert (HOME / path).exists(), path
    assert [block.name for block in found if block.run_by] == ["apt-get update"]
    assert {block.name for block in found if block.name in LATER} == set(LATER)


def test_the_packages_the_page_asks_for_are_those_the_tests_install():
    (block,) = (found for found in blocks() if found.run_by)
    asked = set(re.search(r"install --yes (.+)", block.text)[1].split())
    script = (HOME / "tests" / "system_packages.sh").read_text("utf-8")
    assert {"postgresql", "openssh-server"} <= asked
    assert all(name in script for name in ("postgresql", "openssh-server"))


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    if reason := why_not():
        pytest.skip(reason)
    try:
        made = Host(tmp_path_factory.mktemp("host") / "box")
    except OSError as error:
        pytest.skip(f"this machine lets nobody make namespaces: {str(error)[-300:]}")
    yield made
    made.stop()


class Walk:
    """The page's blocks in order, with the clock beside them."""

    def __init__(self, host):
        self.host = host
        self.began = time.monotonic()
        self.left = [block for block in blocks() if not block.run_by]

    def until(self, words):
        """Run the blocks up to the first that holds `words`, and that one."""
        while self.left:
            block = self.left.pop(0)
            self.host.run(block.text)
            if words in block.text:
                print(f"[{time.monotonic() - self.began:5.1f} s] {block.name}")
                return
        raise AssertionError(f"no block holds {words!r}")


@pytest.mark.server
@pytest.mark.postgres
@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_page_leads_from_an_empty_host_to_scheduled_loads_and_back(host, two_quarters):
    walk = Walk(host)
    lay_out(host, two_quarters)
    walk.until("deploy/ledger-rights.sql")
    host.run("sed -i 's/^settle_seconds = .*/settle_seconds = 1.0/' /srv/sfp/settings.toml")
    assert_folders_are_as_the_page_says(host)
    walk.until("sfp-watcher")
    before = server_secret(host)
    walk.until("add-authority.sh")
    assert_the_secret_was_changed(host, before)
    assert_an_authority_sees_its_own_alone(host)
    walk.until("sftp -b")
    walk.until("sfp status --json")
    host.wait('test -n "$(ls /srv/sfp/editions)"')
    assert_the_answer_is_there(host)
    assert_each_role_is_refused_the_rest(host)
    assert_no_one_else_takes_the_port_while_the_server_is_down(host)
    assert_the_server_is_shut_to_others(host)
    assert_reading_the_secret_is_for_operators_and_opens_nothing_else(host)
    assert_the_secret_is_in_no_record(host)
    assert_a_killed_run_and_a_restarted_database_need_nobody(host)
    walk.until("deployment run")
    assert_every_deployment_has_run(host)
    walk.until("sfpc_stage_seconds_count")
    assert_what_operators_see_is_there(host)
    walk.until("sfp-backup.service")
    walk.until("verify --heads")
    before = what_counts(host)
    walk.until("sfp restore")
    assert what_counts(host) == before
    walk.until("systemctl start sfp-server")
    host.wait("sfp verify")


def lay_out(host, two_quarters):
    """Put what the page takes for granted where it does: keys of two authorities, returns."""
    (walsall,) = two_quarters.glob(f"{WALSALL}*")
    (lancashire,) = two_quarters.glob(f"{LANCASHIRE}*")
    host.run(
        f"ssh-keygen -q -t ed25519 -N '' -f walsall; ssh-keygen -q -t ed25519 -N '' -f lancashire\n"
        f"cp -r {walsall}/2023-24Q1 returns; cp -r {lancashire}/2023-24Q2 second"
    )


def assert_folders_are_as_the_page_says(host):
    rows = re.findall(
        r"^\| (`\w+/`(?: `\w+/`)*) \| (\w+)(?:, `([\w-]+)`)? \| (\d{4}) ",
        PAGE.read_text("utf-8"),
        re.MULTILINE,
    )
    owners = {"intake": "sfp-intake", "publisher": "sfp-publish"}
    expected = {
        folder: (owners[owner], group or "sfp", mode.lstrip("0"))
        for folders, owner, group, mode in rows
        for folder in re.findall(r"`(\w+)/`", folders)
    }
    said = host.run("cd /srv/sfp && stat --format '%n %U %G %a' */").splitlines()
    found = {name.rstrip("/"): tuple(rest) for name, *rest in map(str.split, said)}
    assert len(expected) == 16
    assert {name: found[name] for name in expected} == expected
    assert set(found) - set(expected) == {"prefect"}
    assert found["prefect"] == ("sfp-intake", "sfp", "700")


def sftp(host, who, account, commands, ok=True):
    lines = "\n".join(commands)
    return host.run(f"sftp -b - {SSH} -i /root/{who} {account}@127.0.0.1 <<'E'\n{lines}\nE", ok=ok)


def assert_an_authority_sees_its_own_alone(host):
    said = sftp(host, "walsall", A, ["cd /", "ls -1", "pwd"])
    assert {"drop", "answers"} == {word for word in said.split() if word in ("drop", "answers")}
    assert "E10000017" not in said
    theirs = f"/srv/sfp/drop/{LANCASHIRE}-lancashire/2023-24Q2"
    host.run(f"mkdir -p {theirs} && echo secret > {theirs}/theirs.csv")
    for command in (
        "ls /srv",
        f"ls /../{B}/drop",
        f"get /srv/sftp/{B}/drop/2023-24Q2/theirs.csv",
        "get /etc/passwd",
        "put /root/walsall.pub /here.txt",
        "put /root/walsall.pub /answers/here.txt",
        "mkdir /answers/mine",
        "symlink /etc/passwd /drop/link",
        "chmod 777 /",
    ):
        code, said = sftp(host, "walsall", A, [command], ok=False)
        assert code != 0, f"{command}: {said}"
    # Neither a shell nor a command, no forwarding in any direction, nobody else's key, no password.
    code, said = host.run(f"ssh {SSH} -i /root/walsall {A}@127.0.0.1 id", ok=False)
    assert code != 0 or "uid=" not in said
    forward = f"ssh {SSH} -i /root/walsall -o ExitOnForwardFailure=yes"
    for option in ("-W 127.0.0.1:4200", "-N -R 9999:127.0.0.1:4200"):
        code, said = host.run(f"timeout 5 {forward} {option} {A}@127.0.0.1 </dev/null", ok=False)
        assert code not in (0, 124), f"{option}: {said}"
    assert sftp(host, "lancashire", A, ["ls"], ok=False)[0] != 0
    password = "-o PubkeyAuthentication=no -o PreferredAuthentications=password"
    code, said = host.run(f"ssh {SSH} {password} {A}@127.0.0.1", ok=False)
    assert "Permission denied (publickey)" in said
    host.run(f"rm -r {theirs}")


def assert_the_answer_is_there(host):
    said = sftp(host, "walsall", A, ["cd /answers/2023-24Q1", "ls -1", "get -r . /root/answer"])
    assert len(re.findall(r"\b[0-9a-f]{16}\b", said)) >= 6
    receipts = host.run("cat /root/answer/*/receipt.json")
    assert "pre_proceedings" in receipts


REFUSED = "Permission denied|permission denied|row-level security|Read-only"


def refused(host, user, command):
    code, said = host.run(f"cd /srv/sfp; runuser -u {user} -- bash -c '{command}'", ok=False)
    assert code != 0, f"{user} may: {command}"
    assert re.search(REFUSED, said), f"{user}: {command}: {said}"


def assert_each_role_is_refused_the_rest(host):
    """By users and groups alone; the units close the same folders once more."""
    for folder in ("warehouse", "cache", "editions", "outbox", "drop", "staging", "notices", "."):
        refused(host, "sfp-watch", f"touch {folder}/planted")
    for folder in (
        "landing",
        "warehouse",
        "quarantine",
        "keys",
        "signing",
        "restricted",
        "restricted_text",
    ):
        refused(host, "sfp-watch", f"ls {folder}")
    for folder in ("landing", "drop", "outbox", "quarantine", "keys", "restricted_text"):
        refused(host, "sfp-publish", f"ls {folder}")
    for folder in ("warehouse", "landing", "drop", "outbox", "notices", "."):
        refused(host, "sfp-publish", f"touch {folder}/planted")
    refused(host, "sfp-intake", "touch editions/planted")
    refused(host, "sfp-server", "ls warehouse")
    refused(host, A, "ls drop")
    for user in ("sfp-watch", "sfp-publish"):
        refused(host, user, 'psql sfp_ledger -c "UPDATE submissions SET version = 9"')
        refused(host, user, 'psql sfp_ledger -c "DELETE FROM audit"')
    refused(host, "sfp-watch", 'psql sfp_ledger -c "INSERT INTO facts VALUES (1, 2)"')
    planted = "INSERT INTO facts (name, value) VALUES (current_user, 1)"
    refused(host, "sfp-publish", f'psql sfp_ledger -c "{planted}"')
    refused(host, "sfp-intake", "psql sfp_prefect -c 'SELECT 1'".replace("'", '"'))
    # What each is there for it has done: the watcher's event led to the publisher's edition.
    owner = "stat --format %U /srv/sfp/editions/* /srv/sfp/landing/* | sort -u"
    assert host.run(owner).split() == ["sfp-intake", "sfp-publish"]
    groups = host.run("find /srv/sfp/warehouse /srv/sfp/cache -type f -printf '%g %m\\n' | sort -u")
    assert groups.split() == ["sfp-data", "640"]
    private = "find /srv/sfp/landing /srv/sfp/quarantine /srv/sfp/keys -type f -perm /077"
    assert host.run(private) == ""


SECRET = "/etc/sfp/server.secret"


def server_secret(host):
    return host.run(f"sed -n 's/^PREFECT_API_AUTH_STRING=//p' {SECRET}").strip()


def api(host, path, body):
    auth = tuple(server_secret(host).split(":"))
    code = (
        f"import httpx, sys; r = httpx.post('{API}/{path}', json={body!r}, auth={auth!r}, "
        "timeout=20); r.raise_for_status(); sys.stdout.write(r.text)"
    )
    return json.loads(host.run(f'{PYTHON} -c "{code}"'))


def statuses_for(host, user, requests, auth):
    """Return what the server answers a user of the host who posts each path and body."""
    code = (
        f"import httpx; client = httpx.Client(auth={auth!r}, timeout=60); print([client.post("
        f"'{API}' + path, json=body).status_code for path, body in {requests!r}])"
    )
    return json.loads(host.run(f'cd /tmp && runuser -u {user} -- {PYTHON} -c "{code}"'))


def assert_the_secret_was_changed(host, before):
    """The page's block makes another, and what is running takes that one alone."""
    after = server_secret(host)
    assert re.fullmatch(r"sfp:[\w-]{43}", after)
    assert after != before
    code = f"import httpx; httpx.get('{API}/health').raise_for_status()"
    host.wait(f'{PYTHON} -c "{code}"')
    for secret, status in ((before, 401), (after, 200)):
        asked = [("/flows/count", {})]
        assert statuses_for(host, "nobody", asked, tuple(secret.split(":"))) == [status]


TAKE = """
import socket
for family, address, option in (
    (socket.AF_INET, "127.0.0.1", None),
    (socket.AF_INET, "127.0.0.1", socket.SO_REUSEADDR),
    (socket.AF_INET, "127.0.0.1", socket.SO_REUSEPORT),
    (socket.AF_INET, "0.0.0.0", socket.SO_REUSEADDR),
    (socket.AF_INET, "0.0.0.0", socket.SO_REUSEPORT),
    (socket.AF_INET6, "::", socket.SO_REUSEADDR),
    (socket.AF_INET6, "::ffff:127.0.0.1", socket.SO_REUSEADDR),
):
    with socket.socket(family) as door:
        if option:
            door.setsockopt(socket.SOL_SOCKET, option, 1)
        try:
            door.bind((address, 4200))
            door.listen()
        except OSError as refusal:
            print(refusal.errno)
        else:
            print("taken")
"""


def taking_the_port(host):
    """Return what another user of the host is answered who tries to listen on the port."""
    host.run(f"cat > /tmp/take.py <<'E'\n{TAKE}\nE\nchmod 0644 /tmp/take.py")
    return host.run(f"cd /tmp && runuser -u nobody -- {PYTHON} take.py").split()


def assert_no_one_else_takes_the_port_while_the_server_is_down(host):
    """The port is held without the server; who asks meanwhile is answered by the next one."""
    host.run("kill -KILL -- -$(cat /run/units/sfp-server.pid)")
    host.wait("! pgrep -u sfp-server -f flows.service.server")
    assert set(taking_the_port(host)) == {str(errno.EADDRINUSE)}
    asking = "curl --silent --show-error --fail --max-time 120"
    host.run(f"setsid {asking} {API}/health >/root/asked 2>&1 </dev/null &")
    time.sleep(2)
    assert host.run("cat /root/asked") == ""
    host.run("systemctl start sfp-server")
    host.wait("grep true /root/asked", 120)
    assert set(taking_the_port(host)) == {str(errno.EADDRINUSE)}


def assert_the_server_is_shut_to_others(host):
    """No other user sets off a run, or reads what a run was given, or anything at all."""
    sweep = api(host, "deployments/filter", {"deployments": {"name": {"any_": ["sweep"]}}})[0]["id"]
    planted = {"job_variables": {"command": "touch /tmp/planted"}, "parameters": {}}
    asked = [
        (f"/deployments/{sweep}/create_flow_run", planted),
        ("/flow_runs/", {"flow_id": sweep}),
        ("/deployments/filter", {}),
        ("/flow_runs/filter", {}),
        ("/events/filter", {}),
        ("/events", []),
    ]
    for user in ("nobody", A, "sfp-watch"):
        for auth in (None, ("sfp", "sfp")):
            assert statuses_for(host, user, asked, auth) == [401] * len(asked), user
    pages = host.run(f"curl --silent --fail --location {API[:-4]}")
    assert "Prefect" in pages
    auth = tuple(server_secret(host).split(":"))
    code = (
        f"import httpx; r = httpx.get('{API}/openapi.json', auth={auth!r}, timeout=60); "
        "open('/tmp/schema.json', 'w').write(r.text)"
    )
    host.run(f'{PYTHON} -c "{code}"; chmod 0644 /tmp/schema.json')
    door = f"runuser -u nobody -- {PYTHON} -m tests.support.door {API[:-4]} /tmp/schema.json"
    assert host.run(f"cd /opt/sfp && {door}").split("\n")[:2] == ["[]", "[]"]


def assert_reading_the_secret_is_for_operators_and_opens_nothing_else(host):
    for user in ("nobody", A, "sfp-watch", "sfp-publish", "sfp-intake", "sfp-server", "postgres"):
        refused(host, user, f"cat {SECRET}")
    host.run("useradd --system --groups sfp-operate looker")
    assert "sfp:" in host.run(f"runuser -u looker -- cat {SECRET}")
    refused(host, "looker", f"touch {SECRET}")
    for folder in ("keys", "landing", "drop", "warehouse", "signing", "quarantine"):
        refused(host, "looker", f"ls /srv/sfp/{folder}")


def assert_the_secret_is_in_no_record(host):
    """It stands in its file and in the environment of the services, and nowhere else."""
    word = server_secret(host).partition(":")[2]
    host.run(f"cut -d: -f2- {SECRET} | head -n 1 > /root/word")
    for place in ("/srv/sfp /run/units /var/lib/sfp-*", "/proc/[0-9]*/cmdline", "/etc/systemd"):
        found = host.run(f"grep -raslF -f /root/word {place} || true")
        assert found == "", place
    dumped = "runuser -u postgres -- pg_dump sfp_prefect"
    assert host.run(f"{dumped} | grep -cF -f /root/word || true").strip() == "0"
    assert int(host.run(f"{dumped} | grep -c ingest-returns")) > 0
    held = host.run("grep -slF -f /root/word /proc/[0-9]*/environ || true")
    assert len(held.splitlines()) >= 5
    refused(host, "nobody", "cat /proc/$(pgrep -u sfp-server -o python)/environ")
    assert word not in host.run("cat /srv/sfp/notices/status.html")


def runs(host, flow):
    found = api(host, "flow_runs/filter", {"flows": {"name": {"any_": [flow]}}})
    return [run["state_name"] for run in found if not run["auto_scheduled"]]


def assert_a_killed_run_and_a_restarted_database_need_nobody(host):
    sftp(host, "lancashire", B, ["mkdir 2023-24Q2", "cd 2023-24Q2", "put -r /root/second/*"])
    host.wait("pgrep -u sfp-intake -f flows.service.engine", 60)
    time.sleep(2)
    host.run("pkill -KILL -u sfp-intake -f flows.service.engine")
    host.run("systemctl restart postgresql")
    host.wait(f"test $(ls /srv/sfp/outbox/{LANCASHIRE}/2023-24Q2 | wc -l) -ge 6")
    assert "Crashed" in runs(host, "ingest-returns")
    await_runs(host, {"ingest-returns": 2})
    host.wait("test $(ls /srv/sfp/editions | wc -l) -ge 2")
    key = "(la_code, return_name, quarter)"
    count = f"SELECT count(*), count(DISTINCT {key}) FROM submissions"
    psql = f"runuser -u sfp-intake -- psql --tuples-only sfp_ledger -c '{count}'"
    total, distinct = map(int, host.run(psql).split("|"))
    assert total == distinct >= 12


def assert_every_deployment_has_run(host):
    names = ("ingest-returns", "refresh-outcomes", "publish-edition", "sweep", "chase", "retain")
    await_runs(host, dict.fromkeys(names, 1))


def await_runs(host, counts):
    """Wait until each flow has so many runs that completed."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        states = {name: runs(host, name) for name in counts}
        if all(states[name].count("Completed") >= count for name, count in counts.items()):
            return
        time.sleep(1)
    raise AssertionError(f"{states}\n{host.logs()}")


def assert_what_operators_see_is_there(host):
    sent = host.run("cat /srv/sfp/notices/sent.log")
    assert re.search(r"\d+ returns overdue: .*Walsall", sent)
    assert "State of the returns" in host.run("cat /srv/sfp/notices/status.html")
    host.run("test -s /srv/sfp/notices/metrics.prom; ls /srv/sfp/notices/overdue-*.csv")
    journal = host.run("cat /srv/sfp/logs/journal-*.jsonl").splitlines()
    stages = {json.loads(line)["stage"] for line in journal}
    assert stages >= {"receive", "read", "check", "keep", "answer", "refresh", "publish"}
    artifacts = api(host, "artifacts/filter", {"limit": 200})
    tables = [one for one in artifacts if (one["key"] or "").startswith("verdicts-")]
    rows = [row for one in tables for row in json.loads(one["data"])]
    assert len({row["submission_id"] for row in rows}) >= 12
    columns = {
        "submission_id",
        "la_code",
        "return_name",
        "quarter",
        "state",
        "reason_code",
        "errors",
        "queries",
    }
    assert all(set(row) == columns for row in rows)


def what_counts(host):
    """Return what a restore must bring back: submissions, published files, figures."""
    # Runs under way would move it.
    host.wait("sfp verify")
    return (
        host.run("sfp status --json"),
        host.run(
            "cd /srv/sfp && find editions landing warehouse outbox -type f | sort | "
            "xargs -d '\\n' sha256sum"
        ),
        host.run("sfp outcomes --format csv | sha256sum"),
    )


def test_the_units_hold_to_what_systemd_knows():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian package systemd)")
    import subprocess

    units = sorted((HOME / "deploy" / "systemd").iterdir())
    assert len(units) == 7
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    # The interpreter of a production host is not on this machine; nothing else may be said.
    said = [
        line
        for line in done.stderr.splitlines()
        if "/opt/sfp/.venv/bin/python is not exec" not in line
    ]
    assert [line for line in said if "sfp" in line] == []


def test_the_port_that_is_held_from_boot_is_the_one_that_the_services_ask():
    from tests.support.production import settings_of

    units = HOME / "deploy" / "systemd"
    held = re.search(r"^ListenStream=(.+)$", (units / "sfp-server.socket").read_text(), re.M)[1]
    own = settings_of("sfp-server.env")
    assert held == f"{own['PREFECT_SERVER_API_HOST']}:{own['PREFECT_SERVER_API_PORT']}"
    assert settings_of("sfp.env")["PREFECT_API_URL"] == f"http://{held}/api"
    service = (units / "sfp-server.service").read_text()
    assert "\nRequires=sfp-server.socket\n" in service
    assert re.search(r"^After=.*\bsfp-server\.socket$", service, re.M)


def test_every_service_is_hardened_alike():
    shared = (
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "LimitCORE=0",
        "LimitNOFILE=65536",
        "UMask=0007",
        "CapabilityBoundingSet=",
    )
    services = sorted((HOME / "deploy" / "systemd").glob("*.service"))
    for path in services:
        text = path.read_text("utf-8")
        assert [line for line in shared if f"\n{line}\n" not in text] == [], path.name
        assert re.search(r"\nUser=sfp-\w+\n", text), path.name
    users = {re.search(r"\nUser=(\S+)", path.read_text("utf-8"))[1] for path in services}
    made = (HOME / "deploy" / "users.sh").read_text("utf-8")
    assert all(f"user {name}" in made for name in users)


def test_the_embedded_service_and_production_tell_prefect_the_same(tmp_path):
    from flows.service.serve import environment
    from tests.support.production import settings_of

    embedded = environment(str(tmp_path), 4200)
    production = settings_of("sfp.env") | settings_of("sfp-server.env")
    both = {name for name in production if name in embedded} - {"SFP_ROOT", "SFP_HOME"}
    assert {name: embedded[name] for name in both} == {name: production[name] for name in both}
    assert "PREFECT_RESULTS_PERSIST_BY_DEFAULT" in both
    assert "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE" in both
