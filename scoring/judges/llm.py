"""A language model as judge. It rates and words; its quotes are checked, and what cannot be found earns nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import structlog

from integrations.embeddings.base import Encoder
from integrations.errors import ProviderInvalidAnswer
from integrations.llm.base import Ask, LanguageModel
from integrations.llm.prices import cost_usd
from integrations.resilience import call_provider
from scenarios.briefs import CriterionSpec
from scoring import prompts
from scoring.evidence import Span, find_quote, verified
from scoring.lexicon import lexicon
from scoring.signals.base import flagged_in
from scoring.transcripts import TranscriptTurn

from .base import Case, CriterionVerdict, Improvement, Judgement, KeyMoment, Strength, Track
from .embedded import EmbeddedJudge
from .schemas import MAX_TEXT, STEP, schema_for

logger = structlog.get_logger(__name__)

TEMPERATURES: dict[Track, float] = {"quick": 0.2, "deep": 0.3}
MAX_OUTPUT = {"quick": 2_000, "deep": 6_000}
ATTEMPT_SECONDS: dict[Track, float] = {"quick": 2.0, "deep": 30.0}
LEAST, MOST = 3, 5
MAX_MOMENTS = 8


class LanguageModelJudge:
    """Judges through one model. Where it gives fewer than three strengths or improvements that hold, the embedded judge's
    own fill up the list: they are quotes as well."""

    def __init__(self, model: LanguageModel, *, encoder: Encoder, seconds: float) -> None:
        self.slug = model.slug
        self._model = model
        self._embedded = EmbeddedJudge(encoder)
        self._seconds = seconds

    def judge(self, case: Case, *, track: Track) -> Judgement:
        system, prompt = prompts.render(case, track=track)
        ask = Ask(
            system=system,
            prompt=prompt,
            schema=schema_for(case.rubric, track),
            name=f"{track}_verdict",
            temperature=TEMPERATURES[track],
            max_output_tokens=MAX_OUTPUT[track],
        )

        def attempt(left: float | None) -> Any:
            most = ATTEMPT_SECONDS[track]
            answer = self._model.answer(ask, timeout=most if left is None else min(most, left))
            _check(case, answer.data, self.slug)
            return answer

        began = time.monotonic()
        answer = call_provider(self.slug, attempt, seconds=self._seconds, account=self._model.account)
        usage = {
            **answer.usage.to_json(),
            "ms": round((time.monotonic() - began) * 1000),
            "cost_usd": cost_usd(answer.model, answer.usage),
        }
        logger.info("a language model judged", judge=self.slug, model=answer.model, track=track, **usage)
        return self._read(case, track, answer.data, model=answer.model, usage=usage)

    def again(self, case: Case, *, track: Track, raw: Mapping[str, Any]) -> Judgement:
        return self._read(case, track, raw, model=self._model.model, usage={})

    def _read(
        self, case: Case, track: Track, data: Mapping[str, Any], *, model: str, usage: Mapping[str, Any]
    ) -> Judgement:
        heard = _Heard(case)
        answers = {item["key"]: item for item in data["criteria"]}
        version = prompts.VERSIONS[track]
        return Judgement(
            criteria=tuple(_verdict(item, answers[item.key], heard) for item in case.rubric.criteria),
            **(self._feedback(case, data, heard) if track == "deep" else {}),
            summary=_short(data.get("summary", "")),
            headline=_short(data["headline"]),
            raw=dict(data),
            usage=usage,
            model=model,
            prompt_version=version,
            settings={"step": STEP, "temperature": TEMPERATURES[track], "prompt_hash": prompts.version_hash(version)},
        )

    def _feedback(self, case: Case, data: Mapping[str, Any], heard: _Heard) -> dict[str, Any]:
        strengths = [
            Strength(_short(item["point"]), span.quote, heard.at(item["turn"], span))
            for item in data["strengths"]
            if (span := heard.quote(item["turn"], item["quote"]))
        ][:MOST]
        improvements = [
            Improvement(_short(item["point"]), _short(item["suggestion"]), heard.at(item["turn"], None))
            for item in data["improvements"]
            if item["point"].strip() and item["suggestion"].strip()
        ][:MOST]
        moments = [
            KeyMoment(turn.start_ms, item["type"], _short(item["description"]), quote)
            for item in data["key_moments"]
            if (found := heard.anyones(item["turn"], item["quote"]))
            for turn, quote in [found]
        ][:MAX_MOMENTS]
        if min(len(strengths), len(improvements)) < LEAST:
            spare = self._embedded.judge(case, track="quick")
            strengths += [item for item in spare.strengths if item not in strengths][: max(LEAST - len(strengths), 0)]
            improvements += list(spare.improvements)[: max(LEAST - len(improvements), 0)]
        moments.sort(key=lambda item: (item.timestamp_ms, item.type, item.description))
        return {
            "strengths": tuple(strengths),
            "improvements": tuple(improvements),
            "key_moments": tuple(moments),
        }


class _Heard:
    """Looks up what a model claims was said."""

    def __init__(self, case: Case) -> None:
        self._turns = case.turns
        self._by_seq = {turn.seq: turn for turn in case.turns}
        self._flagged = [(one.turn.id, one.start, one.end) for one in flagged_in(case.turns, lexicon(case.language))]

    def quote(self, seq: int, quote: str) -> Span | None:
        spans = self.quotes([{"turn": seq, "quote": quote}])
        return spans[0] if spans else None

    def quotes(self, claims: list[dict[str, Any]]) -> tuple[Span, ...]:
        """The trainee's words among the claims; none that speak to a judge."""
        named = [
            (self._by_seq[item["turn"]].id if item["turn"] in self._by_seq else "", item["quote"]) for item in claims
        ]
        return tuple(span for span in verified(named, self._turns) if not self._speaks_to_judge(span))

    def _speaks_to_judge(self, span: Span) -> bool:
        return any(span.turn_id == turn and span.start < end and start < span.end for turn, start, end in self._flagged)

    def anyones(self, seq: int, quote: str) -> tuple[TranscriptTurn, str] | None:
        """The turn and the exact words, whoever said them: a key moment may be the buyer's."""
        turn = self._by_seq.get(seq)
        if turn is None:
            return None
        # The look-up knows trainees only; lend it the words under that name.
        lent = TranscriptTurn(turn.id, turn.seq, "user", turn.content, turn.start_ms, turn.end_ms)
        span = find_quote(quote, [lent], turn_id=turn.id)
        return (turn, span.quote) if span else None

    def at(self, seq: int, span: Span | None) -> int:
        """The time of the quote, else of the named turn, else the start of the call."""
        if span is not None:
            return next(turn.start_ms for turn in self._turns if turn.id == span.turn_id)
        turn = self._by_seq.get(seq)
        return turn.start_ms if turn else 0


def _verdict(criterion: CriterionSpec, answer: Mapping[str, Any], heard: _Heard) -> CriterionVerdict:
    spans = heard.quotes(answer["evidence"])
    score = int(answer["level"]) * STEP if answer["applicable"] and spans else 0
    if criterion.kind != "rated":
        score = 100 if score >= 2 * STEP else 0
    return CriterionVerdict(
        key=criterion.key,
        score=score,
        spans=spans if score else (),
        applicable=bool(answer["applicable"]),
        rationale=_short(answer.get("rationale", "")),
    )


def _check(case: Case, data: Mapping[str, Any], provider: str) -> None:
    """Every criterion once: a schema cannot say that. Raises `ProviderInvalidAnswer`."""
    keys = [item["key"] for item in data["criteria"]]
    if sorted(keys) != sorted(item.key for item in case.rubric.criteria):
        raise ProviderInvalidAnswer("the criteria are not those of the rubric", provider=provider)
    if all(not item["applicable"] for item in data["criteria"]):
        raise ProviderInvalidAnswer("no criterion was said to apply", provider=provider)


def _short(text: str) -> str:
    """One line of at most 600 characters."""
    return " ".join(text.split())[:MAX_TEXT]
