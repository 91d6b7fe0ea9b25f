"""What can go wrong with a provider, whoever it is. Adapters translate their vendor's errors into these, and only these.

ProviderError
  + ProviderNotConfigured    no key, an unknown name, a missing model file: an operator has to act
  + ProviderRefused          the provider understood and said no: bad key, content policy
      + ModelRetired         the named model is no longer served
      + QuotaExhausted       the account's money or quota is used up; a person has to act
  + ProviderInvalidAnswer    it answered, but not with what was asked for
      + AnswerCutOff         the answer did not end within what it may be long
  + OverBudget               not asked at all: what may be spent this month does not cover it
  + ProviderUnavailable      it may well work in a moment
      + ProviderTimeout      no answer in time
      + ProviderRateLimited  too much at once; `retry_after` seconds when it said so

`retryable` says whether the same request may be sent again; `code` is what is stored and shown to operators. Messages
never quote what was said in a call nor a key; chain with `from None` when the vendor's own error does.
"""

from __future__ import annotations

from typing import ClassVar


class ProviderError(Exception):
    """`provider`: its slug ("groq", "embedded"). `status`: the HTTP status it answered with, if any. `tokens`: in and
    out, that were used up all the same and will be paid for."""

    code: ClassVar[str] = "provider_error"
    retryable: ClassVar[bool] = False
    tokens: tuple[int, int] = (0, 0)

    def __init__(self, message: str, *, provider: str, status: int | None = None) -> None:
        self.message = message
        self.provider = provider
        self.status = status
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.provider}: {self.message}"


class ProviderNotConfigured(ProviderError):
    code = "not_configured"


class ProviderRefused(ProviderError):
    code = "refused"


class ModelRetired(ProviderRefused):
    code = "model_retired"


class QuotaExhausted(ProviderRefused):
    code = "quota_exhausted"


class ProviderInvalidAnswer(ProviderError):
    """Asking again may help, since models vary; the retry policy of the caller decides."""

    code = "invalid_answer"
    retryable = True


class AnswerCutOff(ProviderInvalidAnswer):
    code = "cut_off"


class OverBudget(ProviderError):
    code = "over_budget"


class ProviderUnavailable(ProviderError):
    code = "unavailable"
    retryable = True


class ProviderTimeout(ProviderUnavailable):
    code = "timeout"


class ProviderRateLimited(ProviderUnavailable):
    code = "rate_limited"

    def __init__(
        self, message: str, *, provider: str, status: int | None = 429, retry_after: float | None = None
    ) -> None:
        super().__init__(message, provider=provider, status=status)
        self.retry_after = retry_after


RETIRED_MARKS = ("model_decommissioned", "model_not_found", "decommissioned", "no longer supported")


def from_status(status: int, *, provider: str, reason: str = "", retry_after: float | None = None) -> ProviderError:
    """The error for an HTTP status of a vendor. `reason`: the vendor's error code or message, used to tell a retired model
    from another refusal; it is not repeated in the message."""
    lowered = reason.lower()
    if status == 402 or (status == 429 and "insufficient_quota" in lowered):
        return QuotaExhausted("the account's quota is used up", provider=provider, status=status)
    if status == 429:
        return ProviderRateLimited("too many requests", provider=provider, status=status, retry_after=retry_after)
    if status in (408, 504):
        return ProviderTimeout("no answer in time", provider=provider, status=status)
    if status >= 500:
        return ProviderUnavailable(f"answered {status}", provider=provider, status=status)
    if status == 404 or (status in (400, 410) and any(mark in lowered for mark in RETIRED_MARKS)):
        return ModelRetired("the model is not served any more", provider=provider, status=status)
    if status in (401, 403):
        return ProviderRefused("the key was refused", provider=provider, status=status)
    return ProviderRefused(f"answered {status}", provider=provider, status=status)
