#!/usr/bin/env bash
# Makes the users and groups of a production root; safe to repeat. Run as root.
set -euo pipefail

group() { getent group "$1" >/dev/null || groupadd --system "$1"; }
user() {
    getent passwd "$1" >/dev/null ||
        useradd --system --gid sfp --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin "$1"
    if [ -n "${2:-}" ]; then usermod --append --groups "$2" "$1"; fi
}

group sfp         # every service: may enter the root and read its settings
group sfp-drop    # reads what authorities put into the drop folder
group sfp-data    # reads accepted rows (pseudonymised) and kept results
group sfp-answers # reads the answers
group sfp-read    # reads editions and notices: operators and evaluators
group sfp-sftp    # the authorities' own accounts
group sfp-operate # reads the secret of the Prefect server: operators who look at its pages

user sfp-server
user sfp-watch sfp-drop
user sfp-intake sfp-drop,sfp-data,sfp-answers,sfp-read
user sfp-publish sfp-data,sfp-read
