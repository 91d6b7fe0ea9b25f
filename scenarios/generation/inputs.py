"""What somebody asks for: checked, in one shape, whichever page, API or layer above it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from scenarios.models.personas import Difficulty, Personality
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language
from scenarios.wording import MARKUP
from tenants.api.errors import field_messages
from tenants.api.serializers import StrictSerializer
from tenants.errors import InvalidInput

MOST_ITEMS = 12
MOST_SEED = 2_000_000_000


class PlainText(serializers.CharField):
    """Text that will be read out loud: no tags."""

    def to_internal_value(self, data: Any) -> str:
        text = " ".join(super().to_internal_value(data).split())
        if MARKUP.search(text):
            raise serializers.ValidationError(_("Take the HTML out; this text is read out loud."))
        return text


class PlainTexts(serializers.ListField):
    """Short texts; one text with a line for each is fine too, as a form sends it."""

    child = PlainText(max_length=300, allow_blank=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_ITEMS, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        if isinstance(data, str):
            data = data.splitlines()
        if isinstance(data, list):
            data = [line for line in data if not isinstance(line, str) or line.strip()]
        return list(super().to_internal_value(data))


class BusinessSerializer(StrictSerializer):
    """What is sold, by whom, to whom."""

    company = PlainText(max_length=120, label=_("your company"))
    sells = PlainText(max_length=300, label=_("what it sells"))
    audience = PlainText(max_length=300, required=False, allow_blank=True, label=_("to whom"))
    price = PlainText(max_length=300, required=False, allow_blank=True, label=_("price and terms"))
    process = PlainText(max_length=300, required=False, allow_blank=True, label=_("how it starts"))
    next_step = PlainText(max_length=160, required=False, allow_blank=True, label=_("next step to agree on"))
    competitors = PlainTexts(required=False, label=_("competitors"))
    objections = PlainTexts(required=False, label=_("objections you hear"))
    proof_points = PlainTexts(required=False, label=_("proof points"))


class BrandingSerializer(StrictSerializer):
    """How the company speaks."""

    tone = PlainText(max_length=300, required=False, allow_blank=True, label=_("tone"))
    banned_words = PlainTexts(required=False, label=_("words that are not used"))


class WishSerializer(StrictSerializer):
    """The buyer and the call that are wanted, besides the material. What is left out is chosen."""

    industry = PlainText(max_length=120, required=False, allow_blank=True, label=_("industry of the buyer"))
    role = PlainText(max_length=120, required=False, allow_blank=True, label=_("job title of the buyer"))
    personality = serializers.ChoiceField(
        choices=Personality.choices, required=False, default=Personality.SKEPTICAL, label=_("personality")
    )
    difficulty = serializers.ChoiceField(
        choices=Difficulty.choices, required=False, default=Difficulty.MEDIUM, label=_("difficulty")
    )
    language = serializers.ChoiceField(choices=Language.choices, required=False, label=_("language"))
    mode = serializers.ChoiceField(choices=Mode.choices, required=False, default=Mode.COLD_CALL, label=_("mode"))
    branching = serializers.BooleanField(
        required=False, default=False, help_text="A front desk to get past before the buyer. Scenarios only."
    )
    seed = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=MOST_SEED, help_text="Another number gives another draft."
    )


class ProfileSerializer(WishSerializer):
    """A buyer from a few words."""

    industry = PlainText(max_length=120, label=_("industry of the buyer"))
    role = PlainText(max_length=120, label=_("job title of the buyer"))


class BusinessWishSerializer(WishSerializer):
    """A buyer, or a whole scenario, from what the business is and how it speaks."""

    business = BusinessSerializer()
    branding = BrandingSerializer(required=False)


def checked(serializer: type[StrictSerializer], data: Mapping[str, Any], *, language: str) -> dict[str, Any]:
    """The validated input, with `language` where none is given. Raises `InvalidInput` naming the fields."""
    form = serializer(data=dict(data))
    if not form.is_valid():
        fields = field_messages(form.errors)
        first = next(iter(fields))
        raise InvalidInput(details={"field": first, "issue": fields[first][0], "fields": fields})
    values: dict[str, Any] = dict(form.validated_data)
    values.setdefault("language", language)
    return values
