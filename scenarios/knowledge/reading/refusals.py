"""Why a file is not taken in, and how large one may be."""

from __future__ import annotations

from typing import Any

import structlog
from django.utils.translation import gettext_lazy as _

from tenants.errors import InvalidInput

logger = structlog.get_logger(__name__)

MOST_CHARACTERS = 3_000_000
MOST_PAGES = 1500
MOST_UNPACKED = 120_000_000  # bytes of everything in a Word file together
MOST_ENTRIES = 5000

REFUSALS: dict[str, Any] = {
    "empty": _("There is no text in this file."),
    "too_little": _("These few words are no playbook. It should say what is sold, to whom, and what buyers object to."),
    "too_large": _("The file is too large. Split it into smaller documents."),
    "too_long": _("The document is too long. Split it into smaller documents."),
    "unknown": _("Only PDF, Word (.docx), Markdown, HTML and plain text files can be read."),
    "old_word": _("This is a Word file of the old kind, or one with a password. Save it as .docx without a password."),
    "password": _("The file is protected by a password. Save a copy without one and upload that."),
    "damaged": _("The file is damaged and cannot be read. Save it again and upload that."),
    "bomb": _("The file would unpack to far more than any document holds, so it was not opened."),
    "scan": _("The PDF holds pictures of pages and no text. Run text recognition over it first, then upload it again."),
}


class Refused(InvalidInput):
    """`issue`: a key of `REFUSALS`."""

    code = "DOCUMENT_REFUSED"

    def __init__(self, issue: str) -> None:
        self.issue = issue
        super().__init__(REFUSALS[issue], details={"field": "file", "issue": issue})


def broken(error: Exception) -> Refused:
    """What a reader raised over a damaged file, in our words; noted, in case it was the reader's own mistake."""
    logger.info("a file could not be read", error_type=type(error).__name__)
    return Refused("damaged")
