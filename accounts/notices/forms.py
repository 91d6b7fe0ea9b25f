"""The page of preferences: for every kind whether the bell rings and what mail does, and when mail comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .kinds import GROUPS, Kind
from .models import Choice, Rhythm
from .preferences import Way, all_ways

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class NoticeForm(forms.Form):
    digest = forms.ChoiceField(label=_("The digest comes"), choices=Rhythm.Digest.choices)
    digest_hour = forms.TypedChoiceField(label=_("At"), choices=HOURS, coerce=int)
    quiet_from = forms.TimeField(
        label=_("No mail from"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )

    def __init__(self, data: Any, *, user: User, kinds: Mapping[str, Kind], rhythm: Rhythm) -> None:
        fields = ("digest", "digest_hour", "quiet_from", "quiet_until")
        super().__init__(data, initial={name: getattr(rhythm, name) for name in fields})
        self.kinds = kinds
        for key, way in all_ways(user).items():
            if key not in kinds:
                continue
            label = str(kinds[key].label)
            self.fields[f"in_app_{key}"] = forms.BooleanField(label=label, required=False, initial=way.in_app)
            self.fields[f"email_{key}"] = forms.ChoiceField(
                label=label, choices=Choice.Email.choices, initial=way.email
            )

    def groups(self) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
        """`(name, [{label, in_app, email}])` in the order of the groups, for the table."""
        order = {str(group): place for place, group in enumerate(GROUPS)}
        ranked = sorted(self.kinds.items(), key=lambda item: order[str(item[1].group)])
        for group, members in groupby(ranked, key=lambda item: str(item[1].group)):
            yield (
                group,
                [
                    {"label": kind.label, "in_app": self[f"in_app_{key}"], "email": self[f"email_{key}"]}
                    for key, kind in members
                ],
            )

    def chosen(self) -> dict[str, Any]:
        """What `preferences.save` takes."""
        data = self.cleaned_data
        return {
            "ways": {key: Way(in_app=data[f"in_app_{key}"], email=data[f"email_{key}"]) for key in self.kinds},
            **{name: data[name] for name in ("digest", "digest_hour", "quiet_from", "quiet_until")},
        }
