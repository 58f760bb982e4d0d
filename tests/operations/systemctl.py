"""A stand-in for systemctl on a throwaway host without an init: starts units from their files.

It takes from a unit what decides what a process may do: user, groups, environment, folder, umask,
state folder, and the paths that are closed or read-only to it. It does not restart what dies.
"""

import configparser
import grp
import os
import pwd
import re
import shlex
import signal
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


def read(unit):
    name, _, instance = unit.removesuffix(".service").partition("@")
    path = UNITS / f"{name}{'@' if instance else ''}.service"
    parser = configparser.RawConfigParser(
        dict_type=Repeating, strict=False, empty_lines_in_values=False
    )
    parser.optionxform = str
    parser.read(path)
    found = {}
    for key, value in parser["Service"].items():
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


def start(name):
    if name in ("postgresql", "ssh"):
        return start_debian(name)
    unit = read(name)
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
    script = "\n".join(
        [
            "set -e",
            *sandbox(unit),
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
