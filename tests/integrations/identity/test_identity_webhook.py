"""An identity service tells of its people: signed or refused, once whatever the order, and for one organisation only."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django_tenants.utils import schema_context
from standardwebhooks import Webhook

from accounts.erasure import erase_person
from accounts.models import Membership, User
from accounts.people.models import AuditEvent, IdentityLink, Invitation
from integrations.identity.people import person_of
from integrations.inbound import ledger
from integrations.models import InboundEvent
from tenants.models import Organization
from tests.cast import Cast

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PATH = "/org/acme/api/webhooks/identity/"
_ids = count(1)
_start = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def secret(settings: Any, cast: Cast) -> None:
    """The installation's service; Acme owns one domain of mail."""
    settings.VENDOR_WEBHOOK_SECRETS = {**settings.VENDOR_WEBHOOK_SECRETS, "identity": SECRET}
    Organization.objects.filter(pk=cast.acme.pk).update(email_domains=["acme.example"])


def person(external_id: str = "user_1", email: str = "new@acme.example", **extra: Any) -> dict[str, Any]:
    address = {"id": "a1", "email_address": email, "verification": {"status": "verified"}}
    return {"id": external_id, "email_addresses": [address], "primary_email_address_id": "a1", **extra}


def send(
    kind: str, data: dict[str, Any], *, at: int = 0, event_id: str = "", secret: str = SECRET, path: str = PATH
) -> Any:
    """Post a signed message written `at` minutes after the first."""
    written = int((_start + timedelta(minutes=at)).timestamp() * 1000)
    body = json.dumps({"type": kind, "data": data, "timestamp": written, "object": "event"})
    event_id = event_id or f"msg_{next(_ids)}"
    now = datetime.now(tz=UTC)
    headers = {
        "svix-id": event_id,
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": Webhook(secret).sign(event_id, now, body),
    }
    return Client().post(path, body, content_type="application/json", headers=headers)


def told(kind: str, data: dict[str, Any], **options: Any) -> str:
    """The same, handled; answers what became of it."""
    assert send(kind, data, **options).status_code == 200
    with schema_context("org_acme"):
        event = InboundEvent.objects.order_by("received_at").last()
        assert event is not None
        assert ledger.process(event_id=event.pk) == "handled", event.error
        event.refresh_from_db()
        return event.outcome


def member(email: str, slug: str = "acme") -> Membership | None:
    return Membership.objects.filter(user__email=email, organization__slug=slug).first()


