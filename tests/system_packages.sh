#!/usr/bin/env bash
# Installs the Debian packages some tests need, when run as root and they are absent.
# Never stops `make test`: without them those tests are skipped, and say what is missing.
set -u

has_chromium() {
    command -v chromium || command -v chromium-browser || command -v google-chrome-stable ||
        command -v google-chrome
} >/dev/null

has_postgresql() {
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# The test of docs/operations.md makes a host of its own, which only root can. Where an init runs,
# installing a server would start it: there the package is left to whoever owns the machine.
has_sshd() {
    [ -x /usr/sbin/sshd ] || [ "$(id -u)" -ne 0 ] || [ -d /run/systemd/system ]
}

missing=()
has_chromium || missing+=(chromium)
has_postgresql || missing+=(postgresql)
has_sshd || missing+=(openssh-server)
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not installed: ${missing[*]}. The tests that need them will be skipped."
    echo "To run them too, on Debian or Ubuntu: sudo apt-get install ${missing[*]}"
    exit 0
fi

echo "Installing ${missing[*]} (Debian packages, a few minutes on a slow line)"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
install() {
    apt-get install -y -q --no-install-recommends "${missing[@]}" >"$log" 2>&1
}
# A fresh machine has no package lists, an old one has stale ones.
if install || { apt-get update -q >"$log" 2>&1 && install; }; then
    echo "Installed ${missing[*]}"
    rm -f "$log"
else
    echo "Could not install ${missing[*]}; the tests that need them will be skipped. Last lines:"
    tail -n 5 "$log"
fi
exit 0
