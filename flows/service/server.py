"""The Prefect server, started with what its own command leaves open closed.

`prefect server start` serves everyone when no secret is set, answers under any name, opens a
websocket to a page of any address before it asks for the secret, and its pages report their use to
another host. This one does none of these.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

import uvicorn
from prefect.settings import get_current_settings
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NAME = "127.0.0.1"
"""What a server on loopback is called by, through a tunnel as well. A page that has its own name
point here (DNS rebinding) calls it by that; "localhost" may be another process, on ::1."""
_MESSAGE_BYTES = 2 * 1024 * 1024
"""Longest message of a websocket, which is taken before the secret is asked for. An event is one
message, of 1.5 million bytes at most."""
_FIRST_HANDED = 3
"""Number of the first descriptor that systemd hands over (SD_LISTEN_FDS_START)."""
_SCHEMA_PAGES = ("/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json")
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; form-action 'self'"
)
"""A page of the server asks no other address for anything, and stands in no other page."""


class _OwnPages:
    """The application, closed to pages of other addresses, with its own kept to this one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and _is_foreign(Headers(scope=scope)):
            refusal = PlainTextResponse("Pages of another address are refused.", status_code=403)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, partial(_send_with_policy, send))


def _is_foreign(headers: Headers) -> bool:
    """Return whether a page of another address is asking; only browsers say who is."""
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


async def _send_with_policy(send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        MutableHeaders(scope=message)["Content-Security-Policy"] = _POLICY
    await send(message)


def _application() -> ASGIApp:
    """Return Prefect's application and pages behind what is closed here."""
    # Here, not above: it takes seconds, and a server without a secret is refused at once.
    from prefect.server.api.server import create_app

    app = create_app(final=True)
    # Anyone may ask for the schema, which holds the server up for seconds; with the secret it is
    # had below /api.
    mounts = [route for route in app.routes if isinstance(route, Mount)]
    gone = [Route(path, _not_here) for path in _SCHEMA_PAGES]
    # Before the mounts, as the mount of the pages has such routes too.
    app.router.routes = [*gone, *mounts]
    # Around it, not within: the server asks the application itself under a name of its own.
    return TrustedHostMiddleware(_OwnPages(app), allowed_hosts=[_NAME])


def _not_here(_request: Request) -> Response:
    return PlainTextResponse("Not found.", status_code=404)


def _ask_no_other_host() -> None:
    """Send what the server asks of other hosts to a port of this machine where nothing answers.

    It asks a code-hosting site for lists of blocks and workers, and then takes those it has itself.
    """
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    os.environ.update(proxies, no_proxy="127.0.0.1,localhost")


def _serve() -> None:
    """Serve until terminated, as the environment says; without a secret, nothing."""
    _ask_no_other_host()
    settings = get_current_settings()
    api = settings.server.api
    if api.auth_string is None or not api.auth_string.get_secret_value():
        sys.exit(
            "server: PREFECT_SERVER_API_AUTH_STRING is not set: anyone could set off runs. Use "
            "`sfp serve`, or the unit in deploy/systemd."
        )
    handed = _sockets(sys.argv[1:])
    config = uvicorn.Config(
        _application(),
        timeout_keep_alive=api.keepalive_timeout,
        ws_max_size=_MESSAGE_BYTES,
        ws_ping_interval=api.websocket_ping_interval,
        ws_ping_timeout=api.websocket_ping_timeout,
        log_level=settings.server.logging_level.lower(),
    )
    uvicorn.Server(config).run(sockets=handed)


def _sockets(numbers: Sequence[str]) -> list[socket.socket]:
    """Return the listening sockets handed over: by number (`sfp serve`), or as systemd does.

    The server opens none of its own: another user could take the port while it is started again,
    and be sent the secret.
    """
    handed = [int(number) for number in numbers] or _handed_by_systemd()
    if not handed:
        sys.exit(
            "server: no listening port was handed over: another user could take it while the "
            "server starts again. Use `sfp serve`, or `systemctl enable --now sfp-server.socket`."
        )
    return [socket.socket(fileno=number) for number in handed]


def _handed_by_systemd() -> Sequence[int]:
    """Return the numbers of what a socket unit handed to this process, as sd_listen_fds(3) says."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return ()
    return range(_FIRST_HANDED, _FIRST_HANDED + int(os.environ.get("LISTEN_FDS", "0")))


if __name__ == "__main__":
    _serve()
