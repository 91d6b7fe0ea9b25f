"""Response times for operators: right quantiles, one query, nothing of another organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.models import User
from calls.models import Call, Turn
from reporting.latency import latency_everywhere, latency_here
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import make_call

SINCE = timedelta(days=6)


def answer(call: Call, total: int, *, number: int = 1, days_ago: int = 0) -> None:
    """A question and its answer, heard after `total` ms."""
    heard = {"endpoint": 300, "transcribe": 200, "text": 500}
    told = {"reply": 50, "first_audio_ms": total}
    for seq, role, latency in ((2 * number, "user", heard), (2 * number + 1, "assistant", told)):
        turn = Turn.objects.create(
            call=call, seq=seq, role=role, content="…", timestamp_ms=0, end_ms=1, latency=latency
        )
        Turn.objects.filter(pk=turn.pk).update(created_at=timezone.now() - timedelta(days=days_ago))


def rows() -> list[tuple[str, bool, int, int | None, int | None]]:
    found = latency_here(since=timezone.now() - SINCE)
    return [(row.provider, row.day is None, row.answers, row.total.p50, row.total.p95) for row in found]


def test_quantiles_are_by_service_and_by_day(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, provider="vapi")
    for number, total in enumerate((600, 700, 800, 900, 2000), start=1):
        answer(call, total, number=number)
    answer(make_call(trainee=in_acme.ada, provider="embedded"), 400)
    assert rows() == [
        ("embedded", True, 1, 400, 400),
        ("embedded", False, 1, 400, 400),
        ("vapi", True, 5, 800, 1780),
        ("vapi", False, 5, 800, 1780),
    ]


def test_the_parts_are_told_apart(in_acme: Cast) -> None:
    answer(make_call(trainee=in_acme.ada), 1000)
    row = latency_here(since=timezone.now() - SINCE)[0]
    assert [part.p50 for part in row.parts] == [300, 200, 50, 450]
    assert row.total.p50 == 1000


def test_a_vendor_that_gives_the_total_only_has_no_parts(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, provider="elevenlabs")
    Turn.objects.create(
        call=call, seq=1, role="assistant", content="…", timestamp_ms=0, end_ms=1, latency={"first_audio_ms": 700}
    )
    row = latency_here(since=timezone.now() - SINCE)[0]
    assert [part.p50 for part in row.parts] == [None, None, None, None]
    assert row.total.p50 == 700
    assert not row.is_slow


def verdict(call: Call, totals: list[int]) -> bool | None:
    """Whether answers after these times are called slow; None: nothing is said."""
    for number, total in enumerate(totals, start=1):
        answer(call, total, number=number)
    row = latency_here(since=timezone.now() - SINCE)[0]
    return row.is_slow if row.is_judged else None


@pytest.mark.parametrize(("total", "slow"), [(800, False), (849, False), (851, True), (1600, True)])
def test_slow_answers_are_marked(in_acme: Cast, total: int, slow: bool) -> None:
    assert verdict(make_call(trainee=in_acme.ada), [total] * 5) is slow


@pytest.mark.parametrize(
    ("totals", "slow"),
    [
        ([2500] * 4, None),
        ([400] * 5 + [9000], False),
        ([400] * 18 + [9000] * 2, True),
    ],
    ids=["a handful decides nothing", "one of six is no twentieth", "two of twenty are"],
)
def test_single_slow_answers_decide_nothing(in_acme: Cast, totals: list[int], slow: bool | None) -> None:
    assert verdict(make_call(trainee=in_acme.ada), totals) is slow


def test_what_is_older_or_was_not_measured_is_left_out(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada)
    answer(call, 900, days_ago=9)
    Turn.objects.create(call=call, seq=9, role="assistant", content="…", timestamp_ms=0, end_ms=1)
    assert rows() == []


def test_the_platform_sees_all_organisations_in_one_query(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for schema, person in (("org_acme", cast.ada), ("org_globex", cast.gil)):
        with schema_context(schema):
            answer(make_call(trainee=person, provider="vapi"), 900)
    with django_assert_max_num_queries(3):  # the search path, the organisations, their answers
        found = latency_everywhere(since=timezone.now() - SINCE)
    assert [(row.provider, row.answers) for row in found if row.day is None] == [("vapi", 2)]


@pytest.mark.parametrize("calls", [1, 7])
def test_the_page_asks_no_more_for_more_calls(
    in_acme: Cast, cy_client: Client, calls: int, django_assert_max_num_queries: Any
) -> None:
    for _number in range(calls):
        call = make_call(trainee=in_acme.ada, provider="vapi")
        for number in range(1, 6):
            answer(call, 2500, number=number)
    with django_assert_max_num_queries(12):
        page = cy_client.get("/org/acme/admin/latency/?days=30").content.decode()
    assert "too slow" in page
    assert "2.5 / 2.5" in page


def test_an_organisation_sees_its_own_only(in_acme: Cast, cast: Cast) -> None:
    answer(make_call(trainee=in_acme.ada, provider="vapi"), 900)
    page = signed_in(cast.hana).get("/org/globex/admin/latency/")
    assert page.status_code == 200
    assert "Vapi" not in page.content.decode()


def test_trainees_and_managers_do_not_see_it(ada_client: Client, bo_client: Client) -> None:
    for client in (ada_client, bo_client):
        assert client.get("/org/acme/admin/latency/").status_code in {302, 403, 404}


def test_operators_have_the_page_of_the_platform(cast: Cast) -> None:
    User.objects.filter(pk=cast.dee.pk).update(is_staff=True, is_superuser=True)
    cast.dee.refresh_from_db()
    with schema_context("org_globex"):
        answer(make_call(trainee=cast.gil, provider="vapi"), 900)
    page = signed_in(cast.dee).get("/admin/latency/")
    assert page.status_code == 200
    assert "Vapi" in page.content.decode(), "by the name that people know"
    assert signed_in(cast.ada).get("/admin/latency/").status_code == 302
