"""Request bodies: what is not asked for is refused, so that a misspelt name is not silently lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class RefusesUnknownFields:
    # For any serializer: answers 400 to unknown fields, naming them in the order in which they were sent. No docstring,
    # because every request body of the API's description would inherit it.
    fields: Any

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError({str(name): [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class StrictSerializer(RefusesUnknownFields, serializers.Serializer[Any]):
    pass


class StrictModelSerializer(RefusesUnknownFields, serializers.ModelSerializer[Any]):
    pass
