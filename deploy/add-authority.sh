#!/usr/bin/env bash
# Gives one registered authority its SFTP account; safe to repeat, which also changes the key.
# Run as root:  deploy/add-authority.sh /srv/sfp E08000030 key.pub
#
# The account is shut into /srv/sftp/<account>, where the authority's own part of the drop folder
# and of the outbox are mounted.
set -euo pipefail
root=${1:?folder of the root} code=${2:?code of the authority} key=${3:?file with its public key}
jail=${SFP_JAIL:-/srv/sftp}
fstab=${SFP_FSTAB:-/etc/fstab}
keys=${SFP_KEYS:-/etc/ssh/sfp-keys}

drop=$(find "$root/drop" -maxdepth 1 -type d \( -name "$code" -o -name "$code-*" \))
if [ "$(wc -l <<<"$drop")" -ne 1 ] || [ -z "$drop" ]; then
    echo "add-authority: $code has no drop folder. Register it: sfp init --authorities $code" >&2
    exit 2
fi
ssh-keygen -l -f "$key" >/dev/null || {
    echo "add-authority: $key is not a public key" >&2
    exit 2
}
account=sfp-${code,,}
getent passwd "$account" >/dev/null ||
    useradd --system --gid sfp-sftp --groups sfp-answers --no-create-home --home-dir / \
        --shell /usr/sbin/nologin "$account"

chown "$account:sfp-drop" "$drop"
chmod 2770 "$drop"
install -d -o sfp-intake -g sfp-answers -m 2750 "$root/outbox/$code"
# sshd asks that the folder it shuts an account into belongs to root alone.
install -d -o root -g root -m 0755 "$jail" "$jail/$account" "$jail/$account/drop" \
    "$jail/$account/answers"
install -d -o root -g root -m 0755 "$keys"
[ "$key" -ef "$keys/$account" ] || install -o root -g root -m 0644 "$key" "$keys/$account"

mounted() { # what, where, options
    grep -qs " $2 none " "$fstab" || echo "$1 $2 none $3 0 0" >>"$fstab"
    mountpoint -q "$2" || mount --fstab "$fstab" "$2"
}
mounted "$drop" "$jail/$account/drop" bind,nodev,nosuid,noexec
mounted "$root/outbox/$code" "$jail/$account/answers" bind,ro,nodev,nosuid,noexec
echo "$account may send returns of $code"
