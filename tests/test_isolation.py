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
from accounts.notices.models import Notice
from accounts.people import invitations
from accounts.people.models import ApiToken, DataExport, Team
from calls.models import UploadRule
from calls.routing import routes
from coaching.coach.models import Conversation
from config.celery import app as celery_app
from config.source_urls import CALL
from scenarios.generation.models import Generation
from scoring import appeals, comments
from scoring.models import Rescoring, RubricImpact
from tenants.tasks import TaskWithoutOrganization, TenantTask
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import (
    make_goal,
    make_own_scenario,
    make_persona_version,
    make_rubric_version,
    make_scenario_version,
    make_scored_call,
    make_upload,
)
from tests.knowledge.rows import make_chunk
from tests.training import training_of

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
    "api/v1/invitations/sheet/": "",
    "api/v1/invitations/<uuid:invitation_id>/": "invitation",
    "api/v1/teams/": "",
    "api/v1/teams/<uuid:team_id>/": "team",
    "api/v1/teams/<uuid:team_id>/members/": "team",
    "api/v1/teams/<uuid:team_id>/members/<uuid:user_id>/": "team user",
    "api/v1/personas/": "",
    "api/v1/personas/generate/": "",
    "api/v1/rubrics/generate/": "",
    "api/v1/scenarios/generate/": "",
    "api/v1/generations/": "",
    "api/v1/generations/<uuid:pk>/": "generation",
    "api/v1/generations/<uuid:pk>/cancel/": "generation",
    "api/v1/generations/<uuid:pk>/accept/": "generation",
    "api/v1/personas/<uuid:pk>/": "persona",
    "api/v1/personas/<uuid:pk>/publish/": "persona",
    "api/v1/rubrics/": "",
    "api/v1/rubrics/<uuid:pk>/": "rubric",
    "api/v1/rubrics/<uuid:pk>/publish/": "rubric",
    "api/v1/rubrics/<uuid:pk>/suggestions/": "rubric",
    "api/v1/rubrics/<uuid:pk>/impact/": "rubric",
    "api/v1/rubrics/<uuid:pk>/impact/<uuid:impact_id>/": "rubric impact",
    "api/v1/rubrics/<uuid:pk>/rescore/": "rubric",
    "api/v1/rubrics/<uuid:pk>/rescore/<uuid:job_id>/": "rubric rescoring",
    "api/v1/scenarios/": "",
    "api/v1/scenarios/<uuid:pk>/": "scenario",
    "api/v1/scenarios/<uuid:pk>/publish/": "scenario",
    "api/v1/tracks/": "",
    "api/v1/tracks/<uuid:pk>/": "track",
    "api/v1/tracks/<uuid:pk>/publish/": "track",
    "api/v1/programs/": "",
    "api/v1/programs/shipped/": "",
    "api/v1/programs/shipped/<slug:key>/copy/": "shipped",
    "api/v1/programs/<uuid:pk>/": "program",
    "api/v1/programs/<uuid:pk>/publish/": "program",
    "api/v1/assignments/": "",
    "api/v1/assignments/sheet/": "",
    "api/v1/assignments/<uuid:pk>/": "assignment",
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
    "api/v1/knowledge/documents/": "",
    "api/v1/knowledge/documents/<uuid:document_id>/": "document",
    "api/v1/knowledge/search/": "",
    "api/v1/chat/": "",
    "api/v1/chat/conversations/": "",
    "api/v1/chat/conversations/<uuid:conversation_id>/": "conversation",
    "api/v1/uploads/": "",
    "api/v1/uploads/rules/": "",
    "api/v1/uploads/rules/<uuid:rule_id>/": "upload_rule",
    "api/v1/uploads/<uuid:upload_id>/": "upload",
    "api/v1/uploads/<uuid:upload_id>/content/": "upload",
    "api/v1/uploads/<uuid:upload_id>/stream/": "upload",
    "api/v1/uploads/<uuid:upload_id>/segments/": "upload",
    "api/v1/uploads/<uuid:upload_id>/speakers/": "upload",
    "api/v1/uploads/<uuid:upload_id>/retry/": "upload",
    "api/v1/uploads/<uuid:upload_id>/scenario/": "upload",
    "api/v1/calls/<uuid:call_id>/score/": "call",
    "api/v1/calls/<uuid:call_id>/analyze/": "call",
    "api/v1/calls/<uuid:call_id>/transparency/": "call",
    "api/v1/calls/<uuid:call_id>/appeal/": "call",
    "api/v1/appeals/": "",
    "api/v1/appeals/<uuid:appeal_id>/": "appeal",
    "api/v1/appeals/<uuid:appeal_id>/mark/": "appeal",
    "api/v1/appeals/<uuid:appeal_id>/decision/": "appeal",
    "api/v1/reviews/": "",
    "api/v1/calls/<uuid:call_id>/reviews/": "call",
    "api/v1/calls/<uuid:call_id>/reviews/decision/": "call",
    "api/v1/calls/<uuid:call_id>/comments/": "call",
    "api/v1/comments/<uuid:comment_id>/": "comment",
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
    "^api/analyze/upload/?$": "",
    rf"^api/analyze/{CALL}/stream/?$": "call",
    "^configuracion/?$": "",
    rf"^simulacion/{CALL}/?$": "call",
    "manifest.webmanifest": "",
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
    "notifications/": "",
    "notifications/read/": "",
    "notifications/preferences/": "",
    "notifications/unsubscribe/<str:token>/": "secret",
    "notifications/<uuid:notice_id>/": "notice",
    "notifications/<uuid:notice_id>/read/": "notice",
    "people/": "",
    "people/invite/": "",
    "people/invite/sheet/": "",
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
    "coach/": "",
    "coach/<uuid:conversation_id>/": "conversation",
    "coach/<uuid:conversation_id>/forget/": "conversation",
    "coach/passages/<uuid:chunk_id>/": "chunk",
    "uploads/": "",
    "uploads/rules/": "",
    "uploads/rules/<uuid:rule_id>/": "upload_rule",
    "uploads/<uuid:upload_id>/": "upload",
    "uploads/<uuid:upload_id>/body/": "upload",
    "uploads/<uuid:upload_id>/sound.mp3": "upload",
    "uploads/<uuid:upload_id>/speakers/": "upload",
    "uploads/<uuid:upload_id>/do/": "upload",
    "live/": "",
    "live/count/": "",
    "calls/<uuid:call_id>/observe/": "call",
    "calls/<uuid:call_id>/redo/": "call",
    "calls/<uuid:call_id>/submit/": "call",
    "calls/<uuid:call_id>/draft/": "call",
    "calls/<uuid:call_id>/attempt/": "call",
    "calls/<uuid:call_id>/replay/": "call",
    "calls/<uuid:call_id>/runs/": "call",
    "calls/<uuid:call_id>/transparency/": "call",
    "calls/<uuid:call_id>/debrief/": "call",
    "calls/<uuid:call_id>/debrief/body/": "call",
    "calls/<uuid:call_id>/compare/": "call",
    "recordings/<uuid:call_id>/audio.mp3": "call",
    "learn/": "",
    "learn/team/": "",
    "learn/team/completion.csv": "",
    "learn/programs/<uuid:program_id>/": "program",
    "learn/assign/": "",
    "learn/assign/sheet/": "",
    "learn/assign/<uuid:assignment_id>/do/": "assignment",
    "learn/<uuid:assignment_id>/": "assignment",
    "learn/<uuid:assignment_id>/<slug:key>/": "assignment item",
    "learn/<uuid:assignment_id>/<slug:key>/files/<uuid:file_id>/": "assignment item assignment",
    "certificates/<uuid:certificate_id>/": "certificate",
    "certificates/<uuid:certificate_id>/certificate.pdf": "certificate",
    "certificates/<uuid:certificate_id>/do/": "certificate",
    "verify/<str:code>/": "code",
    "reviews/": "",
    "calibration/": "",
    "calibration/count/": "",
    "calls/<uuid:call_id>/review/": "call",
    "calls/<uuid:call_id>/review/decision/": "call",
    "calls/<uuid:call_id>/appeal/": "call",
    "calls/<uuid:call_id>/discussion/": "call",
    "appeals/<uuid:appeal_id>/": "appeal",
    "appeals/<uuid:appeal_id>/mark/": "appeal",
    "appeals/<uuid:appeal_id>/decision/": "appeal",
    "comments/<uuid:comment_id>/remove/": "comment",
    rf"^resultado/{CALL}/?$": "call",
    "configure/": "",
    "configure/<uuid:own_id>/": "own_scenario",
    "configure/<uuid:own_id>/adopt/": "own_scenario",
    "^api/webhooks/(?P<vendor>[a-z_]{1,20})/?$": "vendor",
    "^api/vapi/webhook/?$": "vendor",
    "^api/vapi/tools/knowledge-base/?$": "vendor",
    "": "",
    "history/": "",
    "team/": "",
    "skills/": "",
    "team/<uuid:user_id>/": "user",
    "team/<uuid:user_id>/skills/": "user",
    "team/<uuid:user_id>/goals/": "user",
    "goals/": "",
    "goals/days/": "",
    "goals/new/<str:kind>/": "kind",
    "goals/<uuid:goal_id>/": "goal",
    "api/v1/certificates/": "",
    "api/v1/certificates/<uuid:certificate_id>/": "certificate",
    "api/v1/certificates/<uuid:certificate_id>/confirm/": "certificate",
    "api/v1/certificates/<uuid:certificate_id>/revoke/": "certificate",
    "api/v1/goals/": "",
    "api/v1/goals/<uuid:goal_id>/": "goal",
    "api/v1/goals/<uuid:goal_id>/answer/": "goal",
    "api/v1/goals/<uuid:goal_id>/entries/": "goal",
}
# An invitation's secret is the key itself, and it opens only that invitation; it is tested with the invitations. Signing in
# by token says who is a member, so it answers everybody alike: 401.
# A vendor's signature is its key: tests/integrations/inbound, tests/calls/test_knowledge_tool.
OWN_KEY = {
    "join/<str:secret>/",
    "notifications/unsubscribe/<str:token>/",
    "api/v1/auth/token/",
    "verify/<str:code>/",
    "^api/webhooks/(?P<vendor>[a-z_]{1,20})/?$",
    "^api/vapi/webhook/?$",
    "^api/vapi/tools/knowledge-base/?$",
}
# Pages that have no organisation's rows in them, for any id.
NO_ROWS = {"rest", "step", "shipped", "kind"}

