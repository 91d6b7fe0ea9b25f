"""The list, the preferences, and the way out of mails."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from accounts.notices import links, preferences, services
from accounts.notices.models import Choice, Notice, Rhythm
from tests.cast import Cast
from tests.conftest import signed_in

LIST = "/org/acme/notifications/"
PREFERENCES = f"{LIST}preferences/"


def tell(cast: Cast, title: str = "Cold call", **more: Any) -> Notice:
    with schema_context(cast.acme.schema_name):
        notice = services.notify(user=cast.ada, kind="score_ready", data={"title": title}, **more)
    assert notice is not None
    return notice


def unread(cast: Cast) -> int:
    with schema_context(cast.acme.schema_name):
        return services.unread_count(cast.ada)


def test_a_notice_leads_to_its_page_and_is_read(cast: Cast, ada_client: Client) -> None:
    notice = tell(cast, url="/profile/")
    page = ada_client.get(LIST).content.decode()
    assert "“Cold call” is scored" in page
    assert unread(cast) == 1
    answer = ada_client.get(f"{LIST}{notice.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/org/acme/profile/")
    assert unread(cast) == 0
    assert ada_client.get(f"{LIST}?show=unread").content.decode().count("Cold call") == 0


def test_one_or_all_are_marked(cast: Cast, ada_client: Client) -> None:
    first = tell(cast)
    tell(cast, "Second")
    row = ada_client.post(f"{LIST}{first.pk}/read/", {"read": "1"}, headers={"hx-request": "true"})
    assert "Unread:" not in row.content.decode()
    assert "Mark as unread" in row.content.decode()
    assert unread(cast) == 1
    ada_client.post(f"{LIST}{first.pk}/read/", {"read": "0"})
    assert unread(cast) == 2
    ada_client.post(f"{LIST}read/")
    assert unread(cast) == 0


def test_somebody_elses_notice_is_not_there(cast: Cast, bo_client: Client) -> None:
    notice = tell(cast)
    assert bo_client.get(f"{LIST}{notice.pk}/").status_code == 404
    assert bo_client.post(f"{LIST}{notice.pk}/read/").status_code == 404
    assert unread(cast) == 1


@pytest.mark.parametrize("rows", [2, 25], ids=["two", "twenty-five"])
def test_the_list_asks_the_database_as_often_for_many(
    cast: Cast, ada_client: Client, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        tell(cast, f"Call {number}")
    ada_client.get(LIST)
    with django_assert_num_queries(10):  # the page itself asks three: how many, these, how many unread
        ada_client.get(LIST)


def chosen(page: str, **changes: str) -> dict[str, str]:
    """What the form would send, with these changes."""
    fields = dict.fromkeys(re.findall(r'name="(in_app_\w+)"[^>]*checked', page), "on")
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', page, re.DOTALL):
        picked = re.search(r'value="([^"]*)" selected', options)
        assert picked, name
        fields[name] = picked[1]
    return {name: value for name, value in (fields | changes).items() if value}


def test_preferences_are_shown_as_they_hold_and_saved(cast: Cast, ada_client: Client) -> None:
    page = ada_client.get(PREFERENCES).content.decode()
    assert "A call is scored" in page
    assert "contests a mark" not in page, "trainees decide on no marks"
    sent = chosen(page, email_score_ready="digest", digest="weekly", quiet_from="21:00", quiet_until="07:30")
    assert ada_client.post(PREFERENCES, sent).status_code == 302
    with schema_context(cast.acme.schema_name):
        rhythm = Rhythm.objects.get()
        assert (rhythm.digest, str(rhythm.quiet_until)) == ("weekly", "07:30:00")
        assert preferences.all_ways(cast.ada)["score_ready"].email == "digest"
        assert preferences.all_ways(cast.ada)["comment"].in_app
    with schema_context(cast.globex.schema_name):
        assert not Choice.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "21:00"},
        {"quiet_from": "21:00", "quiet_until": "21:00"},
        {"quiet_from": "late", "quiet_until": "07:00"},
        {"email_comment": "by pigeon"},
        {"digest_hour": "24"},
    ],
    ids=["no-end", "no-length", "no-time", "no-such-way", "no-such-hour"],
)
def test_what_cannot_be_is_said_and_nothing_is_saved(cast: Cast, ada_client: Client, wrong: dict[str, str]) -> None:
    sent = chosen(ada_client.get(PREFERENCES).content.decode(), **wrong)
    answer = ada_client.post(PREFERENCES, sent)
    assert answer.status_code == 400
    with schema_context(cast.acme.schema_name):
        assert not Rhythm.objects.exists()
        assert not Choice.objects.exists()


@pytest.fixture
def token(cast: Cast) -> Any:
    def of(what: str) -> str:
        with schema_context(cast.acme.schema_name):
            return links.unsubscribe_url(cast.acme, cast.ada.pk, what).removeprefix("http://localhost:8000")

    return of


def test_one_click_of_a_mail_program_ends_mails_of_that_kind(cast: Cast, token: Any) -> None:
    path = token("comment")
    program = Client(enforce_csrf_checks=True)
    assert program.get(path).status_code == 200, "a look changes nothing"
    with schema_context(cast.acme.schema_name):
        assert not Choice.objects.exists()
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    with schema_context(cast.acme.schema_name):
        way = preferences.all_ways(cast.ada)["comment"]
        assert (way.in_app, way.email) == (True, "off")
        assert preferences.all_ways(cast.ada)["mentioned"].email == "now"


def test_a_link_ends_the_digest_or_everything_until_the_page_is_saved_again(
    cast: Cast, token: Any, ada_client: Client
) -> None:
    Client().post(token("digest"))
    with schema_context(cast.acme.schema_name):
        assert Rhythm.objects.get().digest == "never"
    Client().post(token("*"))
    with schema_context(cast.acme.schema_name):
        assert preferences.ways([cast.ada.pk], "mentioned")[cast.ada.pk].email == "off"
    page = ada_client.get(PREFERENCES).content.decode()
    assert "You have stopped all of these mails" in page
    ada_client.post(PREFERENCES, chosen(page))
    with schema_context(cast.acme.schema_name):
        assert preferences.ways([cast.ada.pk], "mentioned")[cast.ada.pk].email == "now"


def test_a_link_that_is_forged_or_anothers_opens_nothing(cast: Cast, token: Any) -> None:
    path = token("comment")
    assert Client().get(path[:-3] + "x/").status_code == 404
    assert Client().post(path.replace("/acme/", "/globex/")).status_code == 404
    # Somebody else who is signed in may follow a link they were given: it says for whom it is.
    assert signed_in(cast.gil).get(path).status_code == 200


def test_an_address_that_sends_mail_back_is_said_and_can_be_tried_again(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        preferences.note_dead_address(email=cast.ada.email, reason="bounced")
    assert "Mail to your address came back" in ada_client.get(PREFERENCES).content.decode()
    ada_client.post(PREFERENCES, {"try_again": "1"})
    assert "Mail to your address came back" not in ada_client.get(PREFERENCES).content.decode()
