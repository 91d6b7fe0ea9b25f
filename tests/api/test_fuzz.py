"""Whatever is sent to any operation of the API gets an answer of its own kind: never a 500, always the envelope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.db import connection, connections
from django_tenants.utils import schema_context
from hypothesis import HealthCheck, settings

from accounts.models import Membership, User
from accounts.people.models import ApiToken
from accounts.roles import Role
from tenants.provisioning import open_organization
from tests.factories import make_scenario_version
from tests.live import serving

pytestmark = pytest.mark.slow
# Parts of a file (tus) are bytes like any others.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
schema = schemathesis.openapi.from_path(Path(__file__).parents[2] / "docs" / "openapi.yaml")
# These would end the very account or token that asks; their bad input is tested in tests/accounts.
schema = schema.exclude(path_regex="user/delete|auth/tokens/").exclude(path_regex="auth/token/$", method="DELETE")


@pytest.fixture(scope="module")
def admin(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, str]]:
    """Address of an API, and the secret of an admin's token.

    The organisation and its admin are nobody else's: what is sent here renames people, and it stays written.
    """
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        organization = open_organization(slug="fuzz", name="Fuzz")
        user, _created = User.objects.get_or_create(email="admin@fuzz.test")
        Membership.objects.create(organization=organization, user=user, role=Role.ADMIN)
        try:
            with schema_context(organization.schema_name):
                make_scenario_version()
                _token, secret = ApiToken.issue(user=user, name="fuzz")
            with serving() as address:
                yield f"http://{address}/org/fuzz", secret
        finally:
            connection.set_schema_to_public()
            organization.delete(force_drop=True)
            connections.close_all()


@schema.parametrize()
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_input_breaks_an_operation(case: schemathesis.Case, admin: tuple[str, str]) -> None:
    address, secret = admin
    answer = case.call(base_url=address, headers={"Authorization": f"Bearer {secret}"}, timeout=30)
    assert answer.status_code < 500, answer.text[:500]
    # Who is not known is asked nothing: then nothing would be tested here.
    assert answer.status_code != 401 or "/auth/token/" in case.path, "the token is not good any more"
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "details", "request_id"}
        assert error["request_id"] == answer.headers["x-request-id"][0]
