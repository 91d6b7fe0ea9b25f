"""An experiment from its draft to its end: who is drawn, what is measured, what the page says and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from accounts.notices.models import Notice
from calls import practice, services
from calls.models import Call, Turn
from scenarios import publishing
from scenarios.experiments.models import Experiment, Exposure
from scenarios.experiments.services import Arm, begin, draw, start, stop
from scenarios.models import Criterion, Persona, Scenario, ScenarioVersion
from scoring import runs
from scoring.experiments import outcomes, tasks
from scoring.experiments.analysis import result_of
from scoring.experiments.forms import ExperimentForm
from tenants.errors import Conflict, InvalidInput
from tests.cast import Cast
from tests.conftest import signed_in
from tests.scenarios.conftest import StayingClient
from tests.scenarios.factories import make_scenario

ADMIN = "/org/acme/admin/experiments"
SAID = (
    "Hello Dana, this is Ada from Acme. I am calling because we help freight companies. Is this a good time?",
    "How do you plan your routes today, and what happens when a truck is late?",
    "I understand, that must be hard. What does that cost you in a month?",
    "How about a meeting of thirty minutes next Tuesday at ten?",
)


@pytest.fixture
def cy_client(in_acme: Cast) -> Client:
    return signed_in(in_acme.cy, StayingClient())


@pytest.fixture
def scenario(in_acme: Cast) -> Scenario:
    """Published twice: its persona and its rubric have two versions each."""
    scenario = make_scenario()
    publishing.publish_scenario(scenario=scenario)
    Persona.objects.filter(pk=scenario.persona_id).update(personality="friendly")
    Criterion.objects.filter(rubric=scenario.rubric, position=0).update(signals=["gave_evidence"])
    publishing.publish_scenario(scenario=Scenario.objects.get(pk=scenario.pk))
    return Scenario.objects.get(pk=scenario.pk)


def versions_of(scenario: Scenario, kind: str) -> list[Any]:
    rows = {"scenario": scenario.versions, "persona": scenario.persona.versions, "rubric": scenario.rubric.versions}
    return list(rows[kind].order_by("number"))


def experiment_on(scenario: Scenario, kind: str, **fields: Any) -> Experiment:
    old, new = versions_of(scenario, kind)
    values = {
        "title": "Friendlier",
        "metric": "score",
        "arms": [Arm("as it is", str(old.pk), 50), Arm("new", str(new.pk), 50)],
        "minimum_sample": 10,
        "ends_at": None,
        "by": None,
    } | fields
    return begin(scenario=scenario, kind=kind, **values)


def person(number: int) -> User:
    return User.objects.create_user(email=f"p{number}-{uuid4().hex[:6]}@acme.test", language="en")


def on_side(experiment: Experiment, version: ScenarioVersion, position: int) -> User:
    """Somebody whom the lot puts there."""
    for number in range(200):
        somebody = person(number)
        drawn = draw(person=somebody, version=version)
        assert drawn is not None
        if drawn.variant.position == position:
            return somebody
    raise AssertionError("nobody falls there")


def held(call: Call) -> Call:
    """The call, held and scored."""
    clock = 1000
    for seq, text in enumerate(SAID):
        for role, said in (("assistant", "Go on."), ("user", text)):
            end = clock + 300 * len(said.split())
            Turn.objects.create(
                call=call, seq=2 * seq + (role == "user") + 1, role=role, content=said, timestamp_ms=clock, end_ms=end
            )
            clock = end + 500
    Call.objects.filter(pk=call.pk).update(
        status=Call.Status.COMPLETED, started_at=timezone.now(), ended_at=timezone.now(), duration_ms=clock
    )
    call.refresh_from_db()
    runs.score_call(call_id=call.pk, track="deep")
    return call


def test_a_persons_calls_are_all_on_one_side(scenario: Scenario) -> None:
    experiment = experiment_on(scenario, "scenario")
    version = scenario.newest_published()
    assert draw(person=person(0), version=version) is None  # a draft draws nobody
    start(experiment=experiment)
    somebody = on_side(experiment, version, 0)
    calls = [services.create_by_lot(trainee=somebody, version=version, channel="text") for _time in range(2)]
    old = versions_of(scenario, "scenario")[0]
    assert {call.scenario_version_id for call in calls} == {old.pk}
    assert [row.variant.position for row in Exposure.objects.all()] == [0, 0]


def test_the_variants_persona_picks_up_in_the_versions_place(scenario: Scenario) -> None:
    experiment = experiment_on(scenario, "persona")
    start(experiment=experiment)
    version = scenario.newest_published()
    old, new = versions_of(scenario, "persona")
    for position, (persona, personality) in enumerate(((old, "skeptical"), (new, "friendly"))):
        somebody = on_side(experiment, version, position)
        call = services.create_by_lot(trainee=somebody, version=version, channel="text")
        assert (call.persona_version, call.brief["personality"]) == (persona, personality)
        assert (call.scenario_version, call.brief["goal"]) == (version, scenario.goal)


def test_a_scenario_that_branches_by_now_is_held_as_it_is(scenario: Scenario) -> None:
    experiment = experiment_on(scenario, "persona")
    start(experiment=experiment)
    version = scenario.newest_published()
    assert version is not None
    version.content["brief"]["script"] = {"graph": {}, "people": {}, "own": ""}
    assert draw(person=person(0), version=version) is None


def test_deleted_calls_do_not_stand_before_those_that_can_be_measured(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "MOST_AT_ONCE", 2)
    experiment = experiment_on(scenario, "scenario")
    start(experiment=experiment)
    version = scenario.newest_published()
    calls = [services.create_by_lot(trainee=person(number), version=version, channel="text") for number in range(3)]
    Exposure.objects.update(created_at=timezone.now() - 2 * outcomes.WAITS)
    for call in calls[:2]:
        call.delete()
    assert outcomes.overdue() == [calls[2].pk]


def test_private_practice_and_what_is_assigned_take_part_in_none(scenario: Scenario, settings: Any) -> None:
    experiment = experiment_on(scenario, "persona")
    start(experiment=experiment)
    version = scenario.newest_published()
    somebody = on_side(experiment, version, 0)
    call = services.create_by_lot(trainee=somebody, version=version, channel="text", private=True)
    other = services.create_from_version(trainee=somebody, version=version, channel="text")
    assert {call.brief["personality"], other.brief["personality"]} == {"friendly"}
    assert not Exposure.objects.exists()


def test_a_call_that_waits_is_entered_and_not_drawn_again(scenario: Scenario) -> None:
    experiment = experiment_on(scenario, "scenario")
    start(experiment=experiment)
    version = scenario.newest_published()
    somebody = on_side(experiment, version, 0)
    first = practice.open_attempt(trainee=somebody, version=version, channel="text")
    assert practice.open_attempt(trainee=somebody, version=version, channel="text") == first
    assert Exposure.objects.count() == 1


def test_a_rubric_is_compared_without_touching_anybodys_score(scenario: Scenario) -> None:
    experiment = experiment_on(scenario, "rubric")
    start(experiment=experiment)
    version = scenario.newest_published()
    old, new = versions_of(scenario, "rubric")
    scores = {}
    for position in (0, 1):
        somebody = on_side(experiment, version, position)
        call = held(services.create_by_lot(trainee=somebody, version=version, channel="text"))
        assert call.rubric_version == new  # the one in use, for everybody
        outcomes.measure(call_id=call.pk)
        scores[position] = Exposure.objects.get(call_id=call.pk).outcome["score"]
        assert call.score.deep_run.rubric_version == new
    assert scores[0] != scores[1]
    assert old != new


def test_it_ends_when_everybody_is_in_it_and_not_a_call_earlier(scenario: Scenario, cy_client: Client) -> None:
    experiment = experiment_on(scenario, "scenario")
    start(experiment=experiment)
    control, variant = experiment.variants.all()
    page = f"{ADMIN}/{experiment.pk}/"
    for number in range(10):
        for arm, score in ((control, 50 + number), (variant, 70 + number)):
            assert experiment.state == Experiment.State.RUNNING
            Exposure.objects.create(
                experiment=experiment,
                variant=arm,
                person=person(number),
                language="en",
                call_id=uuid4(),
                outcome={"score": score, "fault": False},
                measured_at=timezone.now(),
            )
            if number < 9:
                outcomes.look_at(experiment)
        if number == 8:
            shown = cy_client.get(page).content.decode()
            assert "Not yet" in shown
            assert "confidence" not in shown
    outcomes.look_at(experiment)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.FINISHED
    (comparison,) = experiment.result["comparisons"]
    assert (comparison["difference"], comparison["shows"], comparison["people"]) == (20.0, True, [10, 10])
    shown = cy_client.get(page).content.decode()
    assert "A difference of 20" in shown
    assert draw(person=person(99), version=scenario.newest_published()) is None


def test_no_interval_reaches_farther_than_a_difference_can(scenario: Scenario) -> None:
    """Of shares: eight of ten against none differ by 80 points, and by no more than 100."""
    experiment = experiment_on(scenario, "scenario", metric="passed")
    start(experiment=experiment)
    control, variant = experiment.variants.all()
    people = {control.pk: {n: [0.0] for n in range(10)}, variant.pk: {n: [100.0 * (n < 8)] for n in range(10)}}
    (found,) = result_of(experiment, [control, variant], people, reached=True)["comparisons"]
    assert (found["difference"], found["high"], found["shows"]) == (80.0, 100.0, True)
    people = {control.pk: people[variant.pk], variant.pk: people[control.pk]}
    (found,) = result_of(experiment, [control, variant], people, reached=True)["comparisons"]
    assert (found["difference"], found["low"]) == (-80.0, -100.0)


def test_too_few_by_its_last_day_says_nothing(scenario: Scenario, cy_client: Client) -> None:
    experiment = experiment_on(scenario, "scenario", ends_at=timezone.now() + timedelta(days=1))
    start(experiment=experiment)
    Experiment.objects.filter(pk=experiment.pk).update(ends_at=timezone.now() - timedelta(hours=1))
    assert draw(person=person(0), version=scenario.newest_published()) is None
    tasks.sweep.delay()
    experiment.refresh_from_db()
    assert (experiment.state, experiment.result["comparisons"]) == ("finished", [])
    assert "Too few people took part" in cy_client.get(f"{ADMIN}/{experiment.pk}/").content.decode()


def test_a_guard_stops_it_and_its_author_hears_of_it(in_acme: Cast, scenario: Scenario, cy_client: Client) -> None:
    experiment = experiment_on(scenario, "persona", by=in_acme.cy)
    start(experiment=experiment)
    for variant in experiment.variants.all():
        for number in range(15):
            latency = 900 + 10 * number + 1500 * variant.position
            Exposure.objects.create(
                experiment=experiment,
                variant=variant,
                person=person(number),
                language="en",
                call_id=uuid4(),
                outcome={"score": 60, "fault": False, "latency_ms": latency},
                measured_at=timezone.now(),
            )
    outcomes.look_at(experiment)
    experiment.refresh_from_db()
    assert (experiment.state, experiment.stopped_by, experiment.result) == ("stopped", "latency", None)
    assert Notice.objects.filter(user=in_acme.cy, data__title="Friendlier").count() == 1
    shown = cy_client.get(f"{ADMIN}/{experiment.pk}/").content.decode()
    assert "answers clearly later" in shown
    assert "stopped before its end" in shown
    assert "Too few people" not in shown


def test_a_call_that_was_left_counts_as_not_completed(scenario: Scenario) -> None:
    experiment = experiment_on(scenario, "scenario", metric="completed")
    start(experiment=experiment)
    version = scenario.newest_published()
    call = services.create_by_lot(trainee=on_side(experiment, version, 1), version=version, channel="text")
    assert not outcomes.measure(call_id=call.pk)
    Call.objects.filter(pk=call.pk).update(created_at=timezone.now() - timedelta(hours=3))
    Exposure.objects.update(created_at=timezone.now() - timedelta(hours=3))
    tasks.sweep.delay()
    assert Exposure.objects.get(call_id=call.pk).outcome["completed"] is False


def test_a_scored_call_is_measured_by_itself(scenario: Scenario, django_capture_on_commit_callbacks: Any) -> None:
    experiment = experiment_on(scenario, "scenario")
    start(experiment=experiment)
    version = scenario.newest_published()
    call = services.create_by_lot(trainee=on_side(experiment, version, 0), version=version, channel="text")
    with django_capture_on_commit_callbacks(execute=True):
        held(call)
    outcome = Exposure.objects.get(call_id=call.pk).outcome
    assert outcome["score"] == call.score.overall_score
    assert (outcome["completed"], outcome["fault"]) == (True, False)


def test_one_at_a_time_on_a_scenario(scenario: Scenario) -> None:
    one, other = experiment_on(scenario, "scenario"), experiment_on(scenario, "persona")
    start(experiment=one)
    with pytest.raises(Conflict, match="Another experiment"):
        start(experiment=other)
    with pytest.raises(Conflict, match="Only a draft"):
        start(experiment=one)
    assert stop(experiment=one, because="person")
    assert not stop(experiment=one, because="person")
    start(experiment=other)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"metric": "charm"}, "metric"),
        ({"minimum_sample": 3}, "minimum_sample"),
        ({"ends_at": timezone.now() - timedelta(days=1)}, "ends_at"),
        ({"arms": [Arm("one", "x", 100)]}, "variants"),
        ({"arms": [Arm("one", "x", 50), Arm("two", "y", 40)]}, "variants"),
        ({"arms": [Arm("one", "x", 50), Arm("two", "y", 50)]}, "variants"),
        ({"arms": [Arm("one", str(uuid4()), 50), Arm("two", str(uuid4()), 50)]}, "variants"),
    ],
    ids=["title", "metric", "sample", "past", "alone", "shares", "no ids", "unknown versions"],
)
def test_what_makes_no_experiment_is_refused(scenario: Scenario, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        experiment_on(scenario, "scenario", **fields)
    assert refused.value.details["field"] == field
    assert not Experiment.objects.exists()


def test_an_author_makes_starts_and_stops_one(scenario: Scenario, cy_client: Client) -> None:
    shown = cy_client.get(f"{ADMIN}/").content.decode()
    assert "There is none yet." in shown
    old, new = versions_of(scenario, "persona")
    address = f"{ADMIN}/new/?scenario={scenario.pk}&kind=persona"
    assert "The version that is tried" in cy_client.get(address).content.decode()
    values = {"title": "Friendlier", "metric": "score", "minimum_sample": 20, "control": str(old.pk), "share": 30}
    assert cy_client.post(address, {**values, "variant": str(old.pk)}).status_code == 400
    assert cy_client.post(address, {**values, "variant": str(new.pk), "share": "x"}).status_code == 400
    answer = cy_client.post(address, {**values, "variant": str(new.pk)})
    experiment = Experiment.objects.get()
    assert answer["Location"] == f"{ADMIN}/{experiment.pk}/"
    assert [variant.share for variant in experiment.variants.all()] == [70, 30]
    assert "It runs." in cy_client.post(f"{ADMIN}/{experiment.pk}/start/", follow=True).content.decode()
    assert "Somebody stopped it." in cy_client.post(f"{ADMIN}/{experiment.pk}/stop/", follow=True).content.decode()
    assert cy_client.get(f"{ADMIN}/").status_code == 200


def test_the_control_that_is_proposed_is_what_people_have_now(scenario: Scenario) -> None:
    """A persona published once more reaches nobody before its scenario is: that version is the one to try."""
    Persona.objects.filter(pk=scenario.persona_id).update(personality="busy")
    newest = publishing.publish_persona(persona=Persona.objects.get(pk=scenario.persona_id))
    form = ExperimentForm(scenario=scenario, kind="persona")
    in_use = scenario.newest_published()
    assert form["control"].initial == str(in_use.persona_version_id)
    assert form["variant"].initial == str(newest.pk)
    for kind, version in (("rubric", in_use.rubric_version_id), ("scenario", in_use.pk)):
        assert ExperimentForm(scenario=scenario, kind=kind)["control"].initial == str(version)


def test_the_page_of_a_scenario_leads_to_a_comparison_and_that_to_the_other_kinds(
    scenario: Scenario, cy_client: Client
) -> None:
    address = f"{ADMIN}/new/?scenario={scenario.pk}&amp;kind=scenario"
    assert address in cy_client.get(f"/org/acme/admin/scenarios/scenario/{scenario.pk}/preview/").content.decode()
    page = cy_client.get(address.replace("&amp;", "&")).content.decode()
    for kind in Experiment.Kind.values:
        assert f"?scenario={scenario.pk}&amp;kind={kind}" in page


def test_odd_addresses_lead_back(scenario: Scenario, cy_client: Client) -> None:
    for query in (
        "",
        "?scenario=x&kind=persona",
        f"?scenario={uuid4()}&kind=persona",
        f"?scenario={scenario.pk}&kind=x",
    ):
        assert cy_client.get(f"{ADMIN}/new/{query}")["Location"] == f"{ADMIN}/"
    assert cy_client.get(f"{ADMIN}/{uuid4()}/").status_code == 404


def test_prompts_need_a_language_model(scenario: Scenario, cy_client: Client) -> None:
    arms = [Arm("now", "deep-1", 50), Arm("new", "deep-2", 50)]
    experiment = begin(
        title="Prompt",
        scenario=scenario,
        kind="prompt",
        metric="score",
        arms=arms,
        minimum_sample=10,
        ends_at=None,
        by=None,
    )
    shown = cy_client.post(f"{ADMIN}/{experiment.pk}/start/", follow=True).content.decode()
    assert "none is set up here" in shown
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.DRAFT


def test_only_authors_get_in(scenario: Scenario) -> None:
    assert Membership.objects.exists()
    for name in ("ada", "bo"):
        client = signed_in(getattr(Cast.load(), name), StayingClient())
        assert client.get(f"{ADMIN}/").status_code in {302, 403, 404}


def test_without_an_experiment_a_call_costs_one_query_more(scenario: Scenario, django_assert_num_queries: Any) -> None:
    somebody, version = person(1), scenario.newest_published()
    with django_assert_num_queries(1):
        assert draw(person=somebody, version=version) is None
