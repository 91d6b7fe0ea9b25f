"""Why a call is over, from the vendor's six hundred words to ours. The list grows, so unknown words are no error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ending:
    """`by`: "trainee", "persona" or "system". `fault`: an error type of the voice protocol, when the vendor broke it off;
    `started`: False when it never came about."""

    by: str
    reason: str
    fault: str = ""
    started: bool = True


KNOWN = {
    "assistant-ended-call": Ending("persona", "goodbye"),
    "assistant-said-end-call-phrase": Ending("persona", "goodbye"),
    "assistant-said-message-with-end-call-enabled": Ending("persona", "goodbye"),
    "assistant-ended-call-after-message-spoken": Ending("persona", "goodbye"),
    "assistant-ended-call-with-hangup-task": Ending("persona", "goodbye"),
    "assistant-forwarded-call": Ending("system", "forwarded"),
    "customer-ended-call": Ending("trainee", "hung_up"),
    "manually-canceled": Ending("trainee", "hung_up"),
    "vonage-disconnected": Ending("trainee", "hung_up"),
    "vonage-completed": Ending("trainee", "hung_up"),
    "call.in-progress.twilio-completed-call": Ending("trainee", "hung_up"),
    "call.in-progress.sip-completed-call": Ending("trainee", "hung_up"),
    "phone-call-provider-closed-websocket": Ending("system", "provider_failed", fault="unknown"),
    "twilio-reported-customer-misdialed": Ending("system", "no_answer", started=False),
    "vonage-rejected": Ending("system", "busy", started=False),
    "customer-did-not-give-microphone-permission": Ending("system", "no_microphone", started=False),
    "customer-did-not-answer": Ending("system", "no_answer", started=False),
    "customer-busy": Ending("system", "busy", started=False),
    "voicemail": Ending("system", "voicemail", started=False),
    "silence-timed-out": Ending("system", "silence"),
    "exceeded-max-duration": Ending("system", "time_limit"),
}
# Who of the vendor's own providers failed, by a word in what broke.
PARTS = (
    ("transcriber", "asr_transcription_error"),
    ("voice", "tts_cascade_error"),
    ("llm", "llm_error"),
    ("model", "llm_error"),
    ("openai", "llm_error"),
    ("anthropic", "llm_error"),
    ("google", "llm_error"),
)
BROKEN = ("call.in-progress.error", "pipeline-", "worker-", "unknown-error")
NEVER_STARTED = (
    "call.start.",
    "call-start-error",
    "call.ringing.",
    "assistant-request-",
    "assistant-not-",
    "assistant-join-",
    "scheduled-call-deleted",
    "twilio-failed",
    "vonage-failed",
    "phone-call-provider-",
)


def ending(reason: str) -> Ending:
    """What an `endedReason` means."""
    known = KNOWN.get(reason)
    if known is not None:
        return known
    if reason.startswith("customer-ended-call"):
        return KNOWN["customer-ended-call"]
    if reason.startswith(BROKEN):
        return Ending("system", "provider_failed", fault=_fault(reason))
    if reason.startswith(NEVER_STARTED):
        return Ending("system", "not_connected", fault="http_exception", started=False)
    if "error" in reason:
        return Ending("system", "provider_failed", fault=_fault(reason))
    return Ending("system", "provider_ended")


def _fault(reason: str) -> str:
    return next((fault for part, fault in PARTS if part in reason), "unknown")
