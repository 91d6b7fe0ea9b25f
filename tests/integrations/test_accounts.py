"""An organisation's own keys: sealed in the database, shown to nobody, asked of the vendor when they are saved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.people.models import AuditEvent
from config.runtime.places import ROOT
from integrations import accounts, resilience, vendors
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.inbound.redaction import redacted
from integrations.models import InboundEvent, VendorAccount
from integrations.vendor_names import knows_option
from integrations.vendors import VendorKeys, keys_of
from integrations.voice.routing import candidates
from tenants.models import Organization
from tests.cast import Cast

KEY = "sk-live-Xyzzy-0123456789abcdef"
SECRET = "whsec-Plugh-0123456789abcdef"
OLDER = "whsec-older-fedcba9876543210"
LIST = "/org/acme/admin/integrations/vendoraccount/"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[VendorKeys]:
    """The vendor, who agrees with everything; what it was asked."""
    seen: list[VendorKeys] = []
    monkeypatch.setattr(accounts, "check", seen.append)
    return seen


def documented_options(vendor: str) -> list[str]:
    """The names in the table of a vendor's options on the page about voices."""
    page = (ROOT / "docs" / "voices.md").read_text().partition(f"## {vendor}\n")[2].partition("\n## ")[0]
    table = page.partition("| option | for |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)]


def test_every_option_that_is_documented_can_be_set() -> None:
    named = documented_options("Vapi")
    assert {"listen", "listen_rate", "phone_number_id"} <= set(named)
    assert [name for name in named if not knows_option("vapi", name)] == []


def save(actor: Any, vendor: str = "elevenlabs", **changes: Any) -> VendorAccount:
    given: dict[str, Any] = {
        "api_key": KEY,
        "webhook_secret": SECRET,
        "options": {"agent_id": "agent_1"},
        "checked": True,
    }
    return accounts.save(vendor=vendor, actor=actor, **(given | changes))


def form(**changes: str) -> dict[str, str]:
    return {
        "vendor": "elevenlabs",
        "api_key": KEY,
        "webhook_secret": SECRET,
        "options_text": "agent_id = agent_1",
        **changes,
    }


class TestKeysOf:
    def test_the_organisations_own_win_and_are_whole(self, in_acme: Cast) -> None:
        with override_settings(
            VENDOR_KEYS={"elevenlabs": "platform"},
            VENDOR_WEBHOOK_SECRETS={"elevenlabs": "platform-secret"},
            VENDOR_OPTIONS={"elevenlabs": {"agent_id": "platform-agent"}},
            VENDOR_BASE_URLS={"elevenlabs": "http://stand-in"},
        ):
            assert keys_of("elevenlabs").api_key == "platform"
            save(in_acme.cy, webhook_secret="", options={})
            keys = keys_of("elevenlabs")
        assert (keys.api_key, keys.own, keys.account) == (KEY, True, "org_acme")
        assert keys.webhook_secrets == ()  # never somebody else's
        assert keys.options == {}
        assert keys.base_url == "http://stand-in"

    def test_another_organisation_has_none_of_it(self, in_acme: Cast) -> None:
        save(in_acme.cy)
        with schema_context("org_globex"):
            assert keys_of("elevenlabs") == VendorKeys("elevenlabs", options={"agent_id": ""})
        connection.set_schema_to_public()
        assert not keys_of("elevenlabs").own

    def test_it_is_sealed_in_the_database(self, in_acme: Cast) -> None:
        save(in_acme.cy)
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_jsonb(a)::text FROM integrations_vendoraccount a")
            stored = cursor.fetchone()[0]
        assert KEY not in stored
        assert SECRET not in stored
        assert "cdef" in stored

    def test_a_key_that_cannot_be_opened_any_more_is_no_key(self, in_acme: Cast) -> None:
        save(in_acme.cy)
        with override_settings(SECRET_KEY="another secret key, as after a careless change of it"):
            keys = keys_of("elevenlabs")
        assert (keys.usable, keys.own, keys.webhook_secrets) == (False, True, ())

    def test_it_says_nothing_about_itself(self, in_acme: Cast) -> None:
        save(in_acme.cy, options={"public_key": "pk-visible"})
        shown = repr(keys_of("elevenlabs"))
        assert not any(word in shown for word in (KEY, SECRET, "pk-visible"))

    def test_many_in_one_query(self, in_acme: Cast, django_assert_num_queries: Any) -> None:
        save(in_acme.cy)
        with django_assert_num_queries(1):
            vendors.keys_of_all(["elevenlabs", "vapi", "openai"])

    def test_it_makes_its_vendor_a_candidate_here_only(self, in_acme: Cast) -> None:
        assert candidates(in_acme.acme) == ["embedded"]
        save(in_acme.cy)
        assert candidates(in_acme.acme) == ["elevenlabs", "embedded"]
        with schema_context("org_globex"):
            assert candidates(in_acme.globex) == ["embedded"]


class TestRotation:
    def test_both_secrets_are_good_for_two_days(self, in_acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        save(in_acme.cy, webhook_secret=OLDER)
        account = save(in_acme.cy, api_key="")
        assert keys_of("elevenlabs").webhook_secrets == (SECRET, OLDER)
        assert keys_of("elevenlabs").api_key == KEY
        VendorAccount.objects.filter(pk=account.pk).update(old_secret_until=timezone.now() - timedelta(seconds=1))
        assert keys_of("elevenlabs").webhook_secrets == (SECRET,)

    def test_the_old_one_can_be_ended_at_once(self, in_acme: Cast) -> None:
        save(in_acme.cy, webhook_secret=OLDER)
        account = save(in_acme.cy)
        accounts.end_old_secret(account=account, actor=in_acme.cy)
        assert keys_of("elevenlabs").webhook_secrets == (SECRET,)


class TestTheAdmin:
    def test_an_account_is_added_and_never_shown(
        self, cast: Cast, cy_client: Client, asked: list[VendorKeys], caplog: pytest.LogCaptureFixture
    ) -> None:
        added = cy_client.post(LIST + "add/", form(), follow=True)
        assert added.status_code == 200
        assert [(keys.api_key, dict(keys.options)) for keys in asked] == [(KEY, {"agent_id": "agent_1"})]
        with schema_context("org_acme"):
            account = VendorAccount.objects.get()
            trail = json.dumps([[event.action, event.data] for event in AuditEvent.objects.all()])
        page = cy_client.get(f"{LIST}{account.pk}/change/").content.decode()
        assert "set · ends in …cdef" in page
        assert "/org/acme/api/webhooks/elevenlabs/" in page
        everything = added.content.decode() + page + cy_client.get(LIST).content.decode() + trail + caplog.text
        assert KEY not in everything
        assert SECRET not in everything
        assert "vendor_account.added" in trail

    def test_leaving_the_boxes_empty_keeps_what_is_set(self, cast: Cast, cy_client: Client, asked: list[Any]) -> None:
        cy_client.post(LIST + "add/", form())
        with schema_context("org_acme"):
            account = VendorAccount.objects.get()
        changed = form(api_key="", webhook_secret="", options_text="agent_id = agent_2\nvoice_ada = v1")
        cy_client.post(f"{LIST}{account.pk}/change/", changed)
        with schema_context("org_acme"):
            keys = keys_of("elevenlabs")
        assert (keys.api_key, keys.webhook_secrets) == (KEY, (SECRET,))
        assert keys.options == {"agent_id": "agent_2", "voice_ada": "v1"}
        assert asked[-1].api_key == KEY

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (ProviderRefused("the key was refused", provider="elevenlabs", status=401), "does not take this key"),
            (ProviderRefused("the agent is not known", provider="elevenlabs", status=404), "the agent is not known"),
            (
                ProviderUnavailable("answered 503", provider="elevenlabs", status=503),
                "could not be asked (answered 503)",
            ),
        ],
    )
    def test_a_key_that_the_vendor_refuses_is_not_saved(
        self, cast: Cast, cy_client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
    ) -> None:
        def refuse(keys: VendorKeys) -> None:
            raise error

        monkeypatch.setattr(accounts, "check", refuse)
        answer = cy_client.post(LIST + "add/", form())
        assert answer.status_code == 200
        assert said in answer.content.decode()
        assert KEY not in answer.content.decode()
        with schema_context("org_acme"):
            assert not VendorAccount.objects.exists()
        assert cy_client.post(LIST + "add/", form(unchecked="on")).status_code == 302
        with schema_context("org_acme"):
            assert VendorAccount.objects.get().checked_at is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"api_key": ""},
            {"api_key": "two words"},
            {"api_key": "ключ-не-ascii"},
            {"vendor": "somebody"},
            {"options_text": "no sign"},
            {"options_text": "unheard_of = 1"},
            {"options_text": "voice_ = x"},
            {"options_text": "agent_id = " + "x" * 400},
            {"vendor": "groq", "options_text": ""},
            {"vendor": "vapi", "options_text": "webhook_auth = nonsense"},
            {"vendor": "vapi", "options_text": "hmac_algorithm = md5"},
        ],
    )
    def test_what_makes_no_sense_is_said(
        self, cast: Cast, cy_client: Client, asked: list[Any], changes: dict[str, str]
    ) -> None:
        answer = cy_client.post(LIST + "add/", form(**changes))
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode() or "text-red" in answer.content.decode()
        assert asked == []
        with schema_context("org_acme"):
            assert not VendorAccount.objects.exists()

    @pytest.mark.parametrize("who", ["ada", "bo"])
    def test_others_do_not_get_in(self, cast: Cast, who: str) -> None:
        from tests.conftest import signed_in

        client = signed_in(getattr(cast, who))
        assert client.get(LIST).status_code in {302, 403}
        assert client.post(LIST + "add/", form()).status_code in {302, 403}
        with schema_context("org_acme"):
            assert not VendorAccount.objects.exists()

    def test_removing_it_is_audited(self, cast: Cast, cy_client: Client, asked: list[Any]) -> None:
        cy_client.post(LIST + "add/", form())
        with schema_context("org_acme"):
            account = VendorAccount.objects.get()
        cy_client.post(f"{LIST}{account.pk}/delete/", {"post": "yes"})
        with schema_context("org_acme"):
            assert not VendorAccount.objects.exists()
            assert AuditEvent.objects.filter(action="vendor_account.removed").exists()


