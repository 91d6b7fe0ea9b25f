import pytest

from integrations.errors import (
    ModelRetired,
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    from_status,
)


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (401, "", ProviderRefused),
        (422, "", ProviderRefused),
        (400, "model_decommissioned", ModelRetired),
        (400, "bad request", ProviderRefused),
        (404, "", ModelRetired),
        (408, "", ProviderTimeout),
        (429, "", ProviderRateLimited),
        (500, "", ProviderUnavailable),
        (504, "", ProviderTimeout),
    ],
)
def test_status_becomes_an_error(status: int, reason: str, kind: type[ProviderError]) -> None:
    error = from_status(status, provider="groq", reason=reason)
    assert type(error) is kind
    assert error.status == status
    assert error.provider == "groq"


def test_only_passing_trouble_is_tried_again() -> None:
    assert from_status(503, provider="groq").retryable
    assert from_status(429, provider="groq").retryable
    assert not from_status(401, provider="groq").retryable


def test_rate_limit_says_when_to_come_back() -> None:
    error = from_status(429, provider="gemini", retry_after=7)
    assert isinstance(error, ProviderRateLimited)
    assert error.retry_after == 7


def test_message_does_not_repeat_the_vendors_words() -> None:
    assert "secret" not in str(from_status(400, provider="groq", reason="secret words of a call"))
