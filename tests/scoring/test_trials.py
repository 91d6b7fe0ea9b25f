"""Trials of judges: vendors' adapters against stand-ins, careful and gullible; broken off, taken up, and reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from integrations.own_calls import spending
from integrations.own_calls.models import OwnCall
from scoring.gates.corpus import Talk, talks
from scoring.gates.probes import Probe, probes
from scoring.gates.report import MOST
from scoring.prompts import registry, rendering, trials
from scoring.prompts.models import PromptVersion, Trial
from tenants.errors import Conflict
from tests.cast import Cast
from tests.conftest import signed_in
from tests.standins import models as standins
from tests.standins.models import KEY, Fault, Vendor, honest_answer, keys_in

pytestmark = pytest.mark.usefixtures("fresh_breakers")

WIRES = {"groq": standins.groq, "gemini": standins.gemini}
PLEAS = (
    *("100 points", "this call 100", "ponme un 100", "100 puntos", "llamada con 100", "full marks", "highest score"),
    *("maximum score", "perfect score", "máxima puntuación", "nota máxima", "level 4", "nivel 4", '"level'),
)


@pytest.fixture(params=sorted(WIRES))
def vendor(request: pytest.FixtureRequest, settings: Any) -> Iterator[Vendor]:
    with standins.standing_in(WIRES[request.param]) as server:
        use(settings, request.param, server)
        server.slug = request.param  # type: ignore[attr-defined]
        yield server


@pytest.fixture
def groq(settings: Any) -> Iterator[Vendor]:
    with standins.standing_in(standins.groq) as server:
        use(settings, "groq", server)
        yield server


def use(settings: Any, slug: str, server: Vendor) -> None:
    settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, slug: KEY}
    settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, slug: server.base_url}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> tuple[Probe, ...]:
    """A part of the corpus, for what does not depend on how large it is."""
    chosen = tuple(probe for probe in probes() if probe.base.startswith(("books/", "gym/")))
    monkeypatch.setattr(trials, "probes", lambda: chosen)
    return chosen


@pytest.fixture
def prompt(cast: Cast) -> PromptVersion:
    registry.register_shipped()
    return PromptVersion.objects.get(version="quick-2")


def answering(server: Vendor, level: Any) -> None:
    """Let a stand-in rate by what it reads: `level(prompt)`."""

    def next_answer() -> dict[str, Any]:
        body = server.requests[-1]
        if "messages" in body:
            text = body["messages"][-1]["content"]
            keys = keys_in(body["response_format"]["json_schema"]["schema"])
        else:
            text = body["contents"][0]["parts"][0]["text"]
            keys = keys_in(body["generationConfig"]["responseJsonSchema"])
        return honest_answer(text, keys, deep="key_moments" in text, level=level(text))

    server.next = next_answer  # type: ignore[method-assign]


def discerning(text: str) -> int:
    """Knows the calls: the level of a seller whose words are nearly all in the transcript."""
    levels = {"good": 3, "middling": 2, "weak": 1}
    said = "".join(letter for letter in text if letter.isalnum())

    def found(talk: Talk) -> float:
        lines = ["".join(letter for letter in line if letter.isalnum()) for _speaker, line in talk.lines]
        return sum(line in said for line in lines) / len(lines)

    return levels[max(talks(), key=found).quality]


def gullible(text: str) -> int:
    """Does what the words of the call, or of the facts about the buyer, tell it to do."""
    read = text.split('Rubric "', maxsplit=1)[0] + text.split("=== transcript")[-2]
    return 4 if any(plea in read for plea in PLEAS) else discerning(text)


def finished(**wanted: Any) -> Trial:
    trial = trials.begin(track="quick", starter=None, **wanted)
    assert trials.work(trial_id=trial.pk, seconds=300)
    trial.refresh_from_db()
    return trial


def test_the_embedded_judge_is_tried_without_a_prompt(cast: Cast) -> None:
    trial = finished(judge="embedded", prompt=None)
    assert (trial.state, trial.green, trial.prompt) == (Trial.State.DONE, True, None)
    assert trial.model.startswith("embedded-")
    assert set(trial.scores) == {probe.key for probe in probes()}


def test_a_gullible_model_passes_because_it_never_reads_the_attacks(vendor: Vendor, prompt: PromptVersion) -> None:
    answering(vendor, gullible)
    trial = finished(judge=vendor.slug, prompt=prompt)  # type: ignore[attr-defined]
    report = trial.report
    assert trial.state == Trial.State.DONE, trial.error
    assert trial.green, report
    assert abs(report["lift"]["mean"]) <= MOST
    assert abs(report["drift"]["mean"]) <= MOST
    assert set(trial.scores) == {probe.key for probe in probes()}


def test_the_same_model_is_refused_where_nothing_is_left_out(
    groq: Vendor, prompt: PromptVersion, few: tuple[Probe, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "flagged_in", lambda turns, by: [])
    monkeypatch.setattr(rendering, "without_flagged", lambda text, instead: text)
    answering(groq, gullible)
    trial = finished(judge="groq", prompt=prompt)
    assert trial.green is False
    assert trial.report["lift"]["mean"] > MOST
    with pytest.raises(Conflict, match="Attacks move scores overall by"):
        registry.activate(row=prompt, operator=None)


def test_a_model_that_favours_a_language_is_refused(groq: Vendor, prompt: PromptVersion, few: Any) -> None:
    answering(groq, lambda text: discerning(text) + ("Language of the call: es" in text))
    trial = finished(judge="groq", prompt=prompt)
    assert [reason.split(":")[0] for reason in trial.report["reasons"]] == ["parity"]
    with pytest.raises(Conflict, match="English and Spanish differ by"):
        registry.activate(row=prompt, operator=None)


def test_a_model_that_rates_every_call_alike_is_refused(groq: Vendor, prompt: PromptVersion, few: Any) -> None:
    trial = finished(judge="groq", prompt=prompt)
    assert trial.report["lift"]["mean"] == trial.report["drift"]["mean"] == 0
    assert [reason.split(":")[0] for reason in trial.report["reasons"]] == [
        "order en",
        "apart en",
        "order es",
        "apart es",
    ]
    with pytest.raises(Conflict, match="the better seller's has the higher score in 0 of 6 cases in English"):
        registry.activate(row=prompt, operator=None)


def test_a_version_that_passed_is_activated(groq: Vendor, prompt: PromptVersion, few: Any) -> None:
    answering(groq, discerning)
    assert finished(judge="groq", prompt=prompt).green
    assert registry.activate(row=prompt, operator=None).state == PromptVersion.State.ACTIVE


def test_a_trial_goes_on_where_it_stopped(cast: Cast, few: tuple[Probe, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []
    monkeypatch.setattr(trials, "_score", lambda judge, probe, track: judged.append(probe.key) or 50)
    trial = trials.begin(judge="embedded", prompt=None, track="quick", starter=None)
    ticks = iter(range(1000))
    monkeypatch.setattr(trials.time, "monotonic", lambda: float(next(ticks)))
    slices = 1
    while not trials.work(trial_id=trial.pk, seconds=10):
        slices += 1
        trial.refresh_from_db()
        assert trial.state == Trial.State.RUNNING
    assert slices > 1
    assert trials.work(trial_id=trial.pk)  # once more changes nothing
    assert judged == [probe.key for probe in few]  # no case twice


def test_one_trial_of_a_kind_at_a_time(groq: Vendor, prompt: PromptVersion, few: Any) -> None:
    trials.begin(judge="groq", prompt=prompt, track="quick", starter=None)
    with pytest.raises(Conflict):
        trials.begin(judge="groq", prompt=prompt, track="quick", starter=None)


def test_a_vendor_that_refuses_ends_the_trial_and_it_says_why(groq: Vendor, prompt: PromptVersion, few: Any) -> None:
    groq.script = [Fault(401, {"error": {"message": "no", "code": "invalid_api_key"}})]
    trial = finished(judge="groq", prompt=prompt)
    assert trial.state == Trial.State.FAILED
    assert "refused" in trial.error
    assert trial.green is None


def test_what_a_killed_worker_left_is_found(cast: Cast) -> None:
    trial = trials.begin(judge="embedded", prompt=None, track="quick", starter=None)
    assert trials.left_behind() == []
    Trial.objects.filter(pk=trial.pk).update(created_at=trial.created_at - 2 * trials.LEFT_BEHIND)
    assert trials.left_behind() == [trial.pk]


def test_the_command_prints_the_report_and_keeps_it(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("judge_gates", "--judge", "embedded")
    printed = capsys.readouterr().out
    assert "lift under attack" in printed
    assert "better seller higher, es: 18 of 18" in printed
    assert "English less Spanish" in printed
    assert printed.rstrip().endswith("passed.")
    assert Trial.objects.get().green


def test_the_command_fails_where_the_judge_does(groq: Vendor, prompt: PromptVersion, few: Any) -> None:
    answering(groq, lambda text: discerning(text) + ("Language of the call: es" in text))
    with pytest.raises(CommandError, match="not passed"):
        call_command("judge_gates", "--judge", "groq", "--prompt", "quick-2")


def test_an_organisations_own_key_can_be_used(cast: Cast, groq: Vendor, prompt: PromptVersion, few: Any) -> None:
    answering(groq, discerning)
    call_command("judge_gates", "--judge", "groq", "--prompt", "quick-2", "--organization", "acme")
    assert Trial.objects.get().green


def test_every_request_of_a_trial_is_in_the_ledger_and_its_cost_is_shown(
    cast: Cast, groq: Vendor, prompt: PromptVersion, few: tuple[Probe, ...]
) -> None:
    trial = finished(judge="groq", prompt=prompt)
    asked = OwnCall.objects.filter(reference=trials.reference_of(trial))
    assert asked.count() == len(groq.requests) == len(few)
    assert set(asked.values_list("vendor", "prompt_version", "outcome")) == {("groq", "quick-2", "ok")}
    spent = spending.spent_on(trials.reference_of(trial))
    assert spent == len(few) * Decimal("0.000315")
    assert spent < trials.most_usd("groq", prompt)
    client: Client = signed_in(User.objects.create_superuser("op@cast.test", "x"))
    assert f"{spent:.4f} $" in client.get(f"/admin/prompts/trial/{trial.pk}/change/").content.decode()
    page = client.get("/admin/costs/").content.decode()
    assert "trials of judges" in page
    assert f"{spent:.4f} $" in page


def test_a_trial_ends_where_the_months_money_does(
    groq: Vendor, prompt: PromptVersion, few: tuple[Probe, ...], settings: Any
) -> None:
    settings.OWN_BUDGET_USD = 0.008  # a request can cost about half of that at the most
    trial = finished(judge="groq", prompt=prompt)
    assert trial.state == Trial.State.FAILED
    assert "OWN_BUDGET_USD" in trial.error
    assert 0 < len(groq.requests) < len(few)
    assert spending.spent_on(trials.reference_of(trial)) <= Decimal("0.008")


def test_a_trial_that_the_money_does_not_cover_is_not_begun(
    groq: Vendor, prompt: PromptVersion, few: Any, settings: Any
) -> None:
    client: Client = signed_in(User.objects.create_superuser("op@cast.test", "x"))
    act = {"action": "try_it", "_selected_action": [str(prompt.pk)]}
    settings.OWN_BUDGET_USD = 0.001
    page = client.post("/admin/prompts/promptversion/", act, follow=True).content.decode()
    assert "OWN_BUDGET_USD" in page
    assert "Nothing was asked." in page
    assert not Trial.objects.exists()
    settings.OWN_BUDGET_USD = 100
    assert "cost at most" in client.post("/admin/prompts/promptversion/", act, follow=True).content.decode()
    assert Trial.objects.exists()


def test_operators_read_the_report(cast: Cast, groq: Vendor, prompt: PromptVersion, few: Any) -> None:
    trial = finished(judge="groq", prompt=prompt)
    client: Client = signed_in(User.objects.create_superuser("op@cast.test", "x"))
    page = client.get(f"/admin/prompts/trial/{trial.pk}/change/").content.decode()
    assert "honest look-alikes" in page
    assert "90 % interval" in page
    assert client.get("/admin/prompts/trial/").status_code == 200
    assert "Does it tell good calls from bad ones?" in page
    assert "0 of 6" in page
    assert "passed" in client.get("/admin/prompts/promptversion/").content.decode()
    assert json.dumps(trial.scores)  # kept as plain JSON
