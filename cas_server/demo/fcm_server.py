"""A small real server that speaks FCM HTTP v1 for tests and the demo: delivers, or fails as told.

    python -m cas_server.demo.fcm_server --folder FOLDER [--port PORT]

writes FOLDER/service-account.json and, once it listens, FOLDER/fcm.json {"url", "credentials"}, and
the same as one line on standard output.

    POST   /token                              access token for a signed assertion
    POST   /v1/projects/{p}/messages:send      as FCM
    GET    /inbox/{token}?after=N&wait_s=25    a phone's messages: long poll
    GET    /asked?after=N&wait_s=0             what was asked, and how it was answered
    POST   /control {behaviour, to?, times?, seconds?, sign_in?}   fail so; DELETE /control: be well
"""

import argparse
import asyncio
import contextlib
import functools
import json
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google.auth.exceptions
import google.auth.jwt
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cas_server.demo.fcm_answers import ANSWERS, UNAUTHENTICATED, Answer, Behaviour, fault, target
from cas_server.demo.fcm_post import Asked, Post, Rule

PROJECT = "cas-simulasi"
SCOPES = {
    "https://www.googleapis.com/auth/firebase.messaging",
    "https://www.googleapis.com/auth/cloud-platform",
}
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
LONGEST_WAIT_S = 60.0
WITH_RETRY_AFTER = (429, 503)


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    """One for each process: finding the primes takes longer than all the rest."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True)
class Account:
    """A throw-away service account: the JSON for the sender, the public key for this server."""

    service_account: dict[str, str]
    public_key: str

    @classmethod
    def made_for(cls, url: str, key: rsa.RSAPrivateKey) -> "Account":
        """A key whose holder asks this server, not Google, for access tokens."""
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        service_account = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": secrets.token_hex(20),
            "private_key": private.decode(),
            "client_email": f"cas@{PROJECT}.iam.gserviceaccount.com",
            "client_id": "100000000000000000000",
            "token_uri": f"{url}/token",
        }
        return cls(service_account, public.decode())


class FcmServer:
    """The routes, over a Post that tests may also use directly."""

    def __init__(self, url: str, key: rsa.RSAPrivateKey) -> None:
        self.url = url
        self.account = Account.made_for(url, key)
        self.post = Post()
        self._access_tokens: set[str] = set()
        self._stopping = asyncio.Event()
        self.app = Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/v1/projects/{project}/messages:send", self._send, methods=["POST"]),
                Route("/inbox/{to:path}", self._inbox, methods=["GET"]),
                Route("/asked", self._asked, methods=["GET"]),
                Route("/control", self._control, methods=["POST", "DELETE"]),
            ]
        )

    def revoke_access_tokens(self) -> None:
        """Every access token issued so far is worth nothing from now on."""
        self._access_tokens.clear()

    def stop_hanging(self) -> None:
        """Answer whoever was left hanging, because the server is about to stop."""
        self._stopping.set()

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        rule = self.post.sign_in_rule()
        self.post.note_sign_in(rule.behaviour)
        if refused := await self._misbehave(rule):
            return refused
        try:
            self._check_assertion(str(form.get("grant_type")), str(form.get("assertion")))
        except ValueError as error:
            return JSONResponse(
                {"error": "invalid_grant", "error_description": str(error)}, status_code=400
            )
        token = f"ya29.{secrets.token_urlsafe(48)}"
        self._access_tokens.add(token)
        return JSONResponse(
            {
                "access_token": token,
                "expires_in": self.post.token_seconds,
                "token_type": "Bearer",
            }
        )

    def _check_assertion(self, grant: str, assertion: str) -> None:
        if grant != GRANT:
            raise ValueError(f"grant_type is not {GRANT}")
        try:
            claims = google.auth.jwt.decode(  # type: ignore[no-untyped-call]  # it has none
                assertion,
                certs=self.account.public_key,
                # google-auth names Google as the audience wherever the account's token_uri points.
                audience=[f"{self.url}/token", GOOGLE_TOKEN_URI],
            )
        except google.auth.exceptions.GoogleAuthError as error:
            raise ValueError(f"Invalid JWT: {error}") from error
        if claims.get("iss") != self.account.service_account["client_email"]:
            raise ValueError("Invalid issuer.")
        if SCOPES.isdisjoint(str(claims.get("scope", "")).split()):
            raise ValueError("Invalid OAuth scope.")

    async def _send(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._access_tokens:
            return _answer(UNAUTHENTICATED)
        message = (await request.json()).get("message", {})
        if wrong := fault(message):
            return _answer(wrong)
        to = target(message) or ""
        rule = self.post.rule_for(to)
        asked = self.post.note(to, rule.behaviour, message)
        if refused := await self._misbehave(rule):
            return refused
        if rule.behaviour is not Behaviour.NEVER_DELIVERED:
            self.post.deliver(asked)
        project = request.path_params["project"]
        return JSONResponse({"name": f"projects/{project}/messages/{asked.number}"})

    async def _misbehave(self, rule: Rule) -> Response | None:
        """The answer of a failure; None when all goes well, perhaps after a while."""
        match rule.behaviour:
            case Behaviour.SLOW:
                await asyncio.sleep(rule.seconds)
            case Behaviour.HANG:
                await self._stopping.wait()
            case behaviour if behaviour in ANSWERS:
                return _answer(ANSWERS[behaviour], rule.seconds)
        return None

    async def _inbox(self, request: Request) -> Response:
        after, wait_s = _paging(request, default_wait_s=25.0)
        found = await self.post.fetch(request.path_params["to"], after, wait_s)
        return JSONResponse({"messages": [_shown(item) for item in found]})

    async def _asked(self, request: Request) -> Response:
        after, wait_s = _paging(request, default_wait_s=0.0)
        found = await self.post.asked.after(after, wait_s)
        return JSONResponse({"asked": [_shown(item) for item in found]})

    async def _control(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.post.forget_rules()
            return Response(status_code=204)
        told = await request.json()
        rule = Rule(Behaviour(told["behaviour"]), told.get("times"), told.get("seconds", 1))
        if told.get("sign_in"):
            self.post.sign_in_behave(rule)
        else:
            self.post.behave(rule, to=told.get("to"))
        return Response(status_code=204)


def _paging(request: Request, default_wait_s: float) -> tuple[int, float]:
    after = int(request.query_params.get("after", "0"))
    wait_s = float(request.query_params.get("wait_s", default_wait_s))
    return after, min(max(wait_s, 0.0), LONGEST_WAIT_S)


def _shown(item: Asked) -> dict[str, Any]:
    return {
        "number": item.number,
        "at": item.at.isoformat(),
        "to": item.to,
        "behaviour": item.behaviour,
        "message": item.message,
    }


def _answer(answer: Answer, retry_after_s: int = 1) -> Response:
    wait = {"Retry-After": str(retry_after_s)} if answer.status in WITH_RETRY_AFTER else {}
    if isinstance(answer.body, str):
        return Response(answer.body, answer.status, media_type="text/html", headers=wait)
    return JSONResponse(answer.body, answer.status, headers=wait)


class _Quiet(uvicorn.Server):
    """uvicorn that leaves signals to whoever runs the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(port: int = 0, key: rsa.RSAPrivateKey | None = None) -> AsyncIterator[FcmServer]:
    """Listen on this machine only, for as long as the block lasts."""
    # The protocol is named because asyncio turns Nagle's delay (40 ms an answer) off only then.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = FcmServer(url, key or _key())
        listener.listen(512)
        config = uvicorn.Config(
            server.app, lifespan="off", log_config=None, timeout_graceful_shutdown=1
        )
        http = _Quiet(config)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(http.serve(sockets=[listener]))
            try:
                yield server
            finally:
                server.stop_hanging()
                http.should_exit = True


