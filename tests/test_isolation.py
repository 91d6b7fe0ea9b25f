"""No organisation sees another's. A table of every address, socket and task; what nobody listed here fails.

Acme's things carry a marker in every text. Gil (a trainee of Globex) asks Acme's addresses; Hana (an admin of Globex, the
most that can be had there) asks Globex's addresses for Acme's ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Membership
from accounts.people import invitations
from accounts.people.models import ApiToken, DataExport, Team
from calls.routing import routes
from config.celery import app as celery_app
from config.source_urls import CALL
from tenants.tasks import TaskWithoutOrganization, TenantTask
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import make_persona_version, make_rubric_version, make_scenario_version, make_scored_call

MARKER = "Zanzibar-7f3a"

# Every address of an organisation, and whose id stands in it. "": none. Those of the admin are walked below.
ADDRESSES: dict[str, str] = {
    "api/v1/schema/": "",
    "api/v1/docs/": "",
    "api/v1/auth/token/": "",
    "api/v1/auth/tokens/": "",
    "api/v1/auth/tokens/<uuid:token_id>/": "token",
    "api/v1/user/profile/": "",
    "api/v1/user/onboarding/": "",
    "api/v1/user/consents/": "",
    "api/v1/user/export/": "",
    "api/v1/user/export/<uuid:export_id>/": "export",
    "api/v1/user/delete/": "",
    "api/v1/user/progress/": "",
    "api/v1/members/": "",
    "api/v1/members/<uuid:member_id>/": "member",
    "api/v1/invitations/": "",
    "api/v1/invitations/<uuid:invitation_id>/": "invitation",
    "api/v1/teams/": "",
    "api/v1/teams/<uuid:team_id>/": "team",
    "api/v1/teams/<uuid:team_id>/members/": "team",
    "api/v1/teams/<uuid:team_id>/members/<uuid:user_id>/": "team user",
    "api/v1/personas/": "",
    "api/v1/personas/<uuid:pk>/": "persona",
    "api/v1/personas/<uuid:pk>/publish/": "persona",
    "api/v1/rubrics/": "",
    "api/v1/rubrics/<uuid:pk>/": "rubric",
    "api/v1/rubrics/<uuid:pk>/publish/": "rubric",
    "api/v1/scenarios/": "",
    "api/v1/scenarios/<uuid:pk>/": "scenario",
    "api/v1/scenarios/<uuid:pk>/publish/": "scenario",
    "api/v1/calls/": "",
    "api/v1/calls/<uuid:call_id>/": "call",
    "api/v1/calls/<uuid:call_id>/start/": "call",
    "api/v1/calls/<uuid:call_id>/end/": "call",
    "api/v1/calls/<uuid:call_id>/transcript/": "call",
    "api/v1/calls/<uuid:call_id>/events/": "call",
    "api/v1/calls/<uuid:call_id>/fork/": "call",
    "api/v1/calls/<uuid:call_id>/submit/": "call",
    "api/v1/calls/<uuid:call_id>/recording/": "call",
    "api/v1/calls/<uuid:call_id>/phone/": "call",
    "api/v1/calls/<uuid:call_id>/web-call/": "call",
    "api/v1/calls/<uuid:call_id>/speak/": "call",
    "api/v1/stt/": "",
    "api/v1/calls/<uuid:call_id>/score/": "call",
    "api/v1/calls/<uuid:call_id>/analyze/": "call",
    "api/v1/(?P<rest>.*)": "rest",
    "api/v1/calls/<uuid:call_id>/stream/": "call",
    "transcripts/<uuid:call_id>/transcript.<str:extension>": "call extension",
    "^api/user/profile/?$": "",
    "^api/user/onboarding/?$": "",
    "^api/user/progress/?$": "",
    "^api/user/export/?$": "",
    "^api/user/delete/?$": "",
    "^api/personas/?$": "",
    "^api/calls/?$": "",
    "^api/calls/start/?$": "",
    rf"^api/calls/{CALL}/?$": "call",
    rf"^api/calls/{CALL}/end/?$": "call",
    rf"^api/calls/{CALL}/transcript/?$": "call",
    rf"^api/calls/{CALL}/score/?$": "call",
    "^api/session/?$": "",
    rf"^api/session/{CALL}/end/?$": "call",
    rf"^api/session/{CALL}/speak/?$": "call",
    "^api/stt/?$": "",
    rf"^api/session/{CALL}/analyze/?$": "call",
    rf"^api/analyze/{CALL}/stream/?$": "call",
    "^configuracion/?$": "",
    rf"^simulacion/{CALL}/?$": "call",
    "join/<str:secret>/": "secret",
    "welcome/": "",
    "welcome/<int:step>/": "step",
    "profile/": "",
    "profile/consent/": "",
    "profile/tokens/": "",
    "profile/tokens/<uuid:token_id>/revoke/": "token",
    "profile/export/": "",
    "profile/export/<uuid:export_id>/my-data.zip": "export",
    "profile/leave/": "",
    "people/": "",
    "people/invite/": "",
    "people/invitations/<uuid:invitation_id>/": "invitation",
    "people/<uuid:member_id>/": "member",
    "people/teams/": "",
    "people/teams/<uuid:team_id>/": "team",
    "people/teams/<uuid:team_id>/seats/": "team",
    "people/teams/<uuid:team_id>/delete/": "team",
    "practice/": "",
    "practice/<uuid:scenario_id>/": "scenario",
    "practice/<uuid:scenario_id>/phone/": "scenario",
    "calls/<uuid:call_id>/phone/": "call",
    "calls/<uuid:call_id>/phone/end/": "call",
    "calls/<uuid:call_id>/": "call",
    "practice/policy/": "",
    "live/": "",
    "live/count/": "",
    "calls/<uuid:call_id>/observe/": "call",
    "calls/<uuid:call_id>/redo/": "call",
    "calls/<uuid:call_id>/submit/": "call",
    "calls/<uuid:call_id>/attempt/": "call",
    "calls/<uuid:call_id>/replay/": "call",
    "calls/<uuid:call_id>/debrief/": "call",
    "calls/<uuid:call_id>/debrief/body/": "call",
    "calls/<uuid:call_id>/compare/": "call",
    "recordings/<uuid:call_id>/audio.mp3": "call",
    "resultado/<uuid:call_id>/": "call",
    "^api/webhooks/(?P<vendor>[a-z_]{1,20})/?$": "vendor",
    "^api/vapi/webhook/?$": "vendor",
    "^api/vapi/tools/knowledge-base/?$": "vendor",
    "": "",
    "history/": "",
    "team/": "",
    "team/<uuid:user_id>/": "user",
}
# An invitation's secret is the key itself, and it opens only that invitation; it is tested with the invitations. Signing in
# by token says who is a member, so it answers everybody alike: 401.
# A vendor's signature is its key: tests/integrations/inbound, tests/calls/test_knowledge_tool.
OWN_KEY = {
    "join/<str:secret>/",
    "api/v1/auth/token/",
    "^api/webhooks/(?P<vendor>[a-z_]{1,20})/?$",
    "^api/vapi/webhook/?$",
    "^api/vapi/tools/knowledge-base/?$",
}
# Pages that have no organisation's rows in them, for any id.
NO_ROWS = {"rest", "step"}

WITH_IDS = sorted(route for route, words in ADDRESSES.items() if words and words not in NO_ROWS | {"secret", "vendor"})

SOCKETS = {
    "voice",
    "events",
    "listen",
    None,
}  # tests/calls/voice/test_isolation_of_sockets.py asks each; None is "nothing here"

PLATFORM_TASKS = {
    "calls.tasks.sweep_all",
    "scoring.tasks.sweep_all",
    "calls.tasks.reconcile_all",
    "integrations.tasks.sweep_all",
    "accounts.tasks.sweep_all",
}


def patterns(resolver: URLResolver | Any, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, path)
        elif isinstance(entry, URLPattern):
            yield path


ALL = sorted(set(patterns(get_resolver(settings.ORG_URLCONF))))
ADMIN = [path for path in ALL if path.startswith("admin/")]


def test_every_address_is_listed() -> None:
    assert sorted(set(ALL) - set(ADMIN)) == sorted(ADDRESSES), "list a new address in ADDRESSES"


def test_every_socket_is_listed() -> None:
    assert {route.name for route in routes} == SOCKETS


def test_every_task_is_an_organisations_or_the_platforms() -> None:
    celery_app.loader.import_default_modules()
    ours = {name: task for name, task in celery_app.tasks.items() if not name.startswith("celery.")}
    assert ours
    platform = {name for name, task in ours.items() if not isinstance(task, TenantTask)}
    assert platform == PLATFORM_TASKS, "a task of an organisation takes TenantTask as its base"


@pytest.fixture
def acme_ids(in_acme: Cast) -> dict[str, str]:
    """Things of Acme, by the word in the table."""
    persona = make_persona_version(name=f"Marta {MARKER}", company=f"{MARKER} Ltd")
    rubric = make_rubric_version()
    scenario = make_scenario_version(title=f"Call {MARKER}", persona_version=persona, rubric_version=rubric)
    call = make_scored_call(trainee=in_acme.ada, scenario_version=scenario, turns=True)
    call.turns.update(content=f"{MARKER} said")
    token, _secret = ApiToken.issue(user=in_acme.ada, name=MARKER)
    team = Team.objects.create(name=f"Team {MARKER}")
    invitation = invitations.invite(email=f"{MARKER.lower()}@new.test", role="trainee", actor=in_acme.cy)
    member = Membership.objects.get(organization=in_acme.acme, user=in_acme.ada)
    return {
        "token": str(token.pk),
        "member": str(member.pk),
        "invitation": str(invitation.pk),
        "export": str(DataExport.objects.create(user=in_acme.ada).pk),
        "team": str(team.pk),
        "user": str(in_acme.ada.pk),
        "persona": str(persona.persona_id),
        "rubric": str(rubric.rubric_id),
        "scenario": str(scenario.scenario_id),
        "call": str(call.pk),
        "step": "1",
        "extension": "txt",
        "rest": "no/such/thing/",
    }


def path_of(route: str, words: str, ids: dict[str, str]) -> str:
    path = route.replace(CALL, "<uuid:call_id>").removeprefix("^").removesuffix("/?$")
    for word in words.split():
        path = re.sub(r"<[^>]+>|\(\?P<rest>\.\*\)", ids[word], path, count=1)
    return path


METHODS = ("get", "post", "patch", "delete")


@pytest.mark.parametrize("route", sorted(set(ADDRESSES) - OWN_KEY))
def test_a_stranger_finds_nothing_at_another_organisations_address(
    route: str, acme_ids: dict[str, str], gil_client: Client
) -> None:
    path = "/org/acme/" + path_of(route, ADDRESSES[route], acme_ids)
    for method in METHODS:
        answer = getattr(gil_client, method)(path, content_type="application/json")
        assert answer.status_code == 404, (method, path)
        assert MARKER not in body_of(answer)


@pytest.mark.parametrize("route", sorted(set(ADDRESSES) - OWN_KEY))
def test_nobody_gets_in_without_signing_in(route: str, acme_ids: dict[str, str], client: Client) -> None:
    path = "/org/acme/" + path_of(route, ADDRESSES[route], acme_ids)
    answer = client.get(path)
    assert answer.status_code in {302, 401, 404}, path
    assert MARKER not in body_of(answer)


@pytest.mark.parametrize(
    "route",
    sorted(route for route, words in ADDRESSES.items() if words and words not in NO_ROWS | {"secret", "vendor"}),
)
def test_another_organisations_ids_are_unknown_here(route: str, acme_ids: dict[str, str], cast: Cast) -> None:
    """Hana may do everything in Globex, and still nothing of Acme's is there."""
    hana = signed_in(cast.hana)
    path = "/org/globex/" + path_of(route, ADDRESSES[route], acme_ids)
    for method in METHODS:
        answer = getattr(hana, method)(path, content_type="application/json")
        # 405: not even asked. 400: the body was wrong before any row was looked for.
        assert answer.status_code in {404, 405, 400}, (method, path, answer.status_code)
        assert MARKER not in body_of(answer)


