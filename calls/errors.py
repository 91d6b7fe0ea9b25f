"""What can be wrong with a request about a call."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tenants.errors import Conflict, ExternalServiceError, InvalidInput, NotFound, PermissionRefused


class CallNotFound(NotFound):
    default_message = _("There is no such call.")


class CallAlreadyEnded(Conflict):
    code = "CALL_ENDED"
    default_message = _("This call has ended.")


class CallNotStarted(Conflict):
    code = "CALL_NOT_STARTED"
    default_message = _("This call has not started yet.")


class IllegalTransition(Conflict):
    code = "ILLEGAL_TRANSITION"
    default_message = _("A call cannot go from its present state to that one.")


class NothingToPractise(InvalidInput):
    default_message = _("Choose a published scenario, or a persona and a mode.")


class NoRecording(NotFound):
    default_message = _("This call has no recording.")


class WrongConversation(Conflict):
    code = "WRONG_CONVERSATION"
    default_message = _("That conversation does not belong to this call.")


class NoVoiceService(ExternalServiceError):
    default_message = _("No voice service answers at the moment. This attempt is not used up: try again in a minute.")


class PhoneNotAllowed(PermissionRefused):
    default_message = _("Your organisation does not let Parley call telephones.")


class PhoneNotPossible(ExternalServiceError):
    default_message = _("No voice service that calls telephones is set up. Practise in the browser instead.")


class NotDirect(Conflict):
    code = "NOT_DIRECT"
    default_message = _("This call cannot be held straight with a voice service.")


class PhoneBusy(Conflict):
    code = "PHONE_BUSY"
    default_message = _("You are in a call by phone already.")


class PhoneFailed(ExternalServiceError):
    default_message = _("The call could not be placed. Nothing was used up: try again, or practise in the browser.")


class CallHeld(Conflict):
    code = "CALL_HELD"
    default_message = _("Somebody speaks in this call by voice right now.")


class TurnInProgress(Conflict):
    code = "TURN_IN_PROGRESS"
    default_message = _("The turn before is still being answered. Try again in a moment.")


UNUSABLE = {
    "missing": _("Send a recording or a text."),
    "empty": _("The recording is empty."),
    "too_large": _("The recording is larger than 25 MB."),
    "too_long": _("The recording is longer than two minutes. Say it in shorter turns."),
    "not_audio": _("This file cannot be played as sound."),
    "no_speech": _("Nobody can be heard in the recording. Check the microphone and say it again."),
}


class UnusableAudio(InvalidInput):
    """`issue`: a key of `UNUSABLE`, told in `details` as well."""

    def __init__(self, issue: str) -> None:
        self.issue = issue
        super().__init__(UNUSABLE[issue], details={"field": "audio", "issue": issue})
