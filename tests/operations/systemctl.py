"""A stand-in for systemctl on a throwaway host without an init: starts units from their files.

It takes from a unit what decides what a process may do: user, groups, environment, folder, umask,
state folder, and the paths that are closed or read-only to it. A socket unit's port is held by a
process of its own, from its start to its stop, and handed to every start of its service. It does
not restart what dies, nor start a service when somebody connects.
"""

import configparser
import grp
import os
import pwd
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
RUN = Path("/run/units")


class Repeating(dict):
    """Keys of a unit may repeat; their values are kept in order."""

    def __setitem__(self, key, value):
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def read(unit, section="Service"):
    stem, _, kind = unit.rpartition(".")
    name, _, instance = stem.partition("@")
    path = UNITS / f"{name}{'@' if instance else ''}.{kind}"
    parser = configparser.RawConfigParser(
        dict_type=Repeating, strict=False, empty_lines_in_values=False
    )
    parser.optionxform = str
    parser.read(path)
    found = {}
    for key, value in parser[section].items():
        found[key] = [line.replace("%i", instance) for line in value.split("\n")]
    return found


def environment(unit):
    made = {"PATH": "/usr/local/bin:/usr/bin:/bin", "USER": unit["User"][0], "LANG": "C.UTF-8"}
    for name in unit.get("EnvironmentFile", []):
        for line in Path(name).read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                key, value = line.split("=", 1)
                made[key] = value
    for line in unit.get("Environment", []):
        key, value = line.split("=", 1)
        made[key] = value
    return made


def paths(unit, key):
    return [path.lstrip("-") for line in unit.get(key, []) for path in line.split()]


def sandbox(unit):
    """Commands that close paths to the process, run as root in a mount namespace of its own."""
    steps = []
    for path in paths(unit, "ReadOnlyPaths"):
        steps += [f"mount --bind {path} {path}", f"mount -o remount,bind,ro {path}"]
    for path in paths(unit, "InaccessiblePaths"):
        steps.append(f"mount -t tmpfs -o mode=000,ro tmpfs {path}")
    return steps


def listen(name):
    """Start the process that holds a socket unit's port, unless it does already."""
    way = RUN / name
    if is_held(way):
        return 0
    address, _, port = read(name, "Socket")["ListenStream"][0].rpartition(":")
    door = socket.create_server((address, int(port)), backlog=2048)
    way.unlink(missing_ok=True)
    asked = socket.socket(socket.AF_UNIX)
    asked.bind(str(way))
    way.chmod(0o600)
    asked.listen()
    holder = os.fork()
    if holder == 0:
        os.setsid()
        quiet = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(quiet, number)
        while True:
            starter, _ = asked.accept()
            socket.send_fds(starter, [b"."], [door.fileno()])
            starter.close()
    (RUN / f"{name}.pid").write_text(str(holder))
    return 0


def is_held(way):
    try:
        taken(way).close()
    except OSError:
        return False
    return True


def taken(way):
    """Return the socket that a holder hands over."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(way))
        _, numbers, _, _ = socket.recv_fds(asking, 1, 1)
    return socket.socket(fileno=numbers[0])


def handed(name):
    """Return the sockets a service requires, started where they were not, as systemd hands them."""
    required = [word for line in read(name, "Unit").get("Requires", []) for word in line.split()]
    sockets = [word for word in required if word.endswith(".socket")]
    assert len(sockets) <= 1, f"{name}: the stand-in hands over one socket"
    for word in sockets:
        listen(word)
    return [taken(RUN / word) for word in sockets]


def start(name):
    if name in ("postgresql", "ssh"):
        return start_debian(name)
    if name.endswith(".socket"):
        return listen(name)
    unit = read(f"{name}.service")
    doors = handed(f"{name}.service")
    user = pwd.getpwnam(unit["User"][0])
    group = grp.getgrnam(unit["Group"][0]).gr_gid
    extra = [
        str(grp.getgrnam(one).gr_gid)
        for line in unit.get("SupplementaryGroups", [])
        for one in line.split()
    ]
    for state in unit.get("StateDirectory", []):
        folder = Path("/var/lib") / state
        folder.mkdir(exist_ok=True)
        os.chown(folder, user.pw_uid, group)
        folder.chmod(int(unit["StateDirectoryMode"][0], 8))
    drop = [
        "setpriv",
        f"--reuid={user.pw_uid}",
        f"--regid={group}",
        "--no-new-privs",
        "--bounding-set=-all",
        f"--groups={','.join([str(group), *extra])}",
    ]
    command = shlex.join([*drop, *shlex.split(unit["ExecStart"][0])])
    take = []
    for door in doors:
        # The first number that systemd gives away, and that of the process this shell becomes.
        take += [f"exec 3<&{door.fileno()}", "export LISTEN_FDS=1 LISTEN_PID=$$"]
    script = "\n".join(
        [
            "set -e",
            *sandbox(unit),
            *take,
            f"umask {unit['UMask'][0]}",
            f"cd {unit['WorkingDirectory'][0]}",
            f"exec {command}",
        ]
    )
    RUN.mkdir(exist_ok=True)
    with (RUN / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "bash", "-c", script],
            env=environment(unit),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[door.fileno() for door in doors],
        )
    (RUN / f"{name}.pid").write_text(str(process.pid))
    if unit.get("Type") == ["oneshot"]:
        return process.wait()
    return 0


def start_debian(name):
    if name == "ssh":
        Path("/run/sshd").mkdir(exist_ok=True)
        return subprocess.call(["/usr/sbin/sshd", "-E", "/run/units/sshd.log"])
    version = sorted(Path("/usr/lib/postgresql").iterdir())[-1].name
    return subprocess.call(["pg_ctlcluster", version, "main", "start"])


def stop(name):
    if name == "postgresql":
        version = sorted(Path("/usr/lib/postgresql").iterdir())[-1].name
        return subprocess.call(["pg_ctlcluster", "-m", "fast", version, "main", "stop"])
    if name == "ssh":
        return subprocess.call(["pkill", "-x", "-P", "1", "sshd"]) and 0
    pid = int((RUN / f"{name}.pid").read_text())
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return 0
        for _ in range(100):
            if (
                not Path(f"/proc/{pid}").exists()
                or "zombie" in Path(f"/proc/{pid}/status").read_text()
            ):
                return 0
            time.sleep(0.1)
    return 0


def main(words):
    words = [word for word in words if not word.startswith("-")]
    verb, units = words[0], [unit.removesuffix(".service") for unit in words[1:]]
    units = [
        u
        for unit in units
        for u in (
            [re.sub(r"\{.*\}", i, unit) for i in re.findall(r"\d+", unit)]
            if "{" in unit
            else [unit]
        )
    ]
    RUN.mkdir(exist_ok=True)
    if verb == "daemon-reload":
        return 0
    code = 0
    for unit in units:
        if unit.endswith(".timer"):
            assert (UNITS / unit).exists(), unit
            continue
        if verb in ("stop", "restart", "reload"):
            code |= stop(unit) or 0
        if verb in ("start", "enable", "restart", "reload"):
            code |= start(unit) or 0
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