@pytest.mark.parametrize("route", sorted(route for route, words in ADDRESSES.items() if not words))
def test_lists_and_pages_show_nothing_of_another_organisation(route: str, acme_ids: dict[str, str], cast: Cast) -> None:
    hana = signed_in(cast.hana)
    answer = hana.get("/org/globex/" + path_of(route, "", acme_ids), follow=True)
    assert answer.status_code in {200, 405}, route
    assert MARKER not in body_of(answer)


@pytest.mark.parametrize("route", ADMIN)
def test_the_admin_is_for_the_organisations_own_authors(
    route: str, acme_ids: dict[str, str], gil_client: Client, ada_client: Client, cast: Cast
) -> None:
    filled = re.sub(r"<path:[^>]+>|<[^>]+>", acme_ids["scenario"], route)
    filled = re.sub(r"\(\?P<[^>]+>.*?\)\$?", "x", filled).removesuffix("$")
    assert gil_client.get("/org/acme/" + filled).status_code == 404
    trainee = ada_client.get("/org/acme/" + filled)
    assert trainee.status_code != 200 or "login" in route or "jsi18n" in route, filled
    assert MARKER not in body_of(trainee)
    hana = signed_in(cast.hana).get("/org/globex/" + filled, follow=True)
    assert MARKER not in body_of(hana)


def test_a_task_outside_of_an_organisation_is_refused(cast: Cast) -> None:
    celery_app.loader.import_default_modules()
    tasks = [task for task in celery_app.tasks.values() if isinstance(task, TenantTask)]
    assert tasks
    for task in tasks:
        with pytest.raises(TaskWithoutOrganization):
            task.apply_async(args=[str(uuid4())])


def body_of(answer: Any) -> str:
    if getattr(answer, "streaming", False):
        return b"".join(answer.streaming_content).decode(errors="replace")
    return answer.content.decode(errors="replace")
