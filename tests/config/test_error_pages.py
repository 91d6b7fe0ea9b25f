"""Pages for what goes wrong: the right status, a sentence, and to a stranger no hint that an organisation exists."""

from __future__ import annotations

import re

from django.test import Client

from tests.cast import Cast


def without_ids(html: str) -> str:
    return re.sub(r'req_[\w-]+|name="csrf-token"\s+content="\w+"|value="\w{64}"', "", html)


def test_a_stranger_sees_the_same_page_as_where_there_is_nothing(cast: Cast, gil_client: Client) -> None:
    theirs = gil_client.get("/org/acme/practice/")
    nobodys = gil_client.get("/org/nowhere/practice/")
    assert theirs.status_code == nobodys.status_code == 404
    assert without_ids(theirs.content.decode()) == without_ids(nobodys.content.decode())


def test_what_a_service_refuses_is_a_page_with_its_sentence(cast: Cast, ada_client: Client) -> None:
    answer = ada_client.get("/org/acme/calls/00000000-0000-4000-8000-000000000000/")
    assert answer.status_code == 404
    assert "There is no such call." in answer.content.decode()
    assert re.search(r"req_[\w-]+", answer.content.decode())
