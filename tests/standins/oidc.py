"""An identity provider that speaks OpenID Connect on loopback: discovery, token (with PKCE), userinfo."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt


class IdentityProvider:
    """Start with `with IdentityProvider(person) as provider:`; `person` is what userinfo answers."""

    def __init__(self, person: dict[str, Any]) -> None:
        self.person = person
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> IdentityProvider:
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def authorize(self, address: str) -> str:
        """What the person's browser does at the provider: consent, and go back to the application."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(self.url + "/authorize?")
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?code={code}&state={asked['state']}"

    def exchange(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The token for a code; None (a 400) where the code is unknown or its verifier is wrong."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None:
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        token = secrets.token_urlsafe(8)
        self.tokens.add(token)
        claims = {"iss": self.url, "aud": asked["client_id"], "exp": 4_102_444_800, **self.person}
        id_token = jwt.encode(claims, "x" * 32, algorithm="HS256")
        return {"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token}

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/openid-configuration":
                    self._answer(200, provider.discovery())
                elif self.path == "/userinfo":
                    known = self.headers.get("Authorization", "").removeprefix("Bearer ") in provider.tokens
                    self._answer(200 if known else 401, provider.person if known else {})
                else:
                    self._answer(404, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                token = provider.exchange(form) if self.path == "/token" else None
                self._answer(200 if token else 400, token or {"error": "invalid_grant"})

            def _answer(self, status: int, body: dict[str, Any]) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        return Handler
