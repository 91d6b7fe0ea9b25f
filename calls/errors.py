"""What can be wrong with a request about a call."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tenants.errors import Conflict, ExternalServiceError, InvalidInput, NotFound


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
