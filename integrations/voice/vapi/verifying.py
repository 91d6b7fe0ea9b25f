"""How the vendor proves that a message is its own: by whatever its account's credential says.

Options of the account, all texts; what is not set is the vendor's default:

    webhook_auth             "hmac", "bearer" or "secret"; without it "hmac"
    secret_header            for "secret": the header that holds it (X-Vapi-Secret)
    hmac_algorithm           sha256, sha512 or sha1 (sha256)
    hmac_signature_header    (x-signature)
    hmac_timestamp_header    (x-timestamp)
    hmac_message_id_header   (webhook-id)
    hmac_prefix              before the signature, such as "sha256="
    hmac_encoding            hex or base64 (hex)
    hmac_include_timestamp   "false": no timestamp is signed
    hmac_payload_format      ({timestamp}.{body}) may hold {body}, {timestamp}, {method} and {svix-id}
    hmac_secret_is_base64    "true": the secret is decoded before use
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from integrations.inbound.base import Body, InboundRefused
from integrations.inbound.signatures import ALGORITHMS, any_equal, fresh, hmac_digests, secrets_of
from integrations.vendors import VendorKeys

SECRET_HEADER = "X-Vapi-Secret"  # noqa: S105  (a header's name)
STRATEGIES = ("hmac", "bearer", "secret")
TOLERANCE = 300  # seconds between the vendor's clock and ours
MILLISECOND_DIGITS = 13  # a time in milliseconds has them until the year 2286


def strategy_of(keys: VendorKeys) -> str:
    return keys.options.get("webhook_auth", "") or "hmac"


def verify(headers: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
    """Raises `InboundRefused`. No secret, no header or an unknown strategy is a refusal."""
    secrets_of(keys.webhook_secrets)
    given = {name.lower(): value for name, value in headers.items()}
    match strategy_of(keys):
        case "bearer":
            _verify_token(_bearer(given.get("authorization", "")), keys)
        case "secret":
            _verify_token(given.get((keys.options.get("secret_header") or SECRET_HEADER).lower(), ""), keys)
        case "hmac":
            _verify_hmac(given, body, keys)
        case _:
            raise InboundRefused("unknown_strategy")


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _verify_token(token: str, keys: VendorKeys) -> None:
    if not token:
        raise InboundRefused("no_header")
    if not any_equal([secret for secret in keys.webhook_secrets if secret], [token]):
        raise InboundRefused("mismatch")


def _verify_hmac(given: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
    options = keys.options
    signature = given.get((options.get("hmac_signature_header") or "x-signature").lower(), "").strip()
    if not signature:
        raise InboundRefused("no_header")
    prefix = options.get("hmac_prefix", "")
    # Several signatures may stand side by side while a secret is exchanged.
    offered = [part.removeprefix(prefix) for part in signature.split() if part.startswith(prefix)]
    algorithm = options.get("hmac_algorithm") or "sha256"
    if algorithm not in ALGORITHMS:
        raise InboundRefused("unknown_algorithm")
    before, after = _around_body(given, options)
    digests = hmac_digests(body, _signing_keys(keys), prefix=before, suffix=after, algorithm=algorithm)
    if (options.get("hmac_encoding") or "hex") == "base64":
        ours = [base64.b64encode(digest).decode() for digest in digests]
    else:
        ours = [digest.hex() for digest in digests]
    if not any_equal(ours, offered):
        raise InboundRefused("mismatch")


def _around_body(given: Mapping[str, str], options: Mapping[str, str]) -> tuple[bytes, bytes]:
    """What is signed before and after the body."""
    with_time = options.get("hmac_include_timestamp", "").lower() != "false"
    layout = options.get("hmac_payload_format") or ("{timestamp}.{body}" if with_time else "{body}")
    if layout.count("{body}") != 1 or "{url}" in layout:
        # The address the vendor signed is not always the one we see behind a proxy.
        raise InboundRefused("unknown_payload_format")
    values = {"{method}": "POST"}
    if "{timestamp}" in layout:
        stamp = given.get((options.get("hmac_timestamp_header") or "x-timestamp").lower(), "").strip()
        if not stamp:
            raise InboundRefused("no_timestamp")
        # The vendor does not say whether it sends seconds or milliseconds; either is signed as it stands.
        milliseconds = stamp.isascii() and stamp.isdigit() and len(stamp) == MILLISECOND_DIGITS
        fresh(stamp[:-3] if milliseconds else stamp, tolerance=TOLERANCE)
        values["{timestamp}"] = stamp
    if "{svix-id}" in layout:
        message_id = given.get((options.get("hmac_message_id_header") or "webhook-id").lower(), "")
        if not message_id:
            raise InboundRefused("no_header")
        values["{svix-id}"] = message_id
    before, _, after = layout.partition("{body}")
    for name, value in values.items():
        before, after = before.replace(name, value), after.replace(name, value)
    return before.encode(), after.encode()


def _signing_keys(keys: VendorKeys) -> list[bytes]:
    secrets = secrets_of(keys.webhook_secrets)
    if keys.options.get("hmac_secret_is_base64", "").lower() != "true":
        return secrets
    try:
        return [base64.b64decode(secret.removeprefix(b"whsec_"), validate=True) for secret in secrets]
    except (binascii.Error, ValueError):
        raise InboundRefused("no_secret") from None
