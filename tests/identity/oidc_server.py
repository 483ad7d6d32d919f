"""A small real OpenID provider: code flow with PKCE, a key set, and faults on demand."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "cas-test", "rahasia:klien"


def _unsigned(claims: dict[str, Any]) -> str:
    """A token with `alg: none`."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


@dataclass
class Provider:
    """Who signs in next, how tokens are signed, and which claims come out wrong."""

    url: str = ""
    username: str = "sri"
    algorithm: str = "RS256"
    wrong: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    rsa: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "r", "use": "sig"})
    )
    ec: ECKey = field(
        default_factory=lambda: ECKey.generate_key("P-256", {"kid": "e", "use": "sig"})
    )

    def description(self) -> dict[str, Any]:
        issuer = f"{self.url}/other" if self.fault == "issuer" else self.url
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }

    def keys(self) -> dict[str, Any]:
        return KeySet([self.rsa, self.ec]).as_dict(private=False)  # type: ignore[return-value]  # a plain dict

    def authorize(self, asked: dict[str, str]) -> str:
        """The person agrees: back to the client with a code."""
        code = secrets.token_urlsafe(16)
        self.asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], 'code': code})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """An ID token for a code, once, to the client that asked for it."""
        asked = self.asked.pop(form["code"], None)
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        given = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        basic = base64.b64encode(f"{CLIENT_ID}:rahasia%3Aklien".encode()).decode()
        if (
            asked is None
            or given != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
            or authorization != f"Basic {basic}"
        ):
            return None
        return {"id_token": self.signed(self.claims(asked["nonce"])), "token_type": "Bearer"}

    def claims(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        true = {
            "iss": self.url, "aud": CLIENT_ID, "sub": "1", "iat": now, "exp": now + 300,
            "nonce": nonce, "preferred_username": self.username,
        }  # fmt: skip
        return {k: v for k, v in {**true, **self.wrong}.items() if v is not None}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "none":
            return _unsigned(claims)
        key: RSAKey | ECKey = self.ec if self.algorithm == "ES256" else self.rsa
        if self.fault == "unknown key":
            key = RSAKey.generate_key(2048, {"kid": "strange"})
        if self.fault == "forged":
            key = RSAKey.generate_key(2048, {"kid": "r"})
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key)


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.end_headers()
            elif parts.path == "/keys":
                self._say(provider.keys())
            else:
                self._say(provider.description())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: values[0] for key, values in parse_qs(body).items()}
            self._say(provider.token(form, self.headers.get("Authorization", "")))

        def _say(self, answer: dict[str, Any] | None) -> None:
            body = json.dumps(answer or {"error": "invalid_grant"}).encode()
            self.send_response(200 if answer else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    return Handler


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that listens while the block runs."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