@pytest.mark.parametrize("damage", ["header", "secret", "body", "stale", "scheme", "empty"])
def test_what_is_not_signed_is_refused(cast: Cast, damage: str) -> None:
    body = json.dumps({"type": "user.created", "data": person()})
    moment = datetime.now(tz=UTC) - timedelta(minutes=6 if damage == "stale" else 0)
    signature = Webhook("whsec_" + "A" * 32 if damage == "secret" else SECRET).sign("m1", moment, body)
    headers = {"svix-id": "m1", "svix-timestamp": str(int(moment.timestamp())), "svix-signature": signature}
    if damage == "header":
        del headers["svix-id"]
    if damage == "scheme":
        headers["svix-signature"] = signature.replace("v1,", "v2,")
    if damage == "empty":
        headers["svix-signature"] = "v1,"
    sent = body + " " if damage == "body" else body
    answer = Client().post(PATH, sent, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Invalid signature"
    with schema_context("org_acme"):
        assert not InboundEvent.objects.exists()


def test_two_signatures_of_which_the_second_is_right(cast: Cast) -> None:
    now = datetime.now(tz=UTC)
    body = json.dumps({"type": "user.created", "data": person()})
    both = f"v1,{'A' * 43}= {Webhook(SECRET).sign('m1', now, body)}"
    headers = {"webhook-id": "m1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": both}
    assert Client().post(PATH, body, content_type="application/json", headers=headers).status_code == 200


def test_nobody_signs_where_no_secret_is_set(cast: Cast, settings: Any) -> None:
    settings.VENDOR_WEBHOOK_SECRETS = {**settings.VENDOR_WEBHOOK_SECRETS, "identity": ""}
    assert send("user.created", person()).status_code == 400


@pytest.mark.parametrize("data", [{}, {"id": 7}, {"id": ""}, {"id": "x" * 201}])
def test_a_person_without_an_id_is_no_message(cast: Cast, data: dict[str, Any]) -> None:
    assert send("user.created", data).status_code == 400


def test_somebody_new_becomes_a_trainee_with_an_account_nobody_can_enter_yet(cast: Cast) -> None:
    assert told("user.created", person(first_name=" Nina ", last_name=None)) == "admitted"
    membership = member("new@acme.example")
    assert membership is not None
    assert (membership.role, membership.is_active, membership.user.full_name) == ("trainee", True, "Nina")
    assert not membership.user.has_usable_password()
    assert not EmailAddress.objects.filter(user=membership.user).exists()
    with schema_context("org_acme"):
        assert AuditEvent.objects.filter(action="membership.admitted").exists()


def test_the_same_message_twice_and_a_second_creation_change_nothing(cast: Cast) -> None:
    told("user.created", person(), event_id="m1")
    assert send("user.created", person(), event_id="m1").json() == {"received": True, "duplicate": True}
    told("user.created", person())
    assert User.objects.filter(email="new@acme.example").count() == 1


def test_an_address_elsewhere_is_invited_once(cast: Cast) -> None:
    assert told("user.created", person(email="stranger@else.example")) == "invited"
    assert told("user.updated", person(email="stranger@else.example"), at=1) == "invited"
    assert not User.objects.filter(email="stranger@else.example").exists()
    with schema_context("org_acme"):
        assert Invitation.objects.get(email="stranger@else.example").role == "trainee"


def test_another_organisations_person_is_not_taken_over(cast: Cast) -> None:
    """Gil is Globex's. Acme's service says it knows him, renames him, deletes him: nothing of it reaches his account."""
    before = (cast.gil.full_name, cast.gil.email, cast.gil.is_active)
    assert told("user.created", person(email="gil@cast.test", first_name="Mallory")) == "invited"
    told("user.updated", person(email="gil@cast.test", first_name="Mallory"), at=1)
    told("user.deleted", {"id": "user_1", "deleted": True}, at=2)
    cast.gil.refresh_from_db()
    assert (cast.gil.full_name, cast.gil.email, cast.gil.is_active) == before
    assert member("gil@cast.test") is None
    home = member("gil@cast.test", "globex")
    assert home is not None
    assert home.is_active


def test_a_member_is_linked_and_not_renamed(cast: Cast) -> None:
    assert told("user.created", person(email="ada@cast.test", first_name="Other")) == "member"
    assert told("user.updated", person(email="x@acme.example", first_name="Other"), at=1) == "not ours to change"
    cast.ada.refresh_from_db()
    assert (cast.ada.full_name, cast.ada.email) == ("Ada", "ada@cast.test")


def test_an_account_of_its_own_is_renamed_until_somebody_else_shares_it(cast: Cast) -> None:
    told("user.created", person(first_name="Nina"))
    assert (
        told("user.updated", person(email="nina@acme.example", first_name="Nina", last_name="Ray"), at=1) == "updated"
    )
    user = User.objects.get(email="nina@acme.example")
    assert user.full_name == "Nina Ray"
    assert told("user.updated", person(email="boss@globex.example"), at=2) == "updated, address kept"
    assert told("user.updated", person(email="ada@cast.test"), at=3) == "updated, address kept"
    Membership.objects.create(organization=cast.globex, user=user)
    assert told("user.updated", person(email="n@acme.example", first_name="X"), at=4) == "not ours to change"


def test_an_unverified_address_waits_until_it_is(cast: Cast) -> None:
    data = person()
    data["email_addresses"][0]["verification"]["status"] = "unverified"
    assert told("user.created", data) == "address not verified"
    assert told("user.updated", person(), at=1) == "admitted"


def test_who_is_deleted_there_is_no_member_here(cast: Cast) -> None:
    told("user.created", person(email="val@cast.test"))
    assert told("user.deleted", {"id": "user_1", "deleted": True}, at=1) == "removed"
    here, there = member("val@cast.test"), member("val@cast.test", "globex")
    assert here is not None
    assert there is not None
    assert (here.is_active, there.is_active) == (False, True)


def test_old_messages_bring_nobody_back(cast: Cast) -> None:
    told("user.created", person(), at=1)
    told("user.deleted", {"id": "user_1"}, at=5)
    assert told("user.updated", person(), at=3) == "old news"
    assert told("user.updated", person(), at=6) == "gone"
    assert told("user.created", person(), at=7) == "admitted"


def test_a_deletion_that_overtakes_its_creation_wins(cast: Cast) -> None:
    assert told("user.deleted", {"id": "user_1"}, at=5) == "no member"
    assert told("user.created", person(), at=1) == "old news"
    assert member("new@acme.example") is None


def test_who_was_closed_by_an_admin_is_not_let_in_by_an_update(cast: Cast) -> None:
    told("user.created", person())
    Membership.objects.filter(user__email="new@acme.example").update(is_active=False)
    told("user.updated", person(first_name="Nina"), at=1)
    membership = member("new@acme.example")
    assert membership is not None
    assert not membership.is_active


def test_a_former_admin_comes_back_as_a_trainee(cast: Cast) -> None:
    told("user.created", person())
    Membership.objects.filter(user__email="new@acme.example").update(role="admin")
    told("user.deleted", {"id": "user_1"}, at=1)
    told("user.created", person(), at=2)
    membership = member("new@acme.example")
    assert membership is not None
    assert (membership.role, membership.is_active) == ("trainee", True)


def test_the_last_owner_stays(cast: Cast) -> None:
    told("user.created", person(email="dee@cast.test"))
    assert told("user.deleted", {"id": "user_1"}, at=1) == "kept: the last owner"


def test_an_invitation_goes_with_its_person(cast: Cast) -> None:
    told("user.created", person(email="stranger@else.example"))
    told("user.deleted", {"id": "user_1"}, at=1)
    with schema_context("org_acme"):
        assert Invitation.objects.get(email="stranger@else.example").revoked_at is not None


def test_who_was_erased_is_forgotten_in_the_ledger_too(cast: Cast) -> None:
    told("user.created", person(email="ada@cast.test"))
    with schema_context("org_acme"):
        erase_person(user=cast.ada, organization=cast.acme, confirm="ada@cast.test")
        assert not InboundEvent.objects.filter(conversation_id="user_1").exists()
        assert IdentityLink.objects.get(external_id="user_1").user is None
    assert told("user.updated", person(email="ada@cast.test"), at=1) == "old news"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"first_name": " Ada ", "last_name": "L"}, "Ada L"),
        ({"first_name": None, "last_name": "L"}, "L"),
        ({"first_name": 7, "full_name": "Ada L"}, "Ada L"),
        ({}, ""),
    ],
)
def test_names_are_composed(data: dict[str, Any], name: str) -> None:
    assert person_of({"data": {"id": "1", **data}}).full_name == name
