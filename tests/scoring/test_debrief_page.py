"""The debrief: who may open it, what each state says, how it fills itself, what it quotes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from calls.models import Call
from scoring import appeals
from scoring.models import Score, Track
from tests.cast import Cast
from tests.factories import (
    make_call,
    make_recording,
    make_run,
    make_scenario_version,
    make_score,
    make_scored_call,
    make_turns,
)
from tests.scoring.debriefs import page_of, path_of, ready_call, result_of

# -- who may open it ----------------------------------------------------------------------------------------------------


def test_own_managers_and_admins_open_it_nobody_else(cast: Cast, ada_client: Client, bo_client: Client) -> None:
    call = ready_call(cast)
    assert "Your call with Marta Ruiz" in page_of(ada_client, call)
    assert "Ada and Marta Ruiz" in page_of(bo_client, call)


@pytest.mark.parametrize("client_name", ["bo_client", "ada_client", "gil_client"])
def test_others_get_a_404(cast: Cast, request: pytest.FixtureRequest, client_name: str) -> None:
    """Val is in no team of Bo's, is not Ada, and Gil is not of Acme."""
    with schema_context(cast.acme.schema_name):
        call = make_scored_call(trainee=cast.val, turns=True)
    client: Client = request.getfixturevalue(client_name)
    assert client.get(path_of(call)).status_code == 404
    assert client.get(path_of(call, body=True)).status_code == 404


def test_not_signed_in_goes_to_sign_in(cast: Cast) -> None:
    assert Client().get(path_of(ready_call(cast))).status_code == 302


def test_spanish_address_leads_to_the_same_page(cast: Cast, ada_client: Client) -> None:
    call = ready_call(cast)
    response = ada_client.get(f"/org/acme/resultado/{call.pk}", follow=True)
    assert response.status_code == 200
    assert "Marta Ruiz" in response.content.decode()


# -- states -------------------------------------------------------------------------------------------------------------


