#!/usr/bin/env bash
# Makes the secret of the Prefect server of a production root; safe to repeat: one that is there
# stays. Run as root, after deploy/users.sh.
#
# systemd reads it for the services; of the users, operators who look at the server's pages may
# (group sfp-operate). Reading it opens no folder of the root.
set -euo pipefail
secret=${SFP_SERVER_SECRET:-/etc/sfp/server.secret}

if [ -e "$secret" ]; then
    echo "server-secret: $secret is there and stays. To change it: rm it, and run this again" >&2
    exit 0
fi
umask 0077
draft=$(mktemp "$secret.XXXXXX")
trap 'rm -f "$draft"' EXIT
known="sfp:$(head --bytes=32 /dev/urandom | base64 --wrap=0 | tr '+/' '-_' | tr --delete '=')"
printf 'PREFECT_API_AUTH_STRING=%s\nPREFECT_SERVER_API_AUTH_STRING=%s\n' "$known" "$known" >"$draft"
chown root:sfp-operate "$draft"
chmod 0640 "$draft"
sync "$draft"
# Where this runs twice at once, the first secret stays.
ln "$draft" "$secret" 2>/dev/null || [ -e "$secret" ]
sync "$(dirname "$secret")"
