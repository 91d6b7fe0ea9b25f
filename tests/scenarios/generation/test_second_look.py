"""A language model looks for contradictions in a draft: asked by an author, quoted, labelled, and paid from the budget."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from integrations.models import Budget, ModelCall
from scenarios.generation import second_look, services
from scenarios.generation.models import Generation
from scenarios.generation.remarks import worded
from tenants.errors import Conflict
from tests.cast import Cast
from tests.standins import models as standins
from tests.standins.models import KEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_breakers")]

BUSINESS = {"company": "Lumenroute", "sells": "route planning for van fleets", "audience": "regional freight companies"}
FOUND = {
    "field": "persona.company",
    "draft": "Northgate Bakery",
    "known": "regional freight companies",
    "why": "A bakery runs no freight.",
}


@pytest.fixture
def job(in_acme: Cast) -> Generation:
    """A draft from the business form, by templates; its buyer's firm was changed since."""
    made = services.draft_for(in_acme.cy, business=BUSINESS, branding={"tone": "Plain words."})
    assert made.persona is not None
    made.persona.company = "Northgate Bakery"
    made.persona.save()
    return Generation.objects.get(pk=made.pk)


@pytest.fixture
def gemini(job: Generation, settings: Any) -> Iterator[standins.Vendor]:
    with standins.standing_in(standins.gemini) as vendor:
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "gemini": KEY}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "gemini": vendor.base_url}
        yield vendor


def told(job: Generation) -> list[str]:
    job.refresh_from_db()
    return [worded(one) for one in job.remarks]


def answer(*found: dict[str, str]) -> dict[str, Any]:
    return {"contradictions": list(found)}


def test_what_it_finds_is_quoted_labelled_and_paid(gemini: standins.Vendor, job: Generation, in_acme: Cast) -> None:
    gemini.script = [answer(FOUND)]
    assert second_look.look(job, by=in_acme.cy) == 1
    [remark] = told(job)
    assert "Gemini sees a contradiction" in remark
    assert "“Northgate Bakery”" in remark
    assert "“regional freight companies”" in remark
    [paid] = ModelCall.objects.all()
    assert (paid.task, paid.outcome, paid.reference) == ("author_coherence", "ok", f"generation:{job.pk}")
    assert job.cost_usd is not None
    assert job.cost_usd > Decimal(0)
    gemini.script = [answer()]
    assert second_look.look(job, by=in_acme.cy) == 0
    [remark] = told(job)
    assert "found no contradiction" in remark


@pytest.mark.parametrize(
    "bent",
    [{"field": "persona.shoe_size"}, {"draft": "Southgate Bakery"}, {"known": "They sell shoes."}, {"known": ""}],
    ids=["field", "draft", "known", "nothing"],
)
def test_what_is_made_up_is_asked_for_again_and_then_dropped(
    gemini: standins.Vendor, job: Generation, in_acme: Cast, bent: dict[str, str]
) -> None:
    gemini.script = [answer({**FOUND, **bent}), answer(FOUND)]
    assert second_look.look(job, by=in_acme.cy) == 1
    assert len(gemini.requests) == 2
    gemini.script = [answer({**FOUND, **bent})] * 2
    assert second_look.look(job, by=in_acme.cy) == 0
    [remark] = told(job)
    assert "No language model looked for contradictions" in remark


def test_without_money_only_rules_look(gemini: standins.Vendor, job: Generation, in_acme: Cast) -> None:
    Budget.objects.create(monthly_usd=0)
    second_look.look(job, by=in_acme.cy)
    assert not gemini.requests
    assert "budget" in told(job)[0]


def test_the_page_offers_it_where_somebody_can_be_asked(
    job: Generation, in_acme: Cast, cy_client: Client, request: pytest.FixtureRequest
) -> None:
    page = f"/org/acme/admin/generation/generation/{job.pk}/change/"
    assert "look for contradictions" not in cy_client.get(page).content.decode()
    with pytest.raises(Conflict):
        second_look.look(job, by=in_acme.cy)
    gemini = request.getfixturevalue("gemini")
    assert "look for contradictions" in cy_client.get(page).content.decode()
    gemini.script = [answer(FOUND)]
    answered = cy_client.post(f"/org/acme/admin/generation/generation/{job.pk}/look/", follow=True)
    assert "sees a contradiction" in answered.content.decode()
    assert cy_client.get(f"/org/acme/admin/generation/generation/{job.pk}/look/").status_code == 405
