"""What a Prefect server lets in without its secret: every route of its schema, and the websockets.

As a program it is run by another user of the machine, who knows the schema and not the secret:
`python -m tests.support.door ADDRESS SCHEMA`.
"""

import asyncio
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import httpx
import websockets

OPEN = {("GET", "/health"), ("GET", "/ready")}
"""Routes that answer anyone, and only that the server is there."""
SOCKETS = (
    "/events/in",
    "/events/out",
    "/logs/out",
    "/task_runs/subscriptions/scheduled",
    "/work_pools/any/workers/connect",
)
SOCKET = "/api/events/in"
WRONG = ("sfp", "sfp")


def routes(schema):
    """Return method and path of every operation, with any value where the path names one."""
    return [
        (method.upper(), re.sub(r"\{\w+\}", str(UUID(int=1)), path))
        for path, operations in schema["paths"].items()
        for method in operations
    ]


def let_in(address, schema):
    """Return the routes that answered, without a secret or with a wrong one, other than 401."""
    found = []
    with httpx.Client(base_url=f"{address}/api", timeout=60.0) as client:
        for method, path in routes(schema):
            for auth in (None, WRONG):
                answer = client.request(method, path, json={}, auth=auth)
                if answer.status_code != httpx.codes.UNAUTHORIZED and (method, path) not in OPEN:
                    found.append(f"{method} {path} {answer.status_code}")
    return found


def _run(answered):
    """Return what a coroutine does, also where a browser's own loop runs in this thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, answered).result()


def sockets_open(address, tokens, **options):
    """Return the websockets that take one of the tokens, with or without Prefect's protocol."""
    return _run(_sockets_open(address.replace("http", "ws", 1), tokens, options))


async def _sockets_open(address, tokens, options):
    tries = [(path, token, spoken) for path in SOCKETS for token in tokens for spoken in (1, 0)]
    answers = [await _greeted(f"{address}/api{path}", *rest, options) for path, *rest in tries]
    return {path for (path, *_), is_open in zip(tries, answers, strict=True) if is_open}


async def _greeted(address, token, spoken, options):
    """Return whether a websocket says or takes anything after it was sent a token."""
    protocols = ["prefect"] if spoken else None
    try:
        async with websockets.connect(
            address, subprotocols=protocols, proxy=None, open_timeout=60, **options
        ) as socket:
            await socket.send(json.dumps({"type": "auth", "token": token}))
            await asyncio.wait_for(socket.recv(), 5)
    except (websockets.ConnectionClosed, websockets.InvalidStatus):
        return False
    except TimeoutError:
        pass
    return True


def closed_with(address, message):
    """Return the code with which a websocket is closed after its first message."""
    return _run(_closed_with(f"{address.replace('http', 'ws', 1)}{SOCKET}", message))


async def _closed_with(address, message):
    async with websockets.connect(
        address, subprotocols=["prefect"], proxy=None, open_timeout=60
    ) as socket:
        await socket.send(message)
        await asyncio.wait_for(socket.wait_closed(), 60)
        return socket.close_code


if __name__ == "__main__":
    where, schema_file = sys.argv[1:]
    schema_known = json.loads(Path(schema_file).read_text())
    print(json.dumps(let_in(where, schema_known)))
    print(json.dumps(sorted(sockets_open(where, [None, "", "sfp:sfp", "é", 5]))))