@pytest.fixture
def broken(settings: Any) -> Iterator[str]:
    """A vendor whose breaker is this test's own."""
    settings.BREAKER_URL = ""
    resilience.breakers.cache_clear()
    yield "openai"
    resilience.breakers.cache_clear()


class TestTheVoicePolicy:
    LIST = "/org/acme/admin/integrations/voicepolicy/"

    def post(self, client: Client, cast: Cast, **changes: Any) -> Any:
        return client.post(f"{self.LIST}{cast.acme.pk}/change/", {"voice_failover": "on", **changes})

    def test_plain_choices_become_the_policy(self, cast: Cast, cy_client: Client) -> None:
        page = cy_client.get(self.LIST, follow=True)
        assert page.status_code == 200
        answer = self.post(
            cy_client, cast, voice_1="vapi", voice_2="embedded", allowed=["vapi", "embedded"], phone_calls_allowed="on"
        )
        assert answer.status_code == 302
        acme = Organization.objects.get(pk=cast.acme.pk)
        assert (acme.voice_providers, acme.allowed_ai_providers) == (["vapi", "embedded"], ["vapi", "embedded"])
        assert (acme.voice_failover, acme.phone_calls_allowed, acme.voice_direct) == (True, True, False)
        with schema_context("org_acme"):
            event = AuditEvent.objects.get(action="voice_policy.changed")
        assert "voice_1" in event.data["fields"]

    def test_a_chosen_service_that_is_not_asked_is_told(
        self, cast: Cast, cy_client: Client, settings: Any, broken: str
    ) -> None:
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "vapi": "", broken: "a-key"}
        self.post(cy_client, cast, voice_1=broken, voice_2="vapi", voice_3="embedded")
        page = cy_client.get(self.LIST, follow=True).content.decode()
        assert "No key is set for Vapi" in page
        assert "in a row and rests for another" not in page
        assert page.count("No key is set for") == 1
        for _ in range(resilience.BREAKER_THRESHOLD):
            resilience.count_failure(broken, ProviderUnavailable("away", provider=broken))
        page = cy_client.get(self.LIST, follow=True).content.decode()
        assert "OpenAI failed several times in a row and rests for another" in page

    @pytest.mark.parametrize(
        "changes",
        [
            {"voice_1": "vapi", "voice_2": "vapi"},
            {"voice_1": "vapi", "allowed": ["embedded"]},
            {"allowed": ["groq"]},
            {"voice_1": "somebody"},
        ],
    )
    def test_a_policy_that_cannot_work_is_refused(self, cast: Cast, cy_client: Client, changes: dict[str, Any]) -> None:
        assert self.post(cy_client, cast, **changes).status_code == 200
        assert Organization.objects.get(pk=cast.acme.pk).voice_providers == []

    def test_nobody_changes_another_organisations(self, cast: Cast, cy_client: Client) -> None:
        answer = cy_client.post(f"{self.LIST}{cast.globex.pk}/change/", {"voice_1": "vapi"})
        assert answer.status_code in {302, 404}
        assert Organization.objects.get(pk=cast.globex.pk).voice_providers == []


