"""What the room's script needs to know of its call, and the sentences it may have to say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from calls import services
from calls.models import Call
from integrations.vendors import keys_of
from integrations.voice.registry import PROVIDERS, provider
from tenants.models import Organization


def debrief_path(call_id: UUID) -> str:
    """Where the call is looked back on: a page of the layer above, known by its address only."""
    return reverse("calls:room", kwargs={"call_id": call_id}) + "debrief/"


def direct_sources(organization: Organization) -> dict[str, list[str]]:
    """Whom the room's script has to do with besides us, by directive of the content security policy: voice services that
    calls go straight to, where that is switched on."""
    found: dict[str, list[str]] = {"connect-src": []}
    if organization.voice_direct:
        for name in PROVIDERS:
            keys = keys_of(name)
            for directive, sources in (provider(name).direct_sources(keys) if keys.usable else {}).items():
                found.setdefault(directive, []).extend(sources)
    return found


def room_data(call: Call, *, consent_text: str, consent: bool | None, web_call: bool) -> dict[str, Any]:
    """For the page's `json_script`: nothing of the buyer that a trainee must not know. `consent`: the answer known so far;
    `web_call`: the voice service's own software speaks (`direct.joined_by_browser`)."""
    rest = f"{get_script_prefix()}api/v1/"
    api = f"{rest}calls/{call.pk}/"
    return {
        "callId": str(call.pk),
        "channel": call.channel,
        "language": call.language,
        "underway": call.status == Call.Status.IN_PROGRESS,
        "elapsedMs": elapsed_ms(call),
        "timeLimitMs": call.time_limit_ms,
        "buyer": call.brief["name"],
        "consent": {"known": consent, "text": consent_text},
        "urls": {
            "call": api,
            "start": f"{api}start/",
            "webCall": f"{api}web-call/" if web_call else "",
            "speak": f"{api}speak/",
            "end": f"{api}end/",
            "transcript": f"{api}transcript/",
            "score": f"{api}score/",
            "consents": f"{rest}user/consents/",
            "practice": reverse("calls:practice"),
            "debrief": debrief_path(call.pk),
            "again": _again_path(call),
        },
        "texts": texts(call.brief["name"], call.channel),
    }


def _again_path(call: Call) -> str:
    """Where an attempt that was given back is made again; empty where its scenario is not offered any more."""
    again = call.practised_again
    return reverse("calls:prepare", kwargs={"scenario_id": again}) if again else ""


def elapsed_ms(call: Call) -> int:
    """What the call's clock shows; that of a redo stands where the first call was left until it begins."""
    if call.started_at is None:
        return services.shared_ms(call.pk) if call.is_redo else 0
    return int((timezone.now() - call.started_at).total_seconds() * 1000)


def _back_again(channel: str) -> str:
    """What was typed while the line was away is sent now; what was said then, nobody heard."""
    if channel == Call.Channel.TEXT:
        return _("Connected again. Nothing was lost.")
    return _("Connected again. Say once more what you said meanwhile.")