def write_address(folder: Path, server: FcmServer) -> dict[str, str]:
    """Leave the service account and the address where the sender looks for them."""
    credentials = folder / "service-account.json"
    address = {"url": server.url, "credentials": str(credentials)}
    _write(credentials, server.account.service_account)
    _write(folder / "fcm.json", address)
    return address


def _write(path: Path, content: dict[str, str]) -> None:
    aside = path.with_suffix(".new")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    aside.replace(path)


def _earlier(folder: Path) -> tuple[int, rsa.RSAPrivateKey | None]:
    """Port and key of an earlier run in this folder: whoever was told of them need not be again."""
    try:
        address = json.loads((folder / "fcm.json").read_text())
        account = json.loads((folder / "service-account.json").read_text())
    except FileNotFoundError:
        return 0, None
    key = serialization.load_pem_private_key(account["private_key"].encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return int(address["url"].rsplit(":", 1)[1]), key


async def _serve(folder: Path, port: int) -> None:
    earlier_port, key = await asyncio.to_thread(_earlier, folder)
    async with serving(port or earlier_port, key) as server:
        address = await asyncio.to_thread(write_address, folder, server)
        sys.stdout.write(json.dumps(address) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A test server that speaks FCM HTTP v1.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(told.folder, told.port))


if __name__ == "__main__":
    main()
