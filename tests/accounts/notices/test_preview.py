"""Who runs an organisation sees every mail before anybody gets one."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.notices.examples import DIGEST, example_letter, examples
from accounts.notices.kinds import KINDS
from tests.cast import Cast

PAGE = "/org/acme/admin/mails/"


def test_the_page_shows_a_mail_in_both_languages(cast: Cast, cy_client: Client) -> None:
    page = cy_client.get(PAGE, {"mail": "certificate_issued"}).content.decode()
    assert page.count("<iframe") == 2
    assert page.count("&lt;!DOCTYPE html&gt;") == 2, "a page within the page, as one attribute"
    assert "Your certificate: Discovery call with a logistics company" in page
    assert cy_client.get(PAGE, {"mail": "nonsense"}).status_code == 200


def test_it_is_not_for_those_who_only_coach(cast: Cast, bo_client: Client, ada_client: Client) -> None:
    assert bo_client.get(PAGE).status_code != 200
    assert ada_client.get(PAGE).status_code != 200


@pytest.mark.parametrize("key", [*sorted(KINDS), DIGEST, "invitation", "export", "erasure"])
def test_every_mail_can_be_shown(in_acme: Cast, key: str) -> None:
    assert key in {example.key for example in examples()}
    for language in ("en", "es"):
        letter = example_letter(key, language, organization=in_acme.acme)
        assert letter.subject
        assert "%(" not in letter.text
        assert "Acme" in letter.text + letter.subject


@pytest.mark.parametrize("key", sorted(KINDS))
def test_an_example_says_what_such_a_mail_would_say(in_acme: Cast, key: str) -> None:
    text = example_letter(key, "en", organization=in_acme.acme).text
    assert ("issued by mistake" in text) == (key == "certificate_revoked")
    assert ("can be fetched until" in text) is False, "the example of finished work is a draft"
    if key in {"budget_low", "work_failed"}:
        assert "Discovery call" not in text


def test_a_mail_says_truly_why_it_comes(in_acme: Cast) -> None:
    """Also to somebody who never practises: an owner hears of budgets."""
    text = example_letter("budget_low", "en", organization=in_acme.acme).text
    assert "You get this because you belong to Acme on Parley." in text
    assert re.search(r"takes over until \w+\.? 1, 20\d\d", text), "a month's budget begins anew with the next month"
    assert "No notifications by mail at all:" in text