class TestReceivedEvents:
    LIST = "/org/acme/admin/integrations/inboundevent/"
    PAYLOAD = {
        "type": "end-of-call-report",
        "call": {"id": "call_1", "customer": {"number": "+34600111222"}},
        "artifact": {"messages": [{"role": "user", "message": "My password is swordfish"}] * 30},
        "user_id": "Ada Lovelace",
        "cost": 0.2,
    }

    def test_contents_are_shown_without_what_was_said(self, cast: Cast, cy_client: Client) -> None:
        with schema_context("org_acme"):
            event = InboundEvent.objects.create(vendor="vapi", event_id="e1", kind="report", payload=self.PAYLOAD)
        page = cy_client.get(f"{self.LIST}{event.pk}/change/").content.decode()
        assert "call_1" in page
        assert "&#x27;waiting&#x27;" not in page  # the words, not the key that colours them
        for word in ("swordfish", "+34600111222", "Lovelace"):
            assert word not in page
        assert cy_client.get(self.LIST + "?state=waiting").status_code == 200

    def test_it_can_be_processed_again_and_discarded(self, cast: Cast, cy_client: Client) -> None:
        with schema_context("org_acme"):
            event = InboundEvent.objects.create(
                vendor="vapi", event_id="e1", kind="unheard", attempts=7, error="ValueError", next_attempt_at=None
            )
        action = {"_selected_action": [str(event.pk)]}
        cy_client.post(self.LIST, {"action": "process_again", **action})
        with schema_context("org_acme"):
            event.refresh_from_db()
            assert (event.state, event.outcome, event.error) == ("handled", "ignored", "")
            InboundEvent.objects.update(processed_at=None, next_attempt_at=None)
        cy_client.post(self.LIST, {"action": "discard", **action})
        with schema_context("org_acme"):
            event.refresh_from_db()
            assert event.state == "handled"
            assert event.outcome.startswith("discarded")
            actions = set(AuditEvent.objects.values_list("action", flat=True))
        assert {"inbound_event.replayed", "inbound_event.discarded"} <= actions

    def test_redaction_keeps_the_shape(self) -> None:
        shown = redacted(self.PAYLOAD)
        assert shown["type"] == "end-of-call-report"
        assert shown["cost"] == 0.2
        assert shown["user_id"] == "‹12 characters›"
        assert shown["artifact"]["messages"][0] == {"role": "user", "message": "‹24 characters›"}
        assert len(shown["artifact"]["messages"]) == 21
