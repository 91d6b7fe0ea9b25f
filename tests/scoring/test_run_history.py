"""All judgements of a call on one page, and the difference between two: for the trainee and who coaches them, nobody else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from calls.models import Call
from scoring import runs
from scoring.models import ScoreRun
from scoring.run_history import diff, pair, runs_of
from tests.cast import Cast
from tests.factories import make_run, make_score, make_scored_call

from .calls import make_spoken_call


@pytest.fixture
def call(in_acme: Cast) -> Call:
    call = make_spoken_call(trainee=in_acme.ada)
    runs.score_call(call_id=call.pk, track="quick")
    runs.score_call(call_id=call.pk, track="deep")
    return call


def get(client: Client, call: Call, query: str = "") -> Any:
    with schema_context("org_acme"):
        return client.get(f"/org/acme/calls/{call.pk}/runs/{query}")


def corrected(call: Call, by: Any) -> ScoreRun:
    base = ScoreRun.objects.get(call=call, track="deep")
    return runs.record_human(call, by=by, reason="The opening was clear.", criteria={"opening": 20}, base_run=base)


def test_the_newest_comes_first_and_the_one_that_counts_is_marked(call: Call, in_acme: Cast) -> None:
    human = corrected(call, in_acme.bo)
    shown = runs_of(call)
    assert [one.run.track for one in shown] == ["human", "deep", "quick"]
    assert [one.run.pk for one in shown if one.counts] == [human.pk]


def test_a_correction_is_compared_with_what_it_corrects(call: Call, in_acme: Cast) -> None:
    corrected(call, in_acme.bo)
    chosen = pair(runs_of(call), first=None, second=None)
    assert chosen is not None
    assert [one.run.track for one in chosen] == ["deep", "human"]
    found = diff(*chosen)
    assert {item.label for item in found.inputs} == {"Judge", "Prompt", "Reason"} - {"Prompt"}
    changed = [item for item in found.criteria if not item.is_same]
    assert [item.name for item in changed] == ["Opening"]
    assert changed[0].second.score == 20
    assert changed[0].second.why == "The opening was clear."
    assert changed[0].shared


def test_quotes_that_only_one_has_are_told_apart(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    other = make_run(call, scores={"opening": 0})
    other.criteria.get(key="opening").evidence.all().delete()
    history = {one.run.pk: one for one in runs_of(call)}
    deep = call.score.deep_run
    assert deep is not None
    found = {item.name: item for item in diff(history[deep.pk], history[other.pk]).criteria}
    assert (len(found["Opening"].first.only), found["Opening"].second.only, found["Opening"].shared) == (1, (), ())
    assert found["Opening"].change == -72
    assert found["Closing"].is_same


def test_a_criterion_of_another_rubric_version_is_shown_on_one_side(call: Call, ada_client: Client) -> None:
    deep = ScoreRun.objects.get(call=call, track="deep")
    other = make_run(call)
    other.criteria.get(key="closing").delete()
    history = {one.run.pk: one for one in runs_of(call)}
    found = {item.name: item for item in diff(history[deep.pk], history[other.pk]).criteria}
    assert found["Closing"].second.score is None
    assert found["Closing"].change is None
    assert (found["Closing"].first.was_asked, found["Closing"].second.was_asked) == (True, False)
    page = get(ada_client, call, f"?first={deep.pk}&second={other.pk}").content.decode()
    assert page.count("This version of the rubric did not have it.") == 1


def test_readings_stand_below_their_whole_and_can_be_compared(in_acme: Cast, ada_client: Client) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    whole = call.score.deep_run
    for number in (2, 1):
        make_run(call, group=whole, manifest={"reading": number, "seed": 10 + number})
    shown = {one.run.pk: one for one in runs_of(call)}
    assert whole is not None
    assert [one.seed for one in shown[whole.pk].readings] == [11, 12]
    assert len(shown) == 2
    page = get(ada_client, call, f"?first={shown[whole.pk].readings[0].run.pk}&second={whole.pk}").content.decode()
    assert "Made of 2 readings" in page
    assert "seed 11" in page


def test_two_readings_differ_by_their_seeds_and_say_so(in_acme: Cast) -> None:
    """“Whatever is not named here was the same” holds for what a model was asked with as well."""
    call = make_spoken_call(trainee=in_acme.ada)
    asked = {"judged_by": "gemini", "model": "m-1"}
    first = make_run(call, **asked, manifest={"seed": 41, "settings": {"temperature": 0.3}})
    second = make_run(call, **asked, manifest={"seed": 42, "settings": {"temperature": 0.2}})
    shown = {one.run.pk: one for one in runs_of(call)}
    inputs = diff(shown[first.pk], shown[second.pk]).inputs
    assert [(one.label, one.first, one.second) for one in inputs] == [
        ("Temperature", "0.3", "0.2"),
        ("Seed", "41", "42"),
    ]


def test_the_page_shows_both_and_the_reason(call: Call, in_acme: Cast, ada_client: Client) -> None:
    human = corrected(call, in_acme.bo)
    page = get(ada_client, call).content.decode()
    assert "The opening was clear." in page
    assert f"→ {human.overall_score}" in page
    assert "Same score, same evidence." in page
    asked = get(ada_client, call, f"?first={human.pk}&second={human.base_run_id}").content.decode()
    assert f"{human.overall_score} →" in asked
    assert "Choose two different" in get(ada_client, call, f"?first={human.pk}&second={human.pk}").content.decode()


def test_one_judgement_has_nothing_to_compare(in_acme: Cast, ada_client: Client) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    assert "Not judged yet" in get(ada_client, call).content.decode()
    with schema_context("org_acme"):
        make_score(call, deep=make_run(call))
    assert "So far there is one judgement" in get(ada_client, call).content.decode()


def test_who_may_see_it(
    call: Call, in_acme: Cast, ada_client: Client, bo_client: Client, gil_client: Client, cast: Cast
) -> None:
    assert get(ada_client, call).status_code == 200
    assert get(bo_client, call).status_code == 200
    assert get(gil_client, call).status_code == 404
    for query in (f"?first={uuid4()}", "?second=nonsense"):
        assert get(ada_client, call, query).status_code == 404
    with schema_context("org_acme"):
        private = make_spoken_call(trainee=in_acme.ada, private=True)
        runs.score_call(call_id=private.pk, track="deep")
    assert get(ada_client, private).status_code == 200
    assert get(bo_client, private).status_code == 404


def test_a_call_that_goes_on_has_no_judgements(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    live = make_spoken_call(trainee=in_acme.ada, status="in_progress")
    assert get(ada_client, live).status_code == 302
    assert get(bo_client, live).status_code == 302


def test_queries_do_not_grow_with_runs(in_acme: Cast, ada_client: Client) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    get(ada_client, call)
    with CaptureQueriesContext(connection) as few:
        get(ada_client, call)
    with schema_context("org_acme"):
        for _number in range(4):
            whole = make_run(call)
            make_run(call, group=whole, manifest={"reading": 1})
    with CaptureQueriesContext(connection) as many:
        get(ada_client, call)
    assert len(many) == len(few)
