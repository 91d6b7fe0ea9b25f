"""Forms of the pages around uploaded calls."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.people.models import Team
from calls.uploads import receiving
from calls.uploads.models import UploadRule
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language


class AnnounceForm(forms.Form):
    """What is said of a recording. The page's script sends it to the API, and the file after it."""

    title = forms.CharField(label=_("Name of the call"), max_length=160, required=False)
    counterpart = forms.CharField(
        label=_("Whom the call was with"),
        max_length=80,
        required=False,
        help_text=_("Shown beside what they say. A first name is enough."),
    )
    language = forms.ChoiceField(label=_("Language of the call"), choices=Language.choices)
    mode = forms.ChoiceField(label=_("Kind of call"), choices=Mode.choices, initial=Mode.DISCOVERY)
    rubric_id = forms.ChoiceField(label=_("Scored on"), required=False)
    private = forms.BooleanField(label=_("Only for me: my managers do not see it until I submit it"), required=False)

    def __init__(self, *args: Any, language: str, may_be_private: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = language
        rubrics: dict[str, tuple[str, str]] = {}
        for code, _name in Language.choices:
            for version in receiving.rubrics_of(code).select_related("rubric"):
                rubrics.setdefault(str(version.rubric_id), (code, version.rubric.name))
        choices = [(key, f"{name} ({code})") for key, (code, name) in rubrics.items()]
        self.fields["rubric_id"].choices = [("", _("The usual rubric of the language")), *choices]  # type: ignore[attr-defined]
        self.can_score = bool(rubrics)
        if not may_be_private:
            del self.fields["private"]


class RuleForm(forms.ModelForm):
    class Meta:
        model = UploadRule
        fields = ("action", "shorter_than_s", "longer_than_s", "mode", "language", "team")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["team"].empty_label = _("every team")  # type: ignore[attr-defined]
        self.fields["mode"].choices = [("", _("every kind")), *Mode.choices]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", _("every language")), *Language.choices]  # type: ignore[attr-defined]
