"""Are organisations kept apart on this very installation? Two are opened, looked at from each other's side, and dropped.

Each check yields what it tried and whether it held. Nothing of any other organisation is read.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.account.models import EmailAddress
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django_tenants.utils import quote_schema_name, schema_context

from accounts.models import Membership, User
from accounts.people.models import ApiToken, Team
from accounts.roles import Role
from accounts.sockets import SessionUserMiddleware
from calls import services
from calls.routing import socket_routes
from scenarios.models import Persona, Rubric, Scenario
from tenants.context import in_schema, organization_context
from tenants.models import Organization
from tenants.names import call_group, redis_key
from tenants.provisioning import open_organization
from tenants.schemas import enter_public
from tenants.sockets import OrganizationSocketMiddleware
from tenants.tasks import TaskWithoutOrganization, TenantTask

ROUNDS = 60
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two organisations, with a person who may do everything in it and something of its own."""

    organization: Organization
    person: User
    team_id: Any
    token: str
    ids: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    tried: int
    leaks: tuple[str, ...]

    @property
    def held(self) -> bool:
        return self.tried > 0 and not self.leaks


@contextmanager
def two_organizations() -> Iterator[tuple[Side, Side]]:
    """Open both, and take every trace of them away again, whatever happens in between."""
    made: list[tuple[Organization, User]] = []
    try:
        sides = [_open(made) for _ in range(2)]
        yield sides[0], sides[1]
    finally:
        enter_public()
        for organization, person in made:
            _remove(organization, person)


def _open(made: list[tuple[Organization, User]]) -> Side:
    slug = f"selftest-{secrets.token_hex(6)}"
    person = User.objects.create_user(f"{slug}@selftest.invalid", None, full_name=slug, onboarding_completed=True)
    organization = Organization(slug=slug, name=slug)
    made.append((organization, person))
    organization = open_organization(slug=slug, name=slug)
    made[-1] = (organization, person)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    Membership.objects.create(organization=organization, user=person, role=Role.OWNER)
    with organization_context(organization):
        team = Team.objects.create(name=slug)
        _token, secret = ApiToken.issue(user=person, name=slug)
        models = {"personas": Persona, "rubrics": Rubric, "scenarios": Scenario}
        ids = {kind: model.objects.values_list("pk", flat=True)[0] for kind, model in models.items()}
    return Side(organization, person, team.pk, secret, ids)


def _remove(organization: Organization, person: User) -> None:
    schema = organization.schema_name
    if schema:
        with connection.cursor() as cursor:
            # Deferred foreign keys still to be checked would hold the tables, where this runs inside a transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"DROP SCHEMA IF EXISTS {quote_schema_name(schema)} CASCADE")
    Membership.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    for session in Session.objects.order_by("-expire_date")[:200]:
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
    # Django would look for rows that point here in every table of `public`, where an organisation's tables are not.
    for queryset in (User.objects.filter(pk=person.pk), Organization.objects.filter(slug=organization.slug)):
        queryset._raw_delete(queryset.db)


def check_rows(mine: Side, theirs: Side) -> Result:
    """Rows of one by their id, read in the other."""
    leaks: list[str] = []
    with organization_context(theirs.organization):
        for kind, model in (("personas", Persona), ("rubrics", Rubric), ("scenarios", Scenario)):
            if model.objects.filter(pk=mine.ids[kind]).exists():
                leaks.append(f"{kind} {mine.ids[kind]}")
        if Team.objects.filter(pk=mine.team_id).exists() or Team.objects.filter(name=mine.organization.name).exists():
            leaks.append("team")
    return Result("rows", 4, tuple(leaks))


def check_tables(mine: Side, theirs: Side) -> Result:
    """Every table of one schema is a table of its own in the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, array_agg(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname IN (%s, %s) GROUP BY relname",
            [mine.organization.schema_name, theirs.organization.schema_name],
        )
        rows = cursor.fetchall()
    return Result("tables", len(rows), tuple(name for name, oids in rows if len(set(oids)) != 2))


def _client(side: Side) -> Client:
    host = urlsplit(settings.SITE_URL).netloc or "localhost"
    client = Client(headers={"host": host}, raise_request_exception=False)
    client.force_login(side.person, backend=BACKEND)
    return client


def check_pages(mine: Side, theirs: Side) -> Result:
    """Pages and API of one, asked for by the other's owner; and the other's own addresses with this one's ids."""
    client, prefix = _client(theirs), mine.organization.path_prefix
    own = f"{theirs.organization.path_prefix}/api/v1"
    foreign = [f"{prefix}{path}" for path in ("/", "/practice/", "/people/", "/admin/", "/api/v1/personas/")]
    foreign += [f"{own}/{kind}/{pk}/" for kind, pk in mine.ids.items()]
    foreign += [f"{theirs.organization.path_prefix}/admin/scenarios/persona/{mine.ids['personas']}/preview/"]
    leaks = []
    for path in foreign:
        answer = client.get(path, secure=settings.SITE_URL.startswith("https"))
        if answer.status_code != 404:
            leaks.append(f"{path} → {answer.status_code}")
    enter_public()
    return Result("pages and API", len(foreign), tuple(leaks))


def check_tokens(mine: Side, theirs: Side) -> Result:
    """A bearer token of one at the other's API; and that it does work at home, or the refusal would mean nothing."""
    client = Client(headers={"host": urlsplit(settings.SITE_URL).netloc or "localhost"}, raise_request_exception=False)
    secure = settings.SITE_URL.startswith("https")
    leaks = []
    for side, wanted in ((mine, {200}), (theirs, {401, 404})):
        answer = client.get(
            f"{side.organization.path_prefix}/api/v1/personas/",
            headers={"authorization": f"Bearer {mine.token}"},
            secure=secure,
        )
        if answer.status_code not in wanted:
            leaks.append(f"{side.organization.slug} → {answer.status_code}")
    enter_public()
    return Result("API tokens", 2, tuple(leaks))


