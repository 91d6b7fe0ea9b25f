"""Request bodies: what is not asked for is refused, so that a misspelt name is not silently lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that answers 400 to unknown fields, naming them."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError({str(name): [_("This field is not known.")] for name in unknown})
        return super().to_internal_value(data)
