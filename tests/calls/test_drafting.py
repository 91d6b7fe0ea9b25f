"""A scenario made of a call that was held: by an author, of what was said, and of no private call."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from calls import drafting
from calls.models import Call, Turn
from scenarios.generation.models import Generation
from scenarios.models import Scenario
from tests.cast import Cast, in_acme_again
from tests.factories import make_call

pytestmark = pytest.mark.django_db

SAID = (
    ("assistant", "Hello, Marta speaking."),
    ("user", "Hello, this is Ada Trainee. How do you plan your routes today?"),
    ("assistant", "By hand, and we lose two hours a day on it because nobody knows where the vans are."),
    ("user", "We could show you on your own numbers."),
    ("assistant", "That is far too expensive for a firm of our size, and Ada Trainee knows it."),
)


def held(cast: Cast, *, said: Any = SAID, **fields: Any) -> Call:
    call = make_call(trainee=cast.ada, status=fields.pop("status", Call.Status.COMPLETED), **fields)
    for seq, (role, content) in enumerate(said, start=1):
        Turn.objects.create(
            call=call, seq=seq, role=role, content=content, timestamp_ms=seq * 2000, end_ms=seq * 2000 + 1500
        )
    return call


def ask(client: Client, call: Call, what: str = "draft") -> Any:
    return in_acme_again(client.post(f"/org/acme/calls/{call.pk}/draft/", {"what": what}))


def page(client: Client, call: Call) -> str:
    return str(in_acme_again(client.get(f"/org/acme/calls/{call.pk}/debrief/")).content.decode())


def test_an_author_makes_a_scenario_of_a_held_call(in_acme: Cast, cy_client: Client) -> None:
    call = held(in_acme)
    assert f"/calls/{call.pk}/draft/" in page(cy_client, call)
    answer = ask(cy_client, call)
    scenario = Scenario.objects.get(title="From a practice call")
    assert str(scenario.pk) in answer["Location"]
    assert scenario.status == scenario.persona.status == "draft"
    assert [item.kind for item in scenario.persona.objections.all()] == ["price"]
    assert "Ada" not in "".join(item.text for item in scenario.persona.objections.all())
    assert "lose two hours a day" in scenario.persona.hidden_pains.get().reveal_text


def test_the_rest_can_be_filled_in(in_acme: Cast, cy_client: Client) -> None:
    answer = ask(cy_client, held(in_acme), "generate")
    assert str(Generation.objects.get().pk) in answer["Location"]


def test_who_does_not_author_is_not_offered_it(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    call = held(in_acme)
    for client in (ada_client, bo_client):
        assert "/draft/" not in page(client, call)
        assert ask(client, call).status_code == 403
    assert not Scenario.objects.filter(title="From a practice call").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"status": Call.Status.IN_PROGRESS}, SAID), ({"status": Call.Status.PENDING}, ()), ({}, ())],
    ids=["going on", "not begun", "nothing said"],
)
def test_a_call_without_an_end_or_a_word_gives_none(
    in_acme: Cast, cy_client: Client, fields: dict[str, Any], said: Any
) -> None:
    call = held(in_acme, said=said, **fields)
    assert ask(cy_client, call)["Location"].endswith(f"/calls/{call.pk}/debrief/")
    assert not Scenario.objects.filter(title="From a practice call").exists()


def test_a_private_call_stays_private(in_acme: Cast, cy_client: Client) -> None:
    private = held(in_acme, private=True)
    assert ask(cy_client, private).status_code == 404
    own = make_call(trainee=in_acme.cy, status=Call.Status.COMPLETED, private=True)
    Turn.objects.create(
        call=own, seq=1, role="assistant", content="That is far too expensive for us.", timestamp_ms=0, end_ms=900
    )
    assert "/draft/" not in page(cy_client, own)
    with pytest.raises(drafting.NothingToDraw):
        drafting.draft_scenario(call=own, actor=in_acme.cy)
    assert ask(cy_client, own)["Location"].endswith(f"/calls/{own.pk}/debrief/")
    assert not Scenario.objects.filter(title="From a practice call").exists()
