"""The form of a new experiment: two versions of one thing, of one scenario."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayInput
from scenarios.experiments.models import FEWEST, Experiment
from scenarios.experiments.services import VERSIONS, Arm
from scenarios.models import Scenario
from scoring.prompts import registry
from scoring.prompts.models import PromptVersion

MOST_VERSIONS = 30


class ExperimentForm(forms.Form):
    """`scenario` and `kind` are fixed before it is drawn, since they decide which versions there are."""

    title = forms.CharField(label=_("Title"), max_length=160)
    metric = forms.ChoiceField(label=_("What decides"), choices=Experiment.Metric.choices)
    minimum_sample = forms.IntegerField(
        label=_("People for each variant"), min_value=FEWEST, max_value=100_000, initial=30
    )
    ends_on = forms.DateField(label=_("Ends at the latest on"), required=False, widget=DayInput)
    control = forms.ChoiceField(label=_("Control: the version that people have now"))
    variant = forms.ChoiceField(label=_("The version that is tried"))
    share = forms.IntegerField(label=_("Share of people who get it (%)"), min_value=1, max_value=99, initial=50)

    def __init__(self, *args: Any, scenario: Scenario, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = versions_of(scenario, kind)
        for name in ("control", "variant"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        in_use = version_in_use(scenario, kind)
        ids = [version for version, _label in choices]
        ids.sort(key=lambda version: version != in_use)  # first what people have now, then the newest other one
        for name, version in zip(("control", "variant"), ids, strict=False):
            self.fields[name].initial = version

    def arms(self) -> list[Arm]:
        """The variants as chosen; their names are those of their versions."""
        share = self.cleaned_data["share"]
        labels = dict(self.fields["control"].choices)  # type: ignore[attr-defined]
        chosen = (("control", 100 - share), ("variant", share))
        return [Arm(str(labels[self.cleaned_data[name]]), self.cleaned_data[name], part) for name, part in chosen]


def version_in_use(scenario: Scenario, kind: str) -> str:
    """The version that calls on this scenario are held or judged on today; "" where it is not published. A persona that was
    published again since is not it: the scenario keeps the version that it was published with."""
    if kind == Experiment.Kind.PROMPT:
        return registry.active("deep").version
    version = scenario.newest_published()
    if version is None:
        return ""
    return str(version.pk if kind == Experiment.Kind.SCENARIO else getattr(version, f"{VERSIONS[kind][0]}_id"))


def versions_of(scenario: Scenario, kind: str) -> list[tuple[str, str]]:
    """Versions that can be compared, the newest first."""
    if kind == Experiment.Kind.PROMPT:
        usable = PromptVersion.objects.filter(track="deep").exclude(state=PromptVersion.State.DRAFT)
        return [(row.version, row.version) for row in usable.order_by("-created_at")[:MOST_VERSIONS]]
    _field, model, owner = VERSIONS[kind]
    wanted = scenario.pk if owner == "scenario_id" else getattr(scenario, owner)
    rows = model.objects.filter(**{owner: wanted}).order_by("-number")[:MOST_VERSIONS]
    return [(str(row.pk), str(row)) for row in rows]