def check_cache(mine: Side, theirs: Side) -> Result:
    key = f"selftest-{secrets.token_hex(4)}"
    with organization_context(mine.organization):
        cache.set(key, "mine", timeout=60)
        kept = cache.get(key) == "mine"
    with organization_context(theirs.organization):
        leaked = cache.get(key) is not None
    with organization_context(mine.organization):
        cache.delete(key)
    return Result("cache", 1 if kept else 0, (key,) if leaked else ())


def check_files(mine: Side, theirs: Side) -> Result:
    with organization_context(mine.organization):
        name = default_storage.save("selftest/file.txt", ContentFile(b"mine"))
    leaks = []
    with organization_context(theirs.organization):
        for path in (name, f"../{mine.organization.schema_name}/{name}"):
            try:
                found = default_storage.exists(path)
            except Exception as refused:
                found = not str(refused)
            if found:
                leaks.append(path)
    with organization_context(mine.organization):
        for left in (name, "selftest", ""):  # the file, then the folders that a disk keeps
            default_storage.delete(left)
    return Result("files", 2, tuple(leaks))


def check_names(mine: Side, theirs: Side) -> Result:
    """Groups and Redis keys of the same id must differ."""
    one, other, same_id = mine.organization.schema_name, theirs.organization.schema_name, uuid4()
    pairs = {
        "channel group": (call_group(one, same_id), call_group(other, same_id)),
        "Redis key": (redis_key(one, "call", same_id), redis_key(other, "call", same_id)),
    }
    return Result("names", len(pairs), tuple(name for name, (a, b) in pairs.items() if a == b))


def check_tasks(mine: Side, theirs: Side) -> Result:
    """A task that was sent from nowhere is refused."""
    enter_public()
    task = TenantTask()
    task.name = "selftest"
    leaks = []
    for way in (task, task.apply_async):
        try:
            way()
        except TaskWithoutOrganization:
            continue
        leaks.append("a task ran in public")
    return Result("tasks", 2, tuple(leaks))


def _names_here() -> set[str]:
    return set(Team.objects.filter(name__startswith="selftest-").values_list("name", flat=True))


def check_async(mine: Side, theirs: Side) -> Result:
    """Hops of many coroutines through one database thread, each naming its schema."""
    read = in_schema(_names_here)

    async def all_at_once() -> list[tuple[str, set[str]]]:
        sides = [(mine, theirs)[number % 2] for number in range(ROUNDS)]
        answers = await asyncio.gather(*[read(side.organization.schema_name) for side in sides])
        return [(side.organization.name, answer) for side, answer in zip(sides, answers, strict=True)]

    results = asyncio.run(all_at_once())
    return Result("async code", len(results), tuple(str(found) for name, found in results if found != {name}))


def check_threads(mine: Side, theirs: Side) -> Result:
    """Threads that read at the same time, as requests do."""
    wrong: list[str] = []
    tried: list[int] = []

    def read(side: Side) -> None:
        try:
            for _ in range(ROUNDS // 4):
                with schema_context(side.organization.schema_name):
                    found = _names_here()
                tried.append(1)
                if found != {side.organization.name}:
                    wrong.append(str(found))
        finally:
            connection.close()

    threads = [threading.Thread(target=read, args=[side]) for side in (mine, theirs, mine, theirs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Result("threads", len(tried), tuple(wrong))


def check_sockets(mine: Side, theirs: Side) -> Result:
    """The sockets of a call, asked for by the other's owner; and by its own, or the refusal would mean nothing."""
    enter_public()
    with organization_context(mine.organization):
        call = services.create_from_scenario(trainee=mine.person, scenario_id=mine.ids["scenarios"], channel="text")
    cookies = {
        side.organization.slug: _client(side).cookies[settings.SESSION_COOKIE_NAME].value for side in (mine, theirs)
    }
    enter_public()

    async def ask_all() -> list[tuple[str, bool]]:
        answers = []
        for path in (f"/ws/calls/{call.pk}/events/", f"/ws/voice/{call.pk}/"):
            for at, who in ((mine, theirs), (theirs, theirs)):
                address = f"{at.organization.path_prefix}{path}"
                opened = await _opens(address, cookies[who.organization.slug])
                answers.append((f"{address} opened for {who.organization.slug}", opened))
        own = f"{mine.organization.path_prefix}/ws/calls/{call.pk}/events/"
        answers.append((f"{own} refused its own", not await _opens(own, cookies[mine.organization.slug])))
        return answers

    answers = asyncio.run(ask_all())
    return Result("sockets", len(answers), tuple(problem for problem, wrong in answers if wrong))


async def _opens(path: str, session: str) -> bool:
    """Does a handshake with this session succeed?"""
    host = urlsplit(settings.SITE_URL).netloc or "localhost"
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    scope = {
        "type": "websocket",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", host.encode()), (b"cookie", cookie.encode())],
        "subprotocols": ["convai"],
    }
    application = OrganizationSocketMiddleware(SessionUserMiddleware(socket_routes))
    socket: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    try:
        await socket.send_input({"type": "websocket.connect"})
        answer = await socket.receive_output(timeout=10)
        return bool(answer["type"] == "websocket.accept")
    finally:
        socket.stop(exceptions=False)


CHECKS: tuple[Callable[[Side, Side], Result], ...] = (
    check_tables,
    check_rows,
    check_pages,
    check_tokens,
    check_cache,
    check_files,
    check_names,
    check_tasks,
    check_async,
    check_threads,
    check_sockets,
)
