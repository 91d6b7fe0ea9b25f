"""How the Vapi stand-in proves its messages, by the credential that was set up for them."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from typing import Any

# The credential as the vendor's pages make it: its defaults.
HMAC: dict[str, Any] = {
    "type": "hmac",
    "algorithm": "sha256",
    "signatureHeader": "x-signature",
    "timestampHeader": "x-timestamp",
    "includeTimestamp": True,
    "payloadFormat": "{timestamp}.{body}",
    "signatureEncoding": "hex",
    "signaturePrefix": "",
    "secretIsBase64": False,
}


def signed(body: bytes, secret: str, credential: dict[str, Any], *, at: int | None = None) -> dict[str, str]:
    """The headers with which the vendor proves a message, by its credential."""
    plan = {**HMAC, **credential}
    if plan["type"] == "bearer":
        prefix = "Bearer " if plan.get("bearerPrefixEnabled", True) else ""
        return {plan.get("headerName", "Authorization"): prefix + secret}
    stamp = str(int(time.time()) if at is None else at)
    message_id = f"msg_{secrets.token_hex(8)}"
    layout = plan["payloadFormat"] if plan["includeTimestamp"] else plan["payloadFormat"].replace("{timestamp}.", "")
    before, after = layout.split("{body}")
    values = {"{timestamp}": stamp, "{svix-id}": message_id, "{method}": "POST"}
    for name, value in values.items():
        before, after = before.replace(name, value), after.replace(name, value)
    key = base64.b64decode(secret) if plan["secretIsBase64"] else secret.encode()
    digest = hmac.new(key, before.encode() + body + after.encode(), plan["algorithm"])
    made = digest.hexdigest() if plan["signatureEncoding"] == "hex" else base64.b64encode(digest.digest()).decode()
    headers = {plan["signatureHeader"]: plan["signaturePrefix"] + made}
    if plan["includeTimestamp"]:
        headers[plan["timestampHeader"]] = stamp
    if "messageIdHeader" in plan:
        headers[plan["messageIdHeader"]] = message_id
    return headers
