"""The switch of language works before and after sign-in, and is kept with the person."""

from __future__ import annotations

from django.test import Client

from tests.cast import Cast


def test_a_visitor_gets_a_cookie(cast: Cast) -> None:
    client = Client()
    answer = client.post("/i18n/setlang/", {"language": "es", "next": "/"})
    assert answer.status_code == 302
    assert 'lang="es"' in client.get("/").content.decode()


def test_a_persons_choice_is_kept_with_them(cast: Cast, ada_client: Client) -> None:
    ada_client.post("/i18n/setlang/", {"language": "es", "next": "/"})
    cast.ada.refresh_from_db()
    assert cast.ada.language == "es"


def test_an_unknown_language_changes_nothing(cast: Cast, ada_client: Client) -> None:
    ada_client.post("/i18n/setlang/", {"language": "tlh", "next": "/"})
    cast.ada.refresh_from_db()
    assert cast.ada.language == ""
