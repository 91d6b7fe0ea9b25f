"""What somebody was told is theirs: in the copy of their data, and gone when they go."""

from __future__ import annotations

from accounts import erasure, portability
from accounts.notices import preferences, services
from accounts.notices.models import Choice, Mail, Notice
from accounts.notices.preferences import Way
from tests.cast import Cast


def test_it_is_in_the_copy_and_goes_with_the_person(in_acme: Cast) -> None:
    services.notify(user=in_acme.ada, kind="score_changed", data={"title": "Cold call", "who": "Bo"})
    services.notify(user=in_acme.bo, kind="assignment_completed", data={"who": "Ada", "title": "First week"})
    preferences.save(
        user=in_acme.ada,
        ways={"comment": Way(in_app=True, email="off")},
        digest="weekly",
        digest_hour=8,
        quiet_from=None,
        quiet_until=None,
    )
    sections = portability.export_person(user=in_acme.ada, organization=in_acme.acme)["sections"]
    assert sections["notifications"]["notices"][0]["data"] == {"title": "Cold call", "who": "Bo"}
    assert sections["notifications"]["choices"] == [{"kind": "comment", "in_app": True, "email": "off"}]
    erasure.erase_person(user=in_acme.ada, organization=in_acme.acme, confirm="ada@cast.test")
    assert not Notice.objects.exists(), "not in Bo's list either"
    assert not Choice.objects.exists()
    assert not Mail.objects.filter(user=in_acme.ada).exists()
