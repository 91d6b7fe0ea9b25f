"""Why an uploaded call is refused, and what can be wrong with a request about one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tenants.errors import Conflict, DomainError, InvalidInput, NotFound

PROBLEMS: dict[str, Any] = {
    "no_consent": _(
        "Somebody on the recording has not agreed. Without everybody's consent it may not be uploaded; nothing was kept."
    ),
    "empty": _("The file is empty."),
    "too_large": _("The file is too large."),
    "not_audio": _(
        "This is not a sound or video file that can be read here. Its name does not matter; its contents do."
    ),
    "unreadable": _("The file cannot be played. It may be damaged or incomplete; export it again."),
    "too_long": _("The recording is too long. Cut it into one file for each call."),
    "too_short": _("The recording is too short to hold a conversation."),
    "no_speech": _("Nobody can be heard in the recording."),
    "wrong_language": _("The call is in another language than you said. Upload it again and choose that language."),
    "one_speaker": _("Only one of the two sides is left. A call needs somebody on each side."),
    "damaged": _("The file did not arrive as it was sent. Upload it again."),
    "abandoned": _("The upload was not finished in time; nothing was kept."),
    "withdrawn": _("Consent was withdrawn; nothing was kept."),
    "speech_service": _("The speech could not be turned into text: no service answered. Try again in a few minutes."),
    "internal": _("Something went wrong on our side. Nothing was lost: try again."),
    "by_rule": _("By a rule of your organisation, calls like this one are not kept."),
}


class UploadNotFound(NotFound):
    default_message = _("There is no such uploaded call.")


class UploadRefused(InvalidInput):
    """`issue`: a key of `PROBLEMS`, told in `details` as well."""

    code = "UPLOAD_REFUSED"

    def __init__(self, issue: str, *, field: str = "file", **details: Any) -> None:
        self.issue = issue
        super().__init__(PROBLEMS[issue], details={"field": field, "issue": issue, **details})


class UploadTooLarge(DomainError):
    code = "PAYLOAD_TOO_LARGE"
    http_status = 413

    def __init__(self, *, most_bytes: int) -> None:
        message = _("The file is larger than %(megabytes)d MB.") % {"megabytes": most_bytes // 1_000_000}
        super().__init__(message, details={"field": "size_bytes", "issue": "too_large", "most_bytes": most_bytes})


class WrongOffset(Conflict):
    """`offset`: how much is here, where the next part has to begin."""

    code = "WRONG_OFFSET"
    default_message = _("The part does not begin where the last one ended.")

    def __init__(self, offset: int) -> None:
        super().__init__(details={"offset": offset})


class UploadBusy(Conflict):
    code = "UPLOAD_BUSY"
    default_message = _("Another part of this file is being received.")


class WrongState(Conflict):
    code = "WRONG_STATE"
    default_message = _("That is not possible in the present state of this upload.")
