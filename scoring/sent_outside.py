"""Which vendors words or sound of a call went to, to hold it and to judge it."""

from __future__ import annotations

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from calls.models import Call
from calls.uploads.models import CallUpload
from integrations.errors import OverBudget, ProviderNotConfigured
from integrations.models import ModelCall
from integrations.resilience import ProviderResting

from .judgement import EMBEDDED
from .judges.carried import PREFIX
from .models import HUMAN

# Who stands among the judges that were tried for one of these reasons was not sent anything.
NOT_SENT = frozenset({OverBudget.code, ProviderNotConfigured.code, ProviderResting.code})


def receivers_of(call: Call) -> list[str]:
    """Their slugs, in alphabetical order; none where nothing left the installation.

    Whoever was asked counts, whether an answer came or not. Read from the ledger of requests and, since its entries are kept
    for a time only, from the call and from its runs as well. Two queries.
    """
    # OpenAI lends ears and a voice to our own conversation: of a typed one it gets neither.
    found = set() if call.provider == "openai" and call.channel == Call.Channel.TEXT else {call.provider}
    for judged_by, tried in call.score_runs.values_list("judged_by", "manifest__tried"):
        found.add(judged_by.removeprefix(PREFIX))
        found |= {str(one.get("judge")) for one in tried or [] if one.get("code") not in NOT_SENT}
    # An upload's speech is written down under its own id, before there is a call.
    uploads = CallUpload.objects.filter(call=call).values(text=Cast("pk", CharField()))
    asked = ModelCall.objects.filter(Q(reference=str(call.pk)) | Q(reference__in=uploads))
    found |= set(asked.order_by().values_list("vendor", flat=True).distinct())
    return sorted(found - {"", EMBEDDED, HUMAN})
