"""Every kind of item, in the order in which a package is written and read: what is needed comes before what needs it."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.models.versions import WorkingCopy
from scenarios.serializers import AuthoredSerializer

from .courses import Programs, Tracks
from .documents import Documents
from .kinds import Kind, Personas, Rubrics, Scenarios

REGISTRY: Mapping[str, Kind] = {
    kind.name: kind for kind in (Personas(), Rubrics(), Scenarios(), Tracks(), Programs(), Documents())
}
ORDER = tuple(REGISTRY)
# What a scenario is made of; every package has these lists, and what ships with Parley consists of them.
KINDS = ("personas", "rubrics", "scenarios")
SERIALIZERS: Mapping[str, type[AuthoredSerializer]] = {name: REGISTRY[name].serializer for name in KINDS}
MODELS: Mapping[str, type[WorkingCopy]] = {name: REGISTRY[name].model for name in KINDS}
