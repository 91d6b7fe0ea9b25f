"""The switch of language works before and after sign-in, and is kept with the person."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import translation

from config import framework_words
from tests.cast import Cast

USTED = re.compile(
    r"\b(usted|su|sus|introduzca|escriba|haga|escoja|por favor|vuelva|solicite|asegúrese)\b", re.IGNORECASE
)


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


@pytest.mark.parametrize("path", ["login", "signup", "password/reset", "password/reset/key/zz-zz"])
def test_pages_of_accounts_say_tu_as_all_pages_do(db: None, path: str) -> None:
    page = Client(headers={"accept-language": "es"}).get(f"/accounts/{path}/").content.decode()
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert not USTED.findall(text)


def test_words_of_others_say_tu(db: None) -> None:
    with translation.override("es"):
        said = [translation.gettext(word) for word in framework_words.FORMAL if isinstance(word, str)]
    assert said
    assert not [text for text in said if USTED.search(text)]


def test_slips_of_others_are_put_right() -> None:
    with translation.override("es"):
        said = [translation.gettext(word) for word in framework_words.SLIPS]
    assert said == ["El archivo enviado está vacío.", "Demasiadas solicitudes seguidas."]
