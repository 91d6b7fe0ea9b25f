"""Whatever is sent to any operation of the API gets an answer of its own kind: never a 500, always the envelope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from accounts.people.models import ApiToken
from tests.cast import Cast
from tests.factories import make_scenario_version
from tests.live import committed, serving

pytestmark = pytest.mark.slow
schema = schemathesis.openapi.from_path(Path(__file__).parents[2] / "docs" / "openapi.yaml")
# These two would end the very account that asks; their bad input is tested in tests/accounts.
schema = schema.exclude(path_regex="user/delete|auth/tokens/")


@pytest.fixture(scope="module")
def admin(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, str]]:
    """Address of Acme's API, and the secret of an admin's token."""
    with django_db_blocker.unblock():
        cast = Cast.load()
    with committed(django_db_blocker, cast.acme.schema_name):
        make_scenario_version()
        token, secret = ApiToken.issue(user=cast.cy, name="fuzz")
        with serving() as address:
            yield f"http://{address}", secret
        token.delete()


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
    answer = case.call(base_url=f"{address}/org/acme", headers={"Authorization": f"Bearer {secret}"}, timeout=30)
    assert answer.status_code < 500, answer.text[:500]
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "details", "request_id"}
        assert error["request_id"] == answer.headers["x-request-id"][0]
