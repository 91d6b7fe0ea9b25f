"""Somebody who picks up the phone for somebody else: polite, short of time, and not to be sold to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calls.engine import feelings, objections
from calls.engine.buyer import Buyer
from calls.engine.moment import Moment
from integrations.embeddings.base import Encoder
from scenarios.briefs import PersonaBrief

LESS_PATIENCE = 14
LEAST_PATIENCE = 12
ASKS_FOR_SOMEBODY = ("put_through", "next_step")


class Gatekeeper(Buyer):
    """Agrees to nothing and wants one thing: a reason that is worth somebody's time. What they say against it is written as
    objections; the graph says what they put through for."""

    def __init__(self, brief: PersonaBrief, *, encoder: Encoder, state: Mapping[str, Any] | None = None) -> None:
        super().__init__(brief, encoder=encoder, state=state)
        if not state:
            self._state.patience = max(LEAST_PATIENCE, self._state.patience - LESS_PATIENCE)

    def _converse(self, moment: Moment) -> None:
        on_table = objections.active(moment)
        worth = objections.answers(moment, on_table) if on_table else 0
        feelings.feel_turn(moment, answering=bool(worth))
        if on_table is not None:
            if worth:
                objections.credit(moment, on_table, worth)
                return
            if self._objection_stands(moment):
                return
        heard = moment.heard
        following = objections.waiting(moment) if on_table is None else None
        if heard.did("pitch") and not heard.did("reason", *ASKS_FOR_SOMEBODY):
            moment.say("door.pitch")
        elif heard.real_questions and self._answer_question(moment):
            return
        elif not moment.state.introduced and moment.state.turn == 1:
            moment.say("who")
        elif following is not None and (heard.did(*ASKS_FOR_SOMEBODY) or moment.state.turn >= 2):
            objections.bring_up(moment, following, lead="door.before")
        elif not moment.state.reason_given:
            moment.say("door.reason")
        else:
            moment.say("door.wait")