WITH_IDS = sorted(route for route, words in ADDRESSES.items() if words and words not in NO_ROWS | {"secret", "vendor"})

SOCKETS = {
    "voice",
    "events",
    "listen",
    "notices",  # tests/accounts/notices/test_bell.py
    None,
}  # tests/calls/voice/test_isolation_of_sockets.py asks each; None is "nothing here"

PLATFORM_TASKS = {
    "calls.tasks.sweep_all",
    "scoring.tasks.sweep_all",
    "coaching.learning.tasks.sweep_all",
    "scoring.tasks.calibrate_all",
    "calls.tasks.reconcile_all",
    "integrations.tasks.sweep_all",
    "integrations.tasks.tell_operators",
    "accounts.tasks.sweep_all",
    "accounts.notices.tasks.sweep_all",
    "coaching.telling.tasks.sweep_all",
    "accounts.notices.tasks.tidy_all",
    "scoring.experiments.tasks.sweep_all",
    "scoring.prompts.tasks.sweep_all",
    "scoring.prompts.tasks.work_on",
    "reporting.takeout.tasks.sweep_all",
    "scenarios.knowledge.tasks.sweep_all",
    "scenarios.generation.tasks.sweep_all",
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
    appeal = appeals.contest(call=call, criterion="opening", reason=f"{MARKER} is why")
    comment = comments.add(call=call, author=in_acme.bo, body=f"{MARKER} remark")
    token, _secret = ApiToken.issue(user=in_acme.ada, name=MARKER)
    team = Team.objects.create(name=f"Team {MARKER}")
    invitation = invitations.invite(email=f"{MARKER.lower()}@new.test", role="trainee", actor=in_acme.cy)
    member = Membership.objects.get(organization=in_acme.acme, user=in_acme.ada)
    chunk = make_chunk(title=f"Playbook {MARKER}", text=f"{MARKER} costs 40 euros.")
    return {
        "token": str(token.pk),
        "member": str(member.pk),
        "invitation": str(invitation.pk),
        "export": str(DataExport.objects.create(user=in_acme.ada).pk),
        "team": str(team.pk),
        "user": str(in_acme.ada.pk),
        "persona": str(persona.persona_id),
        "rubric": str(rubric.rubric_id),
        "impact": str(RubricImpact.objects.create(rubric=rubric.rubric, content={"name": MARKER}).pk),
        "rescoring": str(Rescoring.objects.create(rubric=rubric.rubric, rubric_version=rubric, reason=MARKER).pk),
        "scenario": str(scenario.scenario_id),
        "generation": str(Generation.objects.create(kind="persona", source="profile", input={"role": MARKER}).pk),
        "call": str(call.pk),
        "appeal": str(appeal.pk),
        "comment": str(comment.pk),
        "notice": str(Notice.objects.create(user=in_acme.ada, kind="score_ready", data={"title": MARKER}).pk),
        "conversation": str(Conversation.objects.create(owner=in_acme.ada, title=f"Question {MARKER}").pk),
        "document": str(chunk.document_id),
        "chunk": str(chunk.pk),
        "upload": str(make_upload(owner=in_acme.ada, title=f"Upload {MARKER}").pk),
        **training_of(in_acme, MARKER),
        "upload_rule": str(UploadRule.objects.create(action="save").pk),
        "goal": str(make_goal(owner=in_acme.ada, title=f"Goal {MARKER}", shared=True).pk),
        "own_scenario": str(make_own_scenario(owner=in_acme.ada, version=scenario).pk),
        "step": "1",
        "kind": "own",
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
    answer = hana.get(
        "/org/globex/" + path_of(route, "", acme_ids), {"q": MARKER} if "search" in route else {}, follow=True
    )
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
