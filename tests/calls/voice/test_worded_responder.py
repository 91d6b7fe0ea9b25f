"""The engine decides, a model words: what is said when the model writes, strays, is late or is away."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, ClassVar

import pytest

from calls.voice.responder import BuyerResponder
from calls.voice.responder_llm import WordedResponder, whole_sentences
from integrations import resilience
from integrations.errors import ProviderUnavailable
from integrations.llm.chat import ChatMessage, ChatModel, ChatRoute, Patience
from integrations.voice.base import Spoken, StreamingResponder
from scenarios.briefs import PersonaBrief
from tests.factories import BRIEF

BRIEF_EN = PersonaBrief.from_json(BRIEF)
ASKED = "How many people are in your team?"


class Pen(ChatModel):
    """Writes what it is given; None breaks off there."""

    slug: ClassVar[str] = "pen"
    model = "pen"
    account = ""

    def __init__(self, *replies: list[str | None]) -> None:
        self.replies = list(replies)
        self.asked: list[Sequence[ChatMessage]] = []
        self.left_early = 0

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_output_tokens: int, patience: Patience
    ) -> AsyncGenerator[str]:
        self.asked.append(messages)
        try:
            for words in self.replies.pop(0):
                if words is None:
                    raise ProviderUnavailable("broke off", provider="pen")
                yield words
        except GeneratorExit:
            self.left_early += 1
            raise

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def breakers(settings: Any) -> Any:
    settings.BREAKER_URL = ""
    resilience.breakers.cache_clear()
    yield
    resilience.breakers.cache_clear()


def worded(*replies: list[str | None]) -> tuple[WordedResponder, Pen]:
    pen = Pen(*replies)
    return WordedResponder(BuyerResponder(BRIEF_EN, state=None), route=ChatRoute([pen])), pen


async def asked(responder: WordedResponder, text: str = ASKED) -> Spoken:
    return await responder.respond(text, at_ms=5000)


def rules(spoken: Spoken) -> dict[str, str]:
    return {entry["rule"]: entry["subject"] for entry in spoken.trace}


async def test_the_models_words_are_said_and_the_engines_reasons_kept() -> None:
    responder, pen = worded(["We're about ", "forty people, ", "all told."])
    assert isinstance(responder, StreamingResponder)
    await responder.open()
    spoken = await asked(responder)
    assert spoken.text == "We're about forty people, all told."
    assert rules(spoken)["fact_told"] == "team size"
    assert rules(spoken)["worded_by"] == "pen"
    assert spoken.state["turn"] == 1
    assert spoken.trouble == ""
    told = " ".join(message.text for message in pen.asked[0])
    assert "Marta speaking." in told
    assert "penalties" not in told


async def test_sentences_come_while_the_model_still_writes() -> None:
    responder, _ = worded(["We are forty", " people. And", " everybody is busy", "."])
    stream = await responder.respond_stream(ASKED, at_ms=5000)
    assert await anext(stream.sentences) == "We are forty people."
    assert await anext(stream.sentences) == "And everybody is busy."


async def test_a_reply_that_is_cut_stops_the_model() -> None:
    responder, pen = worded(["We are forty people. ", "And ", "everybody", " is busy."])
    stream = await responder.respond_stream(ASKED, at_ms=5000)
    first = await anext(stream.sentences)
    await stream.sentences.aclose()
    assert stream.finish(first).text == "We are forty people."
    assert pen.left_early == 1


async def test_without_the_model_the_engines_words_are_said() -> None:
    responder, _ = worded([None])
    spoken = await asked(responder)
    assert "We are forty people." in spoken.text
    assert rules(spoken)["wording_failed"] == "unavailable"
    assert rules(spoken)["wording_rerouted"] == "pen unavailable"
    assert spoken.trouble == "unavailable"


async def test_a_reply_that_breaks_off_keeps_what_the_author_wrote() -> None:
    responder, _ = worded(["That is easy to say. And", None])
    spoken = await asked(responder)
    assert spoken.text == "That is easy to say. We are forty people."
    assert spoken.trouble == "unavailable"


async def test_a_reply_that_strays_is_not_said() -> None:
    responder, pen = worded(["As an AI, ", "I must say. ", "We are ", "forty."])
    spoken = await asked(responder)
    assert "AI" not in spoken.text
    assert "We are forty people." in spoken.text
    assert rules(spoken)["wording_refused"] == "out_of_role"
    assert spoken.trouble == ""
    assert pen.left_early == 1


async def test_a_hidden_pain_never_gets_out_by_a_guess() -> None:
    responder, _ = worded(["We are forty people. Late deliveries cost us penalties every month."])
    spoken = await asked(responder)
    assert spoken.text == "We are forty people."
    assert rules(spoken)["wording_refused"] == "secret"


async def test_who_wants_it_repeated_hears_what_was_said() -> None:
    responder, _ = worded(["We're about forty people, all told."])
    await asked(responder)
    again = await asked(responder, "Sorry, can you repeat that?")
    assert again.text.endswith("We're about forty people, all told.")


async def test_pieces_of_any_size_make_whole_sentences() -> None:
    async def pieces() -> AsyncIterator[str]:
        for piece in ("Wel", "l, Mr", ". Ruiz", " is out. We ", "open at 9", ".30. ", "Bye", "!"):
            yield piece

    found = [sentence async for sentence in whole_sentences(pieces())]
    assert found == ["Well, Mr. Ruiz is out.", "We open at 9.30.", "Bye!"]
