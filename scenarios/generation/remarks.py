"""What is to be known about how a draft was made, kept as codes and worded for whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.vendor_names import name_of

SET_ASIDE = "set_aside"
CUT = "cut"
FELL_BACK = "fell_back"
NOTHING_FOUND = "nothing_found"
NO_PRODUCT = "no_product"
CONTRADICTION = "contradiction"
NO_CONTRADICTION = "no_contradiction"
NOT_LOOKED = "not_looked"


def remark(code: str, **values: Any) -> dict[str, Any]:
    return {"code": code, "values": values}


def worded(item: Mapping[str, Any]) -> str:
    """One sentence."""
    values = item.get("values", {})
    match item["code"]:
        case "set_aside":
            lines = values["lines"]
            message = ngettext(
                "A sentence in the file tells a machine what to do. It was left out: “%(lines)s”.",
                "%(count)d sentences in the file tell a machine what to do. They were left out: “%(lines)s”.",
                len(lines),
            )
            return message % {"count": len(lines), "lines": "” · “".join(lines).rstrip(".")}
        case "cut":
            return _("The file is very long; only its first part was read.")
        case "fell_back":
            message = _("%(vendor)s did not write this (%(problem)s); templates did.")
            return message % {"vendor": name_of(values["vendor"]), "problem": problem_in_words(values["problem"])}
        case "nothing_found":
            return _("The file says nothing that is recognised about products, prices or objections; check every line.")
        case "no_product":
            return _("Nothing says in one sentence what you sell. Write it into the scenario before you publish it.")
        case "contradiction":
            message = _(
                "%(vendor)s sees a contradiction: the draft says “%(draft)s”, and “%(known)s” stands against it. %(why)s"
            )
            return message % {**values, "vendor": name_of(values["vendor"])}
        case "no_contradiction":
            message = _("%(vendor)s found no contradiction between the draft and what it was made from.")
            return message % {"vendor": name_of(values["vendor"])}
        case "not_looked":
            message = _("No language model looked for contradictions (%(problem)s); only rules did.")
            return message % {"problem": problem_in_words(values["problem"])}
    return str(item["code"])


def problem_in_words(code: str) -> str:
    """An error's code of a provider, for people."""
    texts = {
        "not_configured": _("no language model has a key"),
        "over_budget": _("the budget of this month is used up"),
        "timeout": _("no answer in time"),
        "rate_limited": _("too many requests at once"),
        "unavailable": _("the service is away"),
        "refused": _("the request was refused"),
        "quota_exhausted": _("the account's quota is used up"),
        "invalid_answer": _("the answer could not be used, twice"),
        "cut_off": _("the answer was cut off"),
        "model_retired": _("the model is no longer served"),
        "unexpected": _("something went wrong on our side"),
    }
    return texts.get(code, code)
