"""A form that a browser sends again, because it never heard the answer, is done once."""

from __future__ import annotations

from django.test import Client
from django_tenants.utils import schema_context

from accounts.people.models import IdempotentResponse
from calls.models import Call
from scoring.models import Comment
from tests.cast import Cast
from tests.factories import make_scored_call

KEY = {"idempotency-key": "2f7d"}


def a_call(cast: Cast) -> Call:
    with schema_context(cast.acme.schema_name):
        return make_scored_call(trainee=cast.ada)


def comments(cast: Cast) -> int:
    with schema_context(cast.acme.schema_name):
        return Comment.objects.count()


def test_the_same_form_twice_is_one_comment(cast: Cast, ada_client: Client, bo_client: Client) -> None:
    path = f"/org/acme/calls/{a_call(cast).pk}/discussion/"
    sent = {"body": "Thank you!", "visibility": "trainee"}
    first = ada_client.post(path, sent, headers=KEY)
    assert first.status_code in {200, 302}, first.content
    again = ada_client.post(path, sent, headers=KEY)
    assert (again.status_code, again["Idempotency-Replayed"], comments(cast)) == (200, "true", 1)
    bo_client.post(path, sent, headers=KEY)
    assert comments(cast) == 2, "another person's key is another key"
    ada_client.post(path, sent)
    assert comments(cast) == 3


def test_what_was_refused_can_be_put_right_under_the_same_key(cast: Cast, ada_client: Client) -> None:
    path = f"/org/acme/calls/{a_call(cast).pk}/discussion/"
    assert ada_client.post(path, {"body": "", "visibility": "trainee"}, headers=KEY).status_code == 400
    ada_client.post(path, {"body": "Now with words.", "visibility": "trainee"}, headers=KEY)
    assert comments(cast) == 1


def test_a_key_that_is_too_long_is_refused(cast: Cast, ada_client: Client) -> None:
    path = f"/org/acme/calls/{a_call(cast).pk}/discussion/"
    assert ada_client.post(path, {"body": "x"}, headers={"idempotency-key": "k" * 201}).status_code == 400
    assert comments(cast) == 0


def test_while_the_first_is_being_done_one_is_told_to_come_again(cast: Cast, ada_client: Client) -> None:
    """A browser puts what is refused back into its form; this one it has to send again."""
    call = a_call(cast)
    path = f"/org/acme/calls/{call.pk}/discussion/"
    with schema_context(cast.acme.schema_name):
        IdempotentResponse.objects.create(user=cast.ada, key="2f7d", method="POST", path=path, body_hash="0" * 64)
    answer = ada_client.post(path, {"body": "Thank you!", "visibility": "trainee"}, headers=KEY)
    assert answer.status_code == 409
    assert int(answer["Retry-After"]) > 0
    assert comments(cast) == 0
