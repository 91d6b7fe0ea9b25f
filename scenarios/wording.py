"""Words in authored text that must be found before it is used."""

from __future__ import annotations

import re

# An opening or closing tag; "a < b" and "<3" are no tags.
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<script|javascript:", re.IGNORECASE)

_FEELINGS_EN = r"confiden\w*|nervous\w*|enthusias\w*|happy|angry|stressed|anxious|passionate|sincere"
_FEELINGS_ES = r"segur[oa]s?|nervios[oa]s?|entusias\w*|feliz|enfadad[oa]s?|estresad[oa]s?|sincer[oa]s?"
# Judging people's feelings from how they sound is forbidden at work (EU AI Act, article 5) and unfair to accents: only
# words and timing are judged.
EMOTION = re.compile(
    rf"\bemotion\w*|\bemoci[oó]n\w*|\btone of voice\b|\btono de voz\b|\bvocal (?:tone|energy|pitch)\b|"
    rf"\bbody language\b|\blenguaje corporal\b|\beye contact\b|\bcontacto visual\b|\bfacial\w*|"
    rf"\b(?:sounds?|sounding|seems?|appears?|feels?)\s+(?:\w+\s+)?(?:{_FEELINGS_EN})|"
    rf"\b(?:suena|parece|se siente|se muestra)\s+(?:\w+\s+)?(?:{_FEELINGS_ES})|"
    rf"\bmood\b|\bestado de ánimo\b|\baccent\b|\bacento\b",
    re.IGNORECASE,
)
