"""REST of certificates: who sees which, who lets others see one, who decides on one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from coaching.learning.models import Certificate
from tests.cast import Cast
from tests.factories import make_scenario_version
from tests.scenarios.training.test_api import API, send
from tests.training import call_item, hold_call, make_assignment, make_track

pytestmark = pytest.mark.django_db


def earned(user: Any, **fields: Any) -> Certificate:
    assignment = make_assignment(to=user, of=make_track(call_item(make_scenario_version()), **fields))
    hold_call(assignment, by=user)
    return Certificate.objects.get(user=user, track_version__track=assignment.track)


def get(client: Client, path: str) -> Any:
    return client.get(f"{API}{path}")


def ids(answer: Any) -> set[str]:
    return {row["id"] for row in answer.json()["results"]}


def test_everybody_sees_their_own_and_who_coaches_those_of_their_people(
    in_acme: Cast, ada_client: Client, bo_client: Client, cy_client: Client, open_gate: None
) -> None:
    of_ada, of_val = earned(in_acme.ada, valid_months=12), earned(in_acme.val)
    both = {str(of_ada.pk), str(of_val.pk)}
    assert ids(get(ada_client, "/certificates/")) == {str(of_ada.pk)}
    assert ids(get(bo_client, "/certificates/")) == {str(of_ada.pk)}
    assert ids(get(cy_client, "/certificates/")) == both
    assert ids(cy_client.get(f"{API}/certificates/", {"user_id": str(in_acme.val.pk)})) == {str(of_val.pk)}
    assert get(bo_client, f"/certificates/{of_val.pk}/").status_code == 404
    one = get(ada_client, f"/certificates/{of_ada.pk}/")
    assert one["ETag"]
    body = one.json()
    assert (body["state"], body["valid"], body["public"], body["public_url"]) == ("issued", True, False, None)
    assert body["pdf_url"].endswith(f"/certificates/{of_ada.pk}/certificate.pdf")
    assert of_ada.code not in one.content.decode()


def test_filters_narrow_the_list_and_refuse_what_they_do_not_know(
    in_acme: Cast, cy_client: Client, open_gate: None
) -> None:
    expired, lasting = earned(in_acme.ada, valid_months=1), earned(in_acme.val)
    Certificate.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(days=1))
    address = f"{API}/certificates/"
    assert ids(cy_client.get(address, {"valid": "true"})) == {str(lasting.pk)}
    assert ids(cy_client.get(address, {"valid": "false"})) == {str(expired.pk)}
    assert ids(cy_client.get(address, {"track_id": str(lasting.track_version.track_id)})) == {str(lasting.pk)}
    assert ids(cy_client.get(address, {"expires_before": timezone.now().isoformat()})) == {str(expired.pk)}
    for wrong in ({"state": "lost"}, {"user_id": "me"}, {"expires_before": "soon"}, {"cursor": "x"}):
        refused = cy_client.get(address, wrong)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_only_its_holder_lets_others_see_it(
    in_acme: Cast, ada_client: Client, bo_client: Client, client: Client, open_gate: None
) -> None:
    certificate = earned(in_acme.ada)
    path = f"/certificates/{certificate.pk}/"
    assert send(bo_client, "patch", path, {"public": True}).status_code == 403
    assert send(ada_client, "patch", path, {"public": "perhaps"}).status_code == 400
    assert send(ada_client, "patch", path, {"state": "issued"}).status_code == 400
    shared = send(ada_client, "patch", path, {"public": True}).json()
    assert shared["public_url"].endswith(f"/org/acme/verify/{certificate.code}/")
    assert client.get(f"/org/acme/verify/{certificate.code}/").status_code == 200


def test_who_coaches_confirms_and_revokes(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    certificate = earned(in_acme.ada)
    path = f"/certificates/{certificate.pk}"
    waiting = get(ada_client, f"{path}/").json()
    assert (waiting["state"], waiting["pdf_url"]) == ("waiting", None)
    assert send(ada_client, "post", f"{path}/confirm/").status_code == 403
    confirmed = send(bo_client, "post", f"{path}/confirm/").json()
    assert (confirmed["state"], confirmed["confirmed_by"]["id"]) == ("issued", str(in_acme.bo.pk))
    assert send(bo_client, "post", f"{path}/confirm/").status_code == 409
    assert send(bo_client, "post", f"{path}/revoke/", {}).status_code == 400
    assert send(bo_client, "post", f"{path}/revoke/", {"reason": "   "}).status_code == 400
    revoked = send(bo_client, "post", f"{path}/revoke/", {"reason": "By mistake"}).json()
    assert (revoked["state"], revoked["revoke_reason"], revoked["valid"]) == ("revoked", "By mistake", False)
    assert send(bo_client, "post", f"{path}/revoke/", {"reason": "Again"}).status_code == 409


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_asks_as_often_for_many_as_for_one(
    in_acme: Cast, ada_client: Client, open_gate: None, django_assert_max_num_queries: Any, count: int
) -> None:
    for _index in range(count):
        earned(in_acme.ada)
    with django_assert_max_num_queries(12):
        assert len(get(ada_client, "/certificates/").json()["results"]) == count
