"""Who wrote a package, and that nobody changed it since: Ed25519 over its content, inside the file.

```yaml
signature:
  signer: Acme           # how the organisation called itself; only the key counts
  key: <public key, base64>
  value: <signature, base64>
```

The signature is over the data, not the bytes: another indentation is no tampering, another word is.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.people import audit
from scenarios.exchange.models import SigningKey, TrustedKey
from tenants.context import current_organization
from tenants.encryption import decrypt, encrypt
from tenants.errors import InvalidInput

from .reading import place
from .refusals import PackageRefused

FIELDS = {"signer", "key", "value"}


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that fits. `trusted`: the name under which this organisation knows the key, "" where it does not."""

    signer: str
    key: str
    trusted: str


def own_key() -> SigningKey:
    """The organisation's key, made when it is first needed."""
    found = SigningKey.objects.filter(pk=1).first()
    if found is None:
        private = Ed25519PrivateKey.generate()
        values = {"public": _encoded(private.public_key().public_bytes_raw())}
        values["secret"] = encrypt(_encoded(private.private_bytes_raw()))
        found, _made = SigningKey.objects.get_or_create(pk=1, defaults=values)
    return found


def signed(package: Mapping[str, Any]) -> dict[str, Any]:
    """The package with the signature of the organisation at hand."""
    key = own_key()
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(decrypt(key.secret)))
    value = _encoded(private.sign(_canonical(package)))
    return {**package, "signature": {"signer": current_organization().name, "key": key.public, "value": value}}


def verified(package: Mapping[str, Any]) -> Signature | None:
    """Whose signature a package carries; None where it has none. Raises `PackageRefused` where it does not fit."""
    signature = package.get("signature")
    if signature is None:
        return None
    where = place(package, "signature")
    if not isinstance(signature, Mapping) or set(signature) != FIELDS:
        raise PackageRefused([where + _("A signature has signer, key and value.")])
    texts = {name: str(signature[name]) for name in FIELDS}
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(texts["key"], validate=True))
        public.verify(base64.b64decode(texts["value"], validate=True), _canonical(package))
    except (InvalidSignature, ValueError, binascii.Error):
        problem = _("The signature does not fit: somebody changed this package after it was signed.")
        raise PackageRefused([where + problem]) from None
    if texts["key"] == SigningKey.objects.values_list("public", flat=True).first():
        trusted = current_organization().name
    else:
        trusted = TrustedKey.objects.filter(public=texts["key"]).values_list("name", flat=True).first() or ""
    return Signature(texts["signer"][:120], texts["key"], trusted)


def refuse_unsigned(package: Mapping[str, Any]) -> Signature:
    """The signature of somebody trusted. Raises `PackageRefused` for any other package."""
    signature = verified(package)
    if signature is None or not signature.trusted:
        problem = _("This package is not signed by anybody whom this organisation trusts.")
        raise PackageRefused([place(package, "signature") + problem])
    return signature


@transaction.atomic
def trust(*, name: str, public: str, actor: Any) -> TrustedKey:
    """Believe packages signed with this key. Raises `InvalidInput` for what is no key."""
    public, name = public.strip(), " ".join(name.split())
    refuse_no_key(public)
    if not name:
        raise InvalidInput(_("Say whose key it is."), details={"field": "name"})
    key, _made = TrustedKey.objects.update_or_create(
        public=public, defaults={"name": name[:120], "added_by": actor if actor and actor.pk else None}
    )
    audit.record(actor, "content_key.trusted", key, name=key.name)
    return key


def refuse_no_key(public: str) -> None:
    """Raises `InvalidInput` for what is no public key."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
    except (ValueError, binascii.Error):
        message = _("This is no public key: 44 letters as “content keys” shows them.")
        raise InvalidInput(message, details={"field": "public"}) from None


def _canonical(package: Mapping[str, Any]) -> bytes:
    data = {name: value for name, value in package.items() if name != "signature"}
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return b"parley-content\n" + text.encode()


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