def texts(buyer: str, channel: str) -> dict[str, str]:
    """Every sentence of the script, in the reader's language."""
    named = {"buyer": buyer}
    return {
        "you": _("You"),
        "interrupted": _("cut off"),
        "connecting": _("Calling %(buyer)s…") % named,
        "listening": _("%(buyer)s is listening") % named,
        "speaking": _("%(buyer)s is speaking") % named,
        "thinking": _("%(buyer)s is thinking") % named,
        "muted": _("Your microphone is muted"),
        "holdToTalk": _("Hold the space bar or the button to talk"),
        "reconnecting": _("The connection was lost. Reconnecting…"),
        "reconnected": _back_again(channel),
        "mute": _("Mute"),
        "unmute": _("Unmute"),
        "timeLeft": _("One minute left"),
        "slow": _("The voice service is slow. This will not count against you."),
        "switched": _("Another voice service has taken over. You need not do anything."),
        "observerOne": _("%(names)s is listening in"),
        "observerMany": _("%(names)s are listening in"),
        # devices
        "micGone": _("The microphone is gone. Go on by typing, or plug it in again, or choose another one."),
        "micBack": _("The microphone works again."),
        "noMicrophone": _("No microphone: type to %(buyer)s") % named,
        "echoTesting": _("Listen: six short tones…"),
        "echoHeard": _(
            "Your microphone hears your loudspeaker. Put on headphones, or the buyer may be cut off by their own voice."
        ),
        "echoNone": _("No echo. Your loudspeaker does not reach the microphone."),
        "latencyGood": _("The connection to Parley is good."),
        "latencyFair": _("The connection to Parley is fair: answers may come a little late."),
        "latencyPoor": _(
            "The connection to Parley is slow. You can call all the same; delays will not count against you."
        ),
        "micReady": _("We can hear you. You are ready."),
        "micQuiet": _("Say something: the bar should move."),
        "micSilent": _(
            "The microphone is silent. Is it muted, or is another one chosen in the list? You can also type instead."
        ),
        "micDeniedChrome": _(
            "The browser blocks the microphone. Click the symbol left of the address, set Microphone to “Allow”, then check "
            "again."
        ),
        "micDeniedFirefox": _(
            "Firefox blocks the microphone. Click the crossed-out microphone beside the address and remove the block, then "
            "check again."
        ),
        "micDeniedSafari": _(
            "Safari blocks the microphone. Open Safari › Settings for this website, set Microphone to “Allow”, then check "
            "again."
        ),
        "micDeniedApp": _(
            "The microphone is blocked for this app. Open this site in your browser, click the symbol left of the address "
            "and set Microphone to “Allow”: the app follows it. Then check again here, or type instead."
        ),
        "micDeniedAppApple": _(
            "The microphone is blocked for this app. Allow it in the device's settings: on an iPhone or iPad under Apps › "
            "Safari › Microphone, on a Mac under Privacy & Security › Microphone. Then open the app again, or type instead."
        ),
        "micMissing": _("No microphone was found. Plug one in and check again, or type instead."),
        "micBusy": _("Another program is using the microphone. Close it and check again."),
        "micInsecure": _(
            "Browsers give the microphone only to pages on https or localhost. Ask whoever runs this site, or type instead."
        ),
        "micUnknown": _("The microphone could not be opened. Check again, or type instead."),
        "defaultMicrophone": _("Microphone %(number)s"),
        # refusals and ends
        "answerConsent": _("Say first whether the call may be recorded."),
        "tryAgain": _("Try again"),
        "noProvider": none_left(channel),
        "noStream": _(
            "Live sound does not get through here. Start again to talk in turns: hold the button, speak, let go and listen."
        ),
        "startFailed": _("The call could not be started. Nothing was used up: try again."),
        "offline": _("The server cannot be reached. Check your connection and try again."),
        "wait": _("Too many calls in a short time. Try again in %(seconds)s seconds."),
        "elsewhere": _("This call is open in another tab or window."),
        "lostForGood": _("The connection did not come back in time. What was said until then is kept."),
        "endedByTrainee": _("You ended the call."),
        "endedByBuyer": _("%(buyer)s ended the call.") % named,
        "endedBySystem": _("The call was ended."),
        "scorePending": _("Your quick score is on its way…"),
        "scoreReady": _("Quick score"),
        "debriefPending": _("The full debrief is being written."),
        "debriefReady": _("The full debrief is ready."),
        "notGradable": _("Too little was said for a score. This attempt does not count."),
        "voided": _("This attempt does not count, and you can try again."),
        **reasons(buyer),
    }


def none_left(channel: str) -> str:
    """Nobody speaks for the buyer; who types already is not told to type."""
    if channel == Call.Channel.TEXT:
        return _("No voice service can be reached right now. This attempt was not used up: try again in a moment.")
    return _(
        "No voice service can be reached right now. This attempt was not used up: try again in a moment, or type instead."
    )


def reasons(buyer: str) -> dict[str, str]:
    """Why a buyer hangs up, by the engine's word for it."""
    named = {"buyer": buyer}
    return {
        "reason_next_step_agreed": _("You agreed on a next step."),
        "reason_goodbye": _("You said goodbye."),
        "reason_patience_ran_out": _("%(buyer)s lost patience.") % named,
        "reason_rude": _("%(buyer)s did not want to be spoken to like that.") % named,
        "reason_silence": _("Nothing was said for too long."),
        "reason_time_up": _("%(buyer)s had to go.") % named,
        "reason_time_limit": _("The time was up."),
        "reason_connection_lost": _("The connection did not come back in time. What was said until then is kept."),
    }
