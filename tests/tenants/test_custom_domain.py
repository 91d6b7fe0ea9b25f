"""An operator puts an organisation on a host name of its own, and takes it off again."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.cast import Cast


def status_on(host: str) -> int:
    """What the organisation's API answers there without signing in: 401 where it is served, 404 elsewhere."""
    return Client().get("/api/v1/user/profile/", headers={"host": host}).status_code


def test_a_host_serves_its_organisation_until_it_is_removed(cast: Cast) -> None:
    host = "training.acme.example"
    assert status_on(host) == 404
    call_command("custom_domain", "acme", "Training.Acme.example.")
    assert status_on(host) == 401
    call_command("custom_domain", "acme", host)  # again is harmless
    call_command("custom_domain", "acme", host, "--remove")
    assert status_on(host) == 404


def test_a_host_of_another_organisation_is_refused(cast: Cast) -> None:
    call_command("custom_domain", "globex", "training.example.com")
    for options in ([], ["--remove"]):
        with pytest.raises(CommandError, match="belongs to another organisation"):
            call_command("custom_domain", "acme", "training.example.com", *options)
    assert status_on("training.example.com") == 401


@pytest.mark.parametrize(("slug", "host"), [("nobody", "a.example.com"), ("acme", "not a host"), ("acme", "localhost")])
def test_what_cannot_be_is_refused_in_a_sentence(cast: Cast, slug: str, host: str) -> None:
    with pytest.raises(CommandError, match=r"no organisation|host name"):
        call_command("custom_domain", slug, host)
