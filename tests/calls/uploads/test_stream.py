"""How an upload gets on, as events: from the beginning, and from where a client was cut off."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from calls import events
from calls.models import CallUpload
from calls.uploads import making, stream
from calls.uploads.stream import Cursor, News, read_news
from tests.cast import Cast
from tests.factories import make_call, make_upload

ROLES = {"A": "assistant", "B": "user"}


def names(news: News) -> list[str]:
    return [name for _cursor, name, _data in news.events]


def test_a_client_that_has_nothing_is_told_everything(in_acme: Cast) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    news = read_news(upload.pk, Cursor(), "en")
    assert names(news) == ["upload:heard"] * 7 + ["upload:changed"]
    assert news.events[-1][2]["status"] == "speakers"
    assert str(news.cursor) == f"{upload.revision}.7.0"
    assert not news.over


def test_a_client_that_was_cut_off_is_told_the_rest(in_acme: Cast) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    everything = read_news(upload.pk, Cursor(), "en")
    for at in range(len(everything.events)):
        rest = read_news(upload.pk, Cursor.read(str(everything.events[at][0])), "en")
        assert rest.events == everything.events[at + 1 :]


def test_the_events_of_the_call_follow_until_its_debrief(in_acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "announce_completed", lambda call_id: None)
    upload = make_upload(owner=in_acme.ada, segments=True)
    before = read_news(upload.pk, Cursor(), "en").cursor
    call = making.confirm(upload=upload, roles=ROLES, changes={})
    news = read_news(upload.pk, before, "en")
    assert names(news) == ["upload:changed", "call:ended"]
    assert not news.over
    events.announce(call.pk, "score:ready", {"overall": 71})
    events.announce(call.pk, "feedback:ready", {"overall_score": 72})
    last = read_news(upload.pk, news.cursor, "en")
    assert (names(last), last.over) == (["score:ready", "feedback:ready"], True)
    assert read_news(upload.pk, last.cursor, "en").events == ()


def test_what_is_over_says_so_and_closes(in_acme: Cast) -> None:
    upload = make_upload(owner=in_acme.ada, status="refused", problem="wrong_language", details={"heard": "es"})
    news = read_news(upload.pk, Cursor(), "es")
    assert (names(news), news.over) == (["upload:changed"], True)
    assert news.events[0][2]["problem"] == "wrong_language"
    gone = read_news(uuid4(), Cursor(), "en")
    assert (names(gone), gone.over) == (["upload:gone"], True)


def test_a_call_that_is_only_kept_closes_the_stream(in_acme: Cast) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True, action="save")
    making.confirm(upload=upload, roles=ROLES, changes={})
    assert read_news(upload.pk, Cursor(), "en").over


@pytest.mark.parametrize("told", ["", "x", "1.2", "1.2.3.4", "-1.0.0", "1.2.99999999999", "١.٢.٣"])
def test_an_id_that_is_none_of_ours_means_the_beginning(told: str) -> None:
    assert Cursor.read(told) == Cursor()
    assert Cursor.read("3.4.5") == Cursor(3, 4, 5)


async def test_events_are_written_as_the_standard_says(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(
        [
            News(((Cursor(1, 0, 0), "upload:changed", {"status": "checking"}),), Cursor(1, 0, 0), over=False),
            News(((Cursor(2, 0, 0), "upload:changed", {"status": "refused"}),), Cursor(2, 0, 0), over=True),
        ]
    )
    asked: list[Any] = []

    async def news_of(schema_name: str, upload_id: Any, cursor: Cursor, language: str) -> News:
        asked.append(cursor)
        return next(answers)

    monkeypatch.setattr(stream, "news_of", news_of)
    monkeypatch.setattr("tenants.api.streams.LOOK_SECONDS", 0)
    written = [piece async for piece in stream.stream("org_acme", uuid4(), Cursor(), "en")]
    assert written == [
        b'id: 1.0.0\nevent: upload:changed\ndata: {"status":"checking"}\n\n',
        b'id: 2.0.0\nevent: upload:changed\ndata: {"status":"refused"}\n\n',
    ]
    assert asked == [Cursor(), Cursor(1, 0, 0)]
    assert CallUpload.Status.REFUSED in CallUpload.OVER


@pytest.mark.parametrize("kind", ["uploads", "calls"])
def test_a_browsers_event_source_is_let_in(in_acme: Cast, ada_client: Client, kind: str) -> None:
    upload = make_upload(owner=in_acme.ada, status="refused", problem="no_speech")
    call = make_call(trainee=in_acme.ada)
    path = f"/org/acme/api/v1/{kind}/{upload.pk if kind == 'uploads' else call.pk}/stream/"
    answer = ada_client.get(path, headers={"accept": "text/event-stream"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    answer.close()
