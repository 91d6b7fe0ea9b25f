"""A language model as judge. It rates and words; its quotes are checked, and what cannot be found earns nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integrations.embeddings.base import Encoder
from integrations.errors import ProviderInvalidAnswer
from integrations.llm import gateway
from integrations.llm.base import Ask, LanguageModel
from scenarios.briefs import CriterionSpec
from scoring.evidence import Refusal, Span, find_quote, why_refused
from scoring.injection.detector import flagged_in
from scoring.prompts.rendering import Prompt, render
from scoring.prompts.shipped import first
from scoring.transcripts import TranscriptTurn

from .base import Case, CriterionVerdict, Improvement, Judgement, KeyMoment, PartVerdict, QuoteCount, Strength, Track
from .embedded import EmbeddedJudge
from .kinds import of_parts, points_of_level, settled
from .schemas import MAX_TEXT, STEP, all_judged_keys, judged_keys, schema_for

TEMPERATURES: dict[Track, float] = {"quick": 0.2, "deep": 0.3}
MAX_OUTPUT = {"quick": 2_000, "deep": 6_000}
LEAST, MOST = 3, 5
MAX_MOMENTS = 8
MAX_SPANS = 5


class LanguageModelJudge:
    """Judges through one model. Where it gives fewer than three strengths or improvements that hold, the embedded judge's
    own fill up the list: they are quotes as well."""

    steady = False

    def __init__(
        self,
        model: LanguageModel | str,
        *,
        encoder: Encoder,
        seconds: float,
        prompt_for: Callable[[Track], Prompt] = first,
    ) -> None:
        """`model`: a vendor by name, whose models are asked in line, or one model. `prompt_for`: which version of a track's
        prompt is read, looked up for each call."""
        self.slug = model if isinstance(model, str) else model.slug
        self._model = model
        self._embedded = EmbeddedJudge(encoder)
        self._seconds = seconds
        self._prompt_for = prompt_for

    def judge(self, case: Case, *, track: Track, seed: int | None = None) -> Judgement:
        prompt = self._prompt_for(track)
        done = gateway.complete(
            ask_for(case, track, prompt, seed=seed),
            task=track,
            order=[self._model],
            deadline=self._seconds,
            check=lambda data: _check(case, data, self.slug),
            prompt_version=prompt.version,
        )
        usage = {
            **done.usage.to_json(),
            "ms": done.ms,
            "cost_usd": str(done.cost.usd) if done.cost.known else None,
        }
        return self._read(case, track, done.answer.data, model=done.answer.model, usage=usage, prompt=prompt)

    def again(self, case: Case, *, track: Track, raw: Mapping[str, Any]) -> Judgement:
        model = "" if isinstance(self._model, str) else self._model.model
        return self._read(case, track, raw, model=model, usage={})

    def _read(
        self,
        case: Case,
        track: Track,
        data: Mapping[str, Any],
        *,
        model: str,
        usage: Mapping[str, Any],
        prompt: Prompt | None = None,
    ) -> Judgement:
        heard = _Heard(case)
        answers = {item["key"]: item for item in data["criteria"]}
        criteria = tuple(_verdict(item, answers, heard) for item in case.rubric.criteria)
        feedback = self._feedback(case, data, heard) if track == "deep" else {}
        return Judgement(
            criteria=criteria,
            **feedback,
            quotes=heard.count,
            summary=_short(data.get("summary", "")),
            headline=_short(data["headline"]),
            raw=dict(data),
            usage=usage,
            model=model,
            prompt_version=prompt.version if prompt else "",
            settings={
                "step": STEP,
                "temperature": TEMPERATURES[track],
                **({"prompt_hash": prompt.hash} if prompt else {}),
            },
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


def ask_for(case: Case, track: Track, prompt: Prompt, *, seed: int | None = None) -> Ask:
    """What a model is asked about a call."""
    system, text = render(case, prompt)
    return Ask(
        system=system,
        prompt=text,
        schema=schema_for(case.rubric, track),
        name=f"{track}_verdict",
        temperature=TEMPERATURES[track],
        max_output_tokens=MAX_OUTPUT[track],
        seed=seed,
    )


class _Heard:
    """Looks up what a model claims was said."""

    def __init__(self, case: Case) -> None:
        self._turns = case.turns
        self._by_seq = {turn.seq: turn for turn in case.turns}
        self.count = QuoteCount()
        self._flagged = [(one.turn.id, one.start, one.end) for one in flagged_in(case.turns)]

    def quote(self, seq: int, quote: str) -> Span | None:
        spans = self.quotes([{"turn": seq, "quote": quote}])
        return spans[0] if spans else None

    def quotes(self, claims: list[dict[str, Any]]) -> tuple[Span, ...]:
        """The trainee's words among the claims, each once, at most five; none that speak to a judge. All are counted."""
        spans: list[Span] = []
        for item in claims:
            turn_id = self._by_seq[item["turn"]].id if item["turn"] in self._by_seq else ""
            span = find_quote(item["quote"], self._turns, turn_id=turn_id)
            refused: Refusal | None = None
            if span is None:
                refused = why_refused(item["quote"], self._turns, turn_id=turn_id)
            elif self._speaks_to_judge(span):
                refused = Refusal.TO_JUDGE
            elif span not in spans:
                spans.append(span)
            self.count += QuoteCount(1, int(refused is None), {refused.value: 1} if refused else {})
        return tuple(spans[:MAX_SPANS])

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


def _verdict(criterion: CriterionSpec, answers: Mapping[str, Mapping[str, Any]], heard: _Heard) -> CriterionVerdict:
    if criterion.kind == "compound":
        parts, lines = [], []
        for part, key in zip(criterion.parts, judged_keys(criterion), strict=True):
            score, spans, applicable = _rated(criterion, answers[key], heard)
            parts.append(PartVerdict(part.key, part.text, score, spans, applicable))
            lines.append(answers[key].get("rationale", "").strip())
        rationale = _short(" ".join(line for line in lines if line))
        return settled(criterion, of_parts(criterion, parts, rationale=rationale))
    answer = answers[criterion.key]
    score, spans, applicable = _rated(criterion, answer, heard)
    rationale = _short(answer.get("rationale", ""))
    return settled(criterion, CriterionVerdict(criterion.key, score, spans, applicable, rationale))


def _rated(criterion: CriterionSpec, answer: Mapping[str, Any], heard: _Heard) -> tuple[int, tuple[Span, ...], bool]:
    """(score, spans, applicable); a level without a quote that holds earns nothing."""
    spans = heard.quotes(answer["evidence"])
    applicable = bool(answer["applicable"])
    score = points_of_level(criterion, int(answer["level"]), step=STEP) if applicable and spans else 0
    return score, spans if score else (), applicable


def _check(case: Case, data: Mapping[str, Any], provider: str) -> None:
    """Every criterion once: a schema cannot say that. Raises `ProviderInvalidAnswer`."""
    keys = [item["key"] for item in data["criteria"]]
    if sorted(keys) != sorted(all_judged_keys(case.rubric)):
        raise ProviderInvalidAnswer("the criteria are not those of the rubric", provider=provider)
    if all(not item["applicable"] for item in data["criteria"]):
        raise ProviderInvalidAnswer("no criterion was said to apply", provider=provider)


def _short(text: str) -> str:
    """One line of at most 600 characters."""
    return " ".join(text.split())[:MAX_TEXT]