def test_pending_then_quick_then_ready(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        make_turns(call)
    page = page_of(ada_client, call)
    assert "Your call is being scored" in page
    assert 'data-state="pending"' in page
    poll = page.partition('hx-get="')[2].partition('"')[0]
    assert ada_client.get(poll).status_code == 204  # nothing new

    with schema_context(cast.acme.schema_name):
        quick = make_run(call, track=Track.QUICK)
        score = make_score(call, quick=quick)
    response = ada_client.get(poll)
    assert response.status_code == 200
    part = response.content.decode()
    assert "<html" not in part
    assert "This is the quick score" in part
    assert 'aria-busy="true"' in part
    assert "discussion/" not in part
    poll = part.partition('hx-get="')[2].partition('"')[0]
    assert ada_client.get(poll).status_code == 204

    with schema_context(cast.acme.schema_name):
        score.deep_run = make_run(call, result=result_of(call))
        score.state = "ready"
        score.save()
    part = ada_client.get(poll).content.decode()
    assert 'data-state="ready"' in part
    assert 'hx-trigger="every' not in part
    # Now there is something to contest and to talk about.
    assert f'hx-get="/org/acme/calls/{call.pk}/discussion/"' in part
    assert "Criteria and evidence" in part


def test_a_score_that_is_late_says_so_and_asks_less_often(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada, ended_at=timezone.now() - timedelta(minutes=10))
    page = page_of(ada_client, call)
    assert "longer than it should" in page
    assert "every 15s" in page


def test_too_short(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        make_score(call, state="not_gradable")
    page = page_of(ada_client, call)
    assert "Too short to score" in page
    assert path_of(call, body=True) not in page


def test_failed_and_voided_do_not_count(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        failed = make_call(trainee=cast.ada, status=Call.Status.FAILED)
    assert "This call broke off" in page_of(ada_client, failed)
    voided = ready_call(cast, voided_at=timezone.now())
    page = page_of(ada_client, voided)
    assert "This attempt doesn&#x27;t count" in page
    assert "Criteria and evidence" in page


def test_a_call_that_goes_on_leads_back_to_its_room(cast: Cast, ada_client: Client, bo_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada, status=Call.Status.IN_PROGRESS)
    response = ada_client.get(path_of(call))
    assert response.status_code == 302
    assert response["location"] == f"/org/acme/calls/{call.pk}/"
    assert "still going on" in page_of(bo_client, call)


# -- what it shows --------------------------------------------------------------------------------------------------------


def test_ready_shows_score_band_interval_and_judge(cast: Cast, ada_client: Client) -> None:
    page = page_of(ada_client, ready_call(cast))
    for words in (
        "Good – a few things to sharpen",
        "Passed. The pass mark is 70.",
        "anywhere from 66 to 77",
        "embedded judge",
        "not by a language model",
        "The quick score was 66",
        "You asked what hurts and agreed on a demo.",
        "Asked about consequences",
        "Ask first: how do you plan?",
        "Proposed a day",
    ):
        assert words in page, words


def test_vendor_judges_are_named_with_their_model(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        run = make_run(call, judged_by="gemini", model="gemini-test")
        make_score(call, deep=run)
    page = page_of(ada_client, call)
    assert "Google Gemini (gemini-test)" in page
    assert "not by a language model" not in page


def test_a_stand_in_is_told(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        manifest = {"asked": ["gemini", "groq", "embedded"], "stand_in": True}
        run = make_run(call, judged_by="groq", manifest=manifest)
        make_score(call, deep=run)
    assert "It stood in for Google Gemini, which did not answer." in page_of(ada_client, call)


def test_earlier_debriefs_are_kept_and_told(cast: Cast, ada_client: Client) -> None:
    call = ready_call(cast)
    assert "An earlier debrief" not in page_of(ada_client, call)
    with schema_context(cast.acme.schema_name):
        make_run(call, scores={"opening": 12})
    assert "gave 60; it is kept, but does not count any more" in page_of(ada_client, call)


def test_an_earlier_debrief_can_be_opened_and_says_that_it_does_not_count(cast: Cast, ada_client: Client) -> None:
    call = ready_call(cast)
    with schema_context(cast.acme.schema_name):
        old = make_run(call, scores={"opening": 12})
        other = make_scored_call(trainee=cast.ada)
        foreign = other.score.deep_run_id
    assert f"?run={old.pk}" in page_of(ada_client, call)
    page = ada_client.get(path_of(call), {"run": str(old.pk)}).content.decode()
    assert "This judgement does not count." in page
    assert "See the one that counts: 72" in page
    assert "An earlier debrief" not in page  # the only other one counts
    assert "Not passed yet." in page
    for wrong in (str(foreign), "nonsense"):
        assert ada_client.get(path_of(call), {"run": wrong}).status_code == 404


def test_attempts_at_the_same_situation_stand_side_by_side(cast: Cast, ada_client: Client, bo_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        version = make_scenario_version()
        attempt = partial(make_scored_call, trainee=cast.ada, scenario_version=version)
        first = attempt(scores={"opening": 40})
        attempt(voided_at=timezone.now())
        hidden = attempt(scores={"opening": 52}, private=True)
        last = attempt()
        make_scored_call(trainee=cast.ada)
        for number, call in enumerate((first, hidden, last)):
            Call.objects.filter(pk=call.pk).update(created_at=timezone.now() + timedelta(minutes=number))
    mine, bos = page_of(ada_client, last), page_of(bo_client, last)
    assert "Your attempts at this situation" in mine
    assert mine.count('class="attempt"') == 3
    assert "4 points up on the attempt before" in mine
    assert bos.count('class="attempt"') == 2
    assert "6 points up on the attempt before" in bos
    assert str(hidden.pk) not in bos
    assert "on the attempt before" not in page_of(ada_client, first)
    with schema_context(cast.acme.schema_name):
        Score.objects.filter(call=first).update(state="needs_review")
    assert page_of(ada_client, last).count('class="attempt"') == 3
    assert 'class="attempt"' not in page_of(bo_client, last)


def test_evidence_leads_to_its_turn_and_time(cast: Cast, ada_client: Client) -> None:
    call = ready_call(cast)
    with schema_context(cast.acme.schema_name):
        turn = call.turns.get(seq=2)
    page = " ".join(page_of(ada_client, call).split())
    assert f'href="#turn-{turn.pk}" data-seek="2000"' in page
    assert f'id="turn-{turn.pk}"' in page
    assert '<mark class="evidence" title="Opening, Discovery' in page
    assert "Hello Marta</mark>, this is Ada" in page


def test_buyers_reactions_are_explained(cast: Cast, ada_client: Client) -> None:
    page = page_of(ada_client, ready_call(cast))
    assert "patience −1" in page
    assert "a pitch before a question" in page


def test_found_problems_are_told_and_missed_ones_stay_hidden(cast: Cast, ada_client: Client) -> None:
    pain = "Late deliveries cost penalties that nobody upstairs knows about."
    found = page_of(ada_client, ready_call(cast))
    assert pain in found
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        result = {"metrics": {"pains": {"value": 0, "total": 1, "items": []}}}
        make_score(call, deep=make_run(call, result=result))
    missed = page_of(ada_client, call)
    assert pain not in missed
    assert "1 was not found" in missed


def test_what_was_said_is_text_not_markup(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        make_turns(call)
        call.turns.filter(seq=2).update(content="<script>alert(1)</script> and more words")
        make_score(call, deep=make_run(call, result={"summary": "<b>bold</b>"}))
    page = page_of(ada_client, call)
    assert "<script>alert(1)" not in page
    assert "<b>bold</b>" not in page


def test_a_run_that_says_little_still_has_a_page(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        make_score(call, deep=make_run(call, result={}))
    assert "Criteria and evidence" in page_of(ada_client, call)


def test_recording_in_each_of_its_states(cast: Cast, ada_client: Client) -> None:
    call = ready_call(cast)
    assert "This call was not recorded." in page_of(ada_client, call)
    call = ready_call(cast, channel=Call.Channel.TEXT)
    assert "there is no recording" in page_of(ada_client, call)
    call = ready_call(cast, recording_consent=True)
    page = page_of(ada_client, call)
    assert "The recording is being prepared." in page
    poll = page.partition('hx-get="')[2].partition('"')[0]
    with schema_context(cast.acme.schema_name):
        recording = make_recording(call)
    assert "data-recording" in ada_client.get(poll).content.decode()
    recording.expires_at = timezone.now() - timedelta(days=1)
    with schema_context(cast.acme.schema_name):
        recording.save()
    assert "was deleted when its time was up" in page_of(ada_client, call)


def test_practise_again_only_for_oneself_and_what_is_published(
    cast: Cast, ada_client: Client, bo_client: Client
) -> None:
    call = ready_call(cast)
    assert "Practise again" in page_of(ada_client, call)
    assert "Practise again" not in page_of(bo_client, call)
    with schema_context(cast.acme.schema_name):
        assert call.scenario_version is not None
        scenario = call.scenario_version.scenario
        scenario.status = "archived"
        scenario.save()
    assert "Practise something else" in page_of(ada_client, call)


def test_page_is_in_the_readers_language(cast: Cast, ada_client: Client) -> None:
    cast.ada.language = "es"
    cast.ada.save()
    page = page_of(ada_client, ready_call(cast))
    assert '<html lang="es"' in page
    assert 'inline-size: 72%"' in page  # lengths are written for the browser, not for the reader


def test_queries_do_not_grow_with_what_was_said(
    cast: Cast, ada_client: Client, bo_client: Client, django_assert_max_num_queries: Any
) -> None:
    def count(client: Client, call: Call) -> int:
        page_of(client, call)  # what is only done the first time
        with django_assert_max_num_queries(100) as seen:
            page_of(client, call)
        return len(seen)

    def call_with(*, attempts: int, contested: tuple[str, ...], earlier: int) -> Call:
        with schema_context(cast.acme.schema_name):
            version = make_scenario_version()
            for _attempt in range(attempts):
                make_scored_call(trainee=cast.ada, scenario_version=version)
        call = ready_call(cast, scenario_version=version)
        with schema_context(cast.acme.schema_name):
            for key in contested:
                appeals.contest(call=call, criterion=key, reason="That is not what I said.")
            for _run in range(earlier):
                make_run(call)
        return call

    small = call_with(attempts=1, contested=("opening",), earlier=1)
    large = call_with(attempts=5, contested=("opening", "discovery", "closing"), earlier=4)
    for client in (ada_client, bo_client):
        assert count(client, large) == count(client, small)
