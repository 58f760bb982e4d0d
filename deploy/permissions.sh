#!/usr/bin/env bash
# Gives every folder of a root its owner, group and mode; safe to repeat. Run as root, after
# `sfp init` and deploy/users.sh:  deploy/permissions.sh /srv/sfp
#
# What is made in a folder later is as open as the folder (warehouse/root.py), so this is needed
# once, and again only after a restore.
set -euo pipefail
root=${1:?folder of the root}

own() { # folder, owner:group, mode of the folder itself
    mkdir -p "$root/$1"
    chown "$2" "$root/$1"
    chmod "0$3" "$root/$1" # five digits, so that an inherited set-group bit goes
}
below() { # the same group and reading rights for what lies in the folder already
    find "$root/$1" -mindepth 1 -exec chgrp "$2" {} +
    find "$root/$1" -mindepth 1 -type d -exec chmod "$3" {} +
    find "$root/$1" -mindepth 1 -type f -exec chmod g+r {} +
}

own . sfp-intake:sfp 2750
chown sfp-intake:sfp "$root/settings.toml"
chmod 0640 "$root/settings.toml"
# Held by every process at work, so that an erasure waits for them (warehouse/root_lock.py).
touch "$root/gate"
chown sfp-intake:sfp "$root/gate"
chmod 0640 "$root/gate"
for private in landing quarantine restricted_text set_aside keys prefect; do
    own "$private" sfp-intake:sfp 0700
done
own drop sfp-intake:sfp-drop 2750
own outbox sfp-intake:sfp-answers 2750
own warehouse sfp-intake:sfp-data 2750
own cache sfp-intake:sfp-data 2770
own editions sfp-publish:sfp-read 2750
own restricted sfp-publish:sfp-data 2750
own notices sfp-intake:sfp-read 2750
# Both workers sign heads of the audit chain; no one else reads the key.
own signing sfp-intake:sfp-data 2750
own heads sfp-intake:sfp-data 2770
# Both workers write here; each may remove its own files only.
own staging sfp-intake:sfp-data 3770
own logs sfp-intake:sfp-data 3770

below outbox sfp-answers 2750
below warehouse sfp-data 2750
below cache sfp-data 2770
below editions sfp-read 2750
below restricted sfp-data 2750
below notices sfp-read 2750
below signing sfp-data 2750
below heads sfp-data 2770
chown -R sfp-publish "$root/editions" "$root/restricted"
for private in landing quarantine restricted_text set_aside keys prefect; do
    chown -R sfp-intake:sfp "$root/$private"
done
chown -R sfp-intake "$root/outbox" "$root/warehouse" "$root/cache" "$root/notices" \
    "$root/signing" "$root/heads"
