"""The description of the API that an organisation serves."""

from __future__ import annotations

import yaml
from django.test import Client


def test_it_is_whole_and_says_where_its_paths_stand(ada_client: Client) -> None:
    served = yaml.safe_load(ada_client.get("/org/acme/api/v1/schema/").content)
    assert served["servers"] == [{"url": "/org/acme"}]
    assert {"/api/v1/appeals/", "/api/v1/calls/", "/api/v1/teams/"} <= set(served["paths"])
