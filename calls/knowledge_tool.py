"""A buyer that is played by a vendor's agent asks what it knows, in the middle of the call.

While we look, the trainee hears nothing. So there is an answer within `BUDGET_SECONDS`, if only that nothing is at hand.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import Any
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse

from calls import services
from calls.knowledge import documents_say_in, look_up
from calls.models import Call
from calls.vendor_records import find
from integrations.embeddings.embedded import default_encoder
from integrations.inbound.base import Body, InboundMessage, Received
from integrations.inbound.door import for_vendors, signed_post
from integrations.voice.vapi import tools
from integrations.voice.vapi.inbound import TOOL_CALLS
from integrations.voice.vapi.inbound import VENDOR as VAPI
from integrations.voice.vapi.tools import ToolAsked, ToolResult
from scenarios.briefs import PersonaBrief
from tenants.schemas import current_schema

logger = structlog.get_logger(__name__)

BUDGET_SECONDS = 1.5
TOOL_NAMES = frozenset({"lookup_knowledge", "knowledge_base", "knowledge-base", "knowledgeBase"})
QUESTION_NAMES = ("query", "question", "q", "text", "topic")
# When both are busy, whoever comes next says that it is not at hand.
_finders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="knowledge")


@for_vendors
def knowledge_base(request: HttpRequest) -> HttpResponse:
    """`POST`: signed like the vendor's webhooks. 200 `{results: [{toolCallId, name, result | error}]}`, one for each id."""

    def act(message: InboundMessage, _body: Body, is_ours: bool) -> HttpResponse:
        if not is_ours or message.kind != TOOL_CALLS:
            return JsonResponse(tools.reply(tools.not_at_hand(tools.kept(message.payload))))
        return JsonResponse(answer(Received.just_now(VAPI.name, message)))

    return signed_post(request, VAPI, act)


def answer(received: Received) -> dict[str, Any]:
    """The reply to a message with tool calls, in the vendor's shape."""
    wanted = tools.kept(received.payload)
    call = _call_of(received)
    if call is None or not call.is_live:
        return tools.reply(tools.not_at_hand(wanted))
    brief = services.brief_of(call)
    finding = _finders.submit(_found, current_schema(), brief, wanted)
    try:
        return tools.reply(finding.result(timeout=BUDGET_SECONDS))
    except TooLate:
        finding.cancel()
        logger.warning("looking up took too long", call=str(call.pk))
    except Exception as error:  # a vendor that gets no answer lets the buyer fall silent
        logger.error("looking up failed", call=str(call.pk), error_type=type(error).__name__)
    return tools.reply(tools.not_at_hand(wanted))


def _call_of(received: Received) -> Call | None:
    variables = received.payload.get("variables", {})
    call = find(vendor=received.vendor, conversation_id=received.conversation_id, variables=variables)
    if call is not None:
        return call
    # A call that the bridge had to make again is a conversation we have not noted. Its variables were never in a browser.
    try:
        call_id = UUID(str(variables.get("parley_call_id", "")))
    except ValueError:
        return None
    return Call.objects.filter(pk=call_id, provider=received.vendor, transport=Call.Transport.BRIDGE).first()


def _found(schema_name: str, brief: PersonaBrief, wanted: list[ToolAsked]) -> list[ToolResult]:
    encoder = default_encoder()
    results = []
    for tool in wanted:
        if tool.name not in TOOL_NAMES:
            results.append(ToolResult(tool.id, tool.name, "There is no such tool.", error=True))
            continue
        question = _question(tool.arguments)
        found = look_up(brief, question, encoder=encoder) or documents_say_in(schema_name, question)
        results.append(ToolResult(tool.id, tool.name, found or tools.NOT_AT_HAND))
    return results


def _question(arguments: dict[str, Any]) -> str:
    """The question, by whatever name the agent's tool gives it."""
    for name in QUESTION_NAMES:
        if isinstance(arguments.get(name), str):
            return str(arguments[name])
    return next((value for value in arguments.values() if isinstance(value, str)), "")
