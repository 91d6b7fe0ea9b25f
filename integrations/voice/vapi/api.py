"""The vendor's REST interface with one account. Blocking, and safe from several threads.

Asked with httpx: the vendor's own Python client takes 6 s of processor time and 116 MB for these few requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from integrations.errors import (
    ProviderError,
    ProviderInvalidAnswer,
    ProviderNotConfigured,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
    from_status,
)
from integrations.vendors import VendorKeys
from integrations.voice.records import RecordedAudio

PROVIDER = "vapi"
BASE_URL = "https://api.vapi.ai"
SECONDS = 10.0
PIECE = 64 * 1024
# Both sides apart where there are two; the mixed one is always there when anything was recorded.
RECORDINGS = ("stereo-recording", "mono-recording")


@lru_cache(maxsize=64)
def _client(base_url: str, api_key: str) -> httpx.Client:
    """One per account, so that connections are kept open."""
    return httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {api_key}"}, timeout=SECONDS)


class VapiApi:
    """Raises `ProviderNotConfigured` without a key."""

    def __init__(self, keys: VendorKeys) -> None:
        if not keys.api_key:
            raise ProviderNotConfigured("no key is set", provider=PROVIDER)
        self._client = _client(keys.base_url or BASE_URL, keys.api_key)
        self._public_key = keys.options.get("public_key", "")

    def create_call(self, body: Mapping[str, Any], *, seconds: float = SECONDS) -> dict[str, Any]:
        """A call by websocket or telephone."""
        return self._asked("POST", "/call", body, seconds=seconds)

    def create_web_call(self, body: Mapping[str, Any], *, seconds: float = SECONDS) -> dict[str, Any]:
        """A call in a browser. It is made by us, so that what the buyer is told stays here."""
        return self._asked("POST", "/call/web", body, seconds=seconds)

    def call(self, call_id: str) -> dict[str, Any] | None:
        """What is known of a call; None for an id that is none of this account's."""
        try:
            return self._asked("GET", f"/call/{call_id}")
        except ProviderRefused as error:
            if error.status == 404:
                return None
            raise

    def check(self) -> None:
        """Raises a `ProviderError` when the key is not good."""
        self._request("GET", "/assistant", params={"limit": 1})

    def recording(self, call_id: str) -> RecordedAudio | None:
        """Recordings are private: the interface answers with a link that is good for a moment, and only here."""
        for name in RECORDINGS:
            try:
                answer = self._request("GET", f"/call/{call_id}/{name}")
            except ProviderRefused as error:
                if error.status == 404:
                    continue
                raise
            link = answer.headers.get("location", "")
            if answer.is_redirect and link:
                return _download(str(answer.url.join(link)))
            if answer.content:
                return RecordedAudio(answer.headers.get("content-type", "audio/wav"), iter((answer.content,)))
        return None

    def control(self, control_url: str, message: Mapping[str, Any]) -> None:
        """Tell a live call something. The address comes from the vendor and is a key to the call: never shown, never kept."""
        headers = {"Authorization": f"Bearer {self._public_key}"} if self._public_key else {}
        with _translated():
            # Not the account's client: this is another host, and the private key is not for it.
            answer = httpx.post(control_url, json=dict(message), headers=headers, timeout=SECONDS)
        _refuse(answer)

    def _asked(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, seconds: float = SECONDS
    ) -> dict[str, Any]:
        answer = self._request(method, path, json=None if body is None else dict(body), timeout=seconds)
        try:
            data = answer.json()
        except ValueError:
            data = None
        if not isinstance(data, dict) or not isinstance(data.get("id"), str):
            raise ProviderInvalidAnswer("the answer is no call", provider=PROVIDER)
        return data

    def _request(self, method: str, path: str, **asked: Any) -> httpx.Response:
        with _translated():
            answer = self._client.request(method, path, follow_redirects=False, **asked)
        _refuse(answer)
        return answer


class _translated:
    """The client's errors as ours. Their texts are not repeated: an address may be in them."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.TimeoutException):
            raise ProviderTimeout("no answer in time", provider=PROVIDER) from None
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
            raise ProviderUnavailable("not reachable", provider=PROVIDER) from None


def _refuse(answer: httpx.Response) -> None:
    """Raises the `ProviderError` of an answer that is none."""
    if answer.status_code < 400:
        return
    raise _error(answer)


def _error(answer: httpx.Response) -> ProviderError:
    status, reason = answer.status_code, _reason(answer).lower()
    if status == 400 and "concurrency" in reason:
        return ProviderRateLimited("too many calls at once", provider=PROVIDER, status=status)
    if status in (400, 402, 403) and any(word in reason for word in ("credit", "wallet", "subscription", "balance")):
        return QuotaExhausted("the account's credit is used up", provider=PROVIDER, status=status)
    if status == 404:
        return ProviderRefused("there is no such thing", provider=PROVIDER, status=status)
    return from_status(status, provider=PROVIDER, retry_after=_seconds(answer.headers.get("retry-after")))


def _reason(answer: httpx.Response) -> str:
    """`message` is a sentence or a list of them."""
    try:
        message = answer.json().get("message", "")
    except (ValueError, AttributeError):
        return ""
    return " ".join(map(str, message)) if isinstance(message, list) else str(message)


def _seconds(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None


def _download(link: str) -> RecordedAudio:
    """The link is the whole permission: no key goes with it."""
    if urlsplit(link).scheme not in ("http", "https"):
        raise ProviderInvalidAnswer("the recording's link is none", provider=PROVIDER)
    client = httpx.Client(timeout=SECONDS, follow_redirects=True)
    with _translated():
        answer = client.send(client.build_request("GET", link), stream=True)
    if answer.status_code >= 400:
        answer.close()
        client.close()
        raise ProviderUnavailable("the recording's link did not work", provider=PROVIDER, status=answer.status_code)
    return RecordedAudio(answer.headers.get("content-type", "audio/wav"), _pieces(client, answer))


def _pieces(client: httpx.Client, answer: httpx.Response) -> Iterator[bytes]:
    try:
        with _translated():
            yield from answer.iter_bytes(PIECE)
    finally:
        answer.close()
        client.close()
