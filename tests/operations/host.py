"""A throwaway Debian host: this machine's programs in namespaces of their own.

Users, configuration, folders, processes, network and ports are the host's own and vanish with it;
nothing of the machine is changed. It needs root and a kernel that lets it mount an overlay.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).parents[2]
HERE = Path(__file__).parent
NEEDED = ("unshare", "nsenter", "ip", "runuser", "setpriv", "sftp", "psql", "pg_createcluster")

MAKE = r"""
set -euo pipefail
ip link set lo up
mount -t tmpfs tmpfs "$BOX"
over() { # the folder as it is, with changes that vanish
    mkdir -p "$BOX/up$1" "$BOX/work$1"
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$BOX/up$1,workdir=$BOX/work$1" "$1"
}
bare() { mount -t tmpfs -o mode=0755 tmpfs "$1"; }
mkdir "$BOX/bin" "$BOX/python"
mount --bind "$PYTHON_PREFIX" "$BOX/python"
mkdir "$BOX/venv"
mount --bind "$VENV" "$BOX/venv"
mkdir "$BOX/code"
mount --bind "$CODE" "$BOX/code"
over /etc /etc
over /var/lib /var/lib
for place in /srv /opt /mnt /run /var/lib/postgresql /var/log; do bare "$place"; done
# Other users must reach the interpreter wherever this machine keeps it.
first=$PYTHON_PREFIX
while [ "$first" != / ]; do
    closed=$first
    first=$(dirname "$first")
    if [ "$first" != / ] && [ $(($(stat -c %a "$first") % 2)) -eq 0 ]; then hide=$first; fi
done
if [ -n "${hide:-}" ]; then
    bare "$hide"
    mkdir -p "$PYTHON_PREFIX"
    mount --bind "$BOX/python" "$PYTHON_PREFIX"
fi
if [ ! -d /root ] || [ "${hide:-}" != /root ]; then bare /root; fi
mkdir /opt/sfp
over /opt/sfp "$BOX/code"
mkdir -p /opt/sfp/.venv
mount --bind "$BOX/venv" /opt/sfp/.venv
install -m 0755 "$CODE_HERE/systemctl" "$BOX/bin/systemctl"
mount --bind "$BOX/bin" /usr/local/sbin
chmod 1777 /tmp
mkdir -p /run/lock /run/units /run/postgresql /var/log/postgresql
chown postgres:postgres /run/postgresql /var/log/postgresql /var/lib/postgresql
rm -rf /etc/postgresql/* /etc/ssh/sshd_config.d/*
ssh-keygen -A >/dev/null
pg_createcluster "$(ls /usr/lib/postgresql | tail -n 1)" main >/dev/null
echo ready
exec sleep infinity
"""


def why_not():
    """Return why this machine cannot make such a host; empty when it can."""
    if os.getuid() != 0:
        return "needs root, to make namespaces and users"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    missing += [] if Path("/usr/sbin/sshd").exists() else ["sshd"]
    if missing:
        return f"not installed: {', '.join(missing)} (tests/system_packages.sh installs them)"
    return ""


class Host:
    """The host; `run` gives commands to its root."""

    def __init__(self, box):
        self.box = box
        box.mkdir()
        tools = box.with_name("tools")
        tools.mkdir()
        shim = tools / "systemctl"
        shim.write_text(f"#!{sys.executable}\n{(HERE / 'systemctl.py').read_text('utf-8')}")
        environment = {
            **os.environ,
            "BOX": str(box),
            "CODE": str(HOME),
            "CODE_HERE": str(tools),
            "PYTHON_PREFIX": str(Path(sys.base_prefix).resolve()),
            "VENV": str(Path(sys.prefix).resolve()),
        }
        flags = ("--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
        self.process = subprocess.Popen(
            ["unshare", *flags, "--propagation", "private", "bash", "-c", MAKE],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = []
        for line in self.process.stdout:
            if line.strip() == "ready":
                break
            said.append(line)
        else:
            raise OSError("".join(said))
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.init = int(children.read_text().split()[0])

    def run(self, script, *, ok=True, seconds=400):
        """Run a script as the host's root; return what it printed, or the code and that."""
        inside = ["nsenter", f"--target={self.init}", "--mount", "--net", "--pid", "--root", "--wd"]
        done = subprocess.run(
            [*inside, "bash", "-euo", "pipefail", "-c", f"cd /root\n{script}"],
            env={
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": "/root",
                "LANG": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if ok:
            assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}\n{self.logs()}"
            return done.stdout
        return done.returncode, done.stdout + done.stderr

    def as_user(self, user, command, *, ok=True):
        """Run one command as a user of the host with the groups of its service."""
        quoted = command.replace("'", "'\\''")
        return self.run(f"runuser -u {user} -- bash -c '{quoted}'", ok=ok)

    def wait(self, script, seconds=300):
        """Wait until a script succeeds; return what it printed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            code, said = self.run(script, ok=False)
            if code == 0:
                return said
            time.sleep(0.5)
        raise AssertionError(f"not in {seconds} s: {script}\n{said}\n{self.logs()}")

    def logs(self):
        """Return the ends of the units' logs."""
        try:
            _, said = self.run("tail -n 25 /run/units/*.log", ok=False)
        except AssertionError:
            return ""
        return said

    def stop(self):
        self.process.kill()
        self.process.wait()
