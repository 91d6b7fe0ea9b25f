"""One job from its material to its drafts. Between its steps it looks whether somebody gave up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from integrations.embeddings.base import Encoder
from integrations.errors import ProviderError, ProviderNotConfigured
from scenarios.contents import persona_content
from scenarios.models import Persona, Rubric

from . import composing, drafts, remarks
from .authors import ModelWriter, vendors_for
from .composing.scenario import DESK, graph
from .extraction import material_of
from .material import Made, Material, from_form
from .models import Generation
from .reading import Playbook
from .recorded import material_of_call
from .writers import TemplateWriter, Writer

logger = structlog.get_logger(__name__)
Kind, Step, State = Generation.Kind, Generation.Step, Generation.State
WITH_PERSONA = (Kind.PERSONA, Kind.SCENARIO, Kind.SET)
WITH_RUBRIC = (Kind.RUBRIC, Kind.SET)
WITH_SCENARIO = (Kind.SCENARIO, Kind.SET)


class GivenUp(Exception):
    """Somebody cancelled the job."""


def make(generation: Generation, *, encoder: Encoder) -> None:
    """Write what is wanted and keep it. May raise `ProviderError`; then nothing is kept."""
    try:
        parts = _Making(generation, encoder)
        parts.run()
    except GivenUp:
        logger.info("a draft was cancelled", generation=str(generation.pk))


class _Making:
    def __init__(self, generation: Generation, encoder: Encoder) -> None:
        self._job = generation
        self._wish = {**generation.input, "language": generation.language}
        self._playbook = Playbook.from_json(generation.playbook)
        self._encoder = encoder
        self._remarks: list[dict[str, Any]] = []
        self._writers: list[Writer] = []
        self._writer: Writer = self._first_writer()

    def run(self) -> None:
        job = self._job
        material = self._material()
        made: dict[str, Made] = {}
        if job.kind in WITH_PERSONA and not (job.is_proposal and job.scenario):
            self._step(Step.PERSONA, 20)
            made["persona"] = self._write(
                "persona", lambda writer: writer.persona(self._wish, material, self._playbook)
            )
        if job.kind in WITH_RUBRIC:
            self._step(Step.RUBRIC, 50)
            made["rubric"] = self._write("rubric", lambda writer: writer.rubric(self._wish, material, self._playbook))
        if job.kind in WITH_SCENARIO:
            self._step(Step.SCENARIO, 70)
            # Changes for a scenario that is there are written for the buyer that it has.
            there = persona_content(job.scenario.persona) if job.scenario else {}
            buyer = made["persona"].values if "persona" in made else there
            made["scenario"] = self._write(
                "scenario", lambda writer: writer.scenario(self._wish, material, self._playbook, buyer)
            )
            if material.product is None and isinstance(self._writer, TemplateWriter):
                self._remarks.append(remarks.remark(remarks.NO_PRODUCT))
            if self._wish.get("branching") and not job.is_proposal:
                made["gatekeeper"] = composing.gatekeeper(self._wish, material, buyer)
                made["scenario"].values["graph"] = graph(self._wish, buyer)
        self._step(Step.CHECKING, 90)
        self._keep(made)

    # -- the material ---------------------------------------------------------------------------------------------------
    def _material(self) -> Material:
        found = self._found()
        if self._playbook.set_aside:
            self._remarks.append(remarks.remark(remarks.SET_ASIDE, lines=list(self._playbook.set_aside)[:5]))
        if self._playbook.cut:
            self._remarks.append(remarks.remark(remarks.CUT))
        nothing = not (found.product or found.prices or found.objections or found.pains)
        if self._playbook.passages and nothing:
            self._remarks.append(remarks.remark(remarks.NOTHING_FOUND))
        return found

    def _found(self) -> Material:
        return material_for(self._job, encoder=self._encoder)

    # -- writing --------------------------------------------------------------------------------------------------------
    def _first_writer(self) -> Writer:
        vendors = vendors_for()
        if vendors:
            return ModelWriter(vendors)
        if not self._job.allow_embedded:
            raise ProviderNotConfigured("no language model is configured", provider="gateway")
        return TemplateWriter(self._encoder)

    def _write(self, part: str, write: Callable[[Writer], Made]) -> Made:
        try:
            made = write(self._writer)
            drafts.validated(part, _without_graph(made.values), partial=part == "scenario")
        except ProviderError as error:
            if not self._job.allow_embedded or isinstance(self._writer, TemplateWriter):
                raise
            logger.warning("a language model wrote no draft", part=part, vendor=error.provider, problem=error.code)
            self._remarks.append(remarks.remark(remarks.FELL_BACK, vendor=error.provider, problem=error.code))
            self._note_writer()
            self._writer = TemplateWriter(self._encoder)  # for what is left too: one voice to the end
            return self._write(part, write)
        self._note_writer()
        return made

    def _note_writer(self) -> None:
        if self._writer not in self._writers:
            self._writers.append(self._writer)

    def _step(self, step: str, progress: int) -> None:
        """Say how far it is. Raises `GivenUp`."""
        changed = Generation.objects.filter(pk=self._job.pk, state=State.RUNNING).update(
            step=step, progress=progress, updated_at=timezone.now()
        )
        if changed != 1:
            raise GivenUp

    # -- keeping --------------------------------------------------------------------------------------------------------
    @transaction.atomic
    def _keep(self, made: dict[str, Made]) -> None:
        """Drafts and job in one transaction: a job that was cancelled meanwhile, or done by another, leaves no rows."""
        job = Generation.objects.select_for_update(of=("self",)).get(pk=self._job.pk)
        if job.state != State.RUNNING:
            raise GivenUp
        if not job.is_proposal:
            self._drafts(job, made)
        writers = [writer for writer in self._writers if writer.made_by]
        costs = [writer.cost_usd for writer in writers]
        job.result = {part: one.values for part, one in made.items()}
        job.sources = {part: one.sources for part, one in made.items()}
        job.remarks = self._remarks
        job.made_by = ", ".join(dict.fromkeys(writer.made_by for writer in writers))[:40]
        job.model = ", ".join(dict.fromkeys(writer.model for writer in writers))[:120]
        job.prompt_version = next((writer.prompt_version for writer in writers if writer.prompt_version), "")
        job.cost_usd = None if any(cost is None for cost in costs) else sum((c for c in costs if c), Decimal(0))
        job.state, job.progress, job.step = State.DONE, 100, ""
        job.finished_at = timezone.now()
        job.save()

    def _drafts(self, job: Generation, made: dict[str, Made]) -> None:
        if "persona" in made:
            job.persona = drafts.persona_from(made["persona"].values)
        if "gatekeeper" in made:
            job.gatekeeper = drafts.persona_from(made["gatekeeper"].values)
        if "rubric" in made:
            job.rubric = drafts.rubric_from(made["rubric"].values)
        if "scenario" in made:
            assert job.persona is not None
            job.scenario = drafts.scenario_from(
                _with_people(made["scenario"].values, job.gatekeeper),
                persona=job.persona,
                rubric=self._rubric(job, made),
            )

    def _rubric(self, job: Generation, made: dict[str, Made]) -> Rubric:
        """The one just made, one that is in use, or else a new one."""
        found = job.rubric or drafts.rubric_in_use(job.language)
        if found is None:
            values = composing.rubric(self._wish, Material()).values
            found = job.rubric = drafts.rubric_from(values)
        return found


def material_for(generation: Generation, *, encoder: Encoder) -> Material:
    """What the job was given, as statements: from its playbook or from its form."""
    playbook = Playbook.from_json(generation.playbook)
    if generation.source == Generation.Source.CALL:
        return material_of_call(playbook)
    if playbook.passages:
        return material_of(playbook.passages, language=generation.language, encoder=encoder)
    asked = generation.input
    return from_form(asked.get("business", {}), asked.get("branding", {}), language=generation.language)


def _with_people(values: dict[str, Any], gatekeeper: Persona | None) -> dict[str, Any]:
    """The scenario's values with the gatekeeper in its graph called by id."""
    if not values.get("graph") or gatekeeper is None:
        return values
    nodes = [
        {**node, "persona": str(gatekeeper.pk)} if node["persona"] == DESK else node
        for node in values["graph"]["nodes"]
    ]
    return {**values, "graph": {**values["graph"], "nodes": nodes}}


def _without_graph(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "graph"}
