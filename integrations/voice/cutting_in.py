"""Whether somebody cuts in, or only an echo or an "uh-huh" is heard while the buyer speaks."""

from __future__ import annotations

from integrations.speech import echo
from integrations.voice.hearing import BYTES_PER_MS, RATE, Listener
from integrations.voice.speaking import Speaker

BARGE_IN_MS = 250  # of voice while the buyer speaks; what is shorter is "uh-huh"
ECHO_TAIL_MS = 400
ECHO_WINDOW_MS = 2000


class CutIn:
    """Told of every voiced frame; stops the speaker, or tells the listener that this is not the trainee."""

    def __init__(self, listener: Listener, speaker: Speaker, *, spoken_rate: int) -> None:
        self._listener = listener
        self._speaker = speaker
        self._spoken_rate = spoken_rate
        self._echo_ms = 0  # how much voice there was when it was last found to be an echo

    def voice(self, voiced_ms: int) -> None:
        listener = self._listener
        if not self._speaker.talking:
            # An echo outlasts the audio a little; speech outlasts it longer.
            if listener.ignored and voiced_ms - self._echo_ms >= ECHO_TAIL_MS:
                listener.ignored = False
            return
        if voiced_ms < BARGE_IN_MS:
            listener.ignored = True
            self._echo_ms = 0
        elif self._speaker.can_be_cut and voiced_ms - self._echo_ms >= BARGE_IN_MS:
            listener.ignored = self._is_echo()
            self._echo_ms = voiced_ms
            if not listener.ignored:
                self._speaker.cut()

    def _is_echo(self) -> bool:
        heard = self._listener.since_start()[-(ECHO_WINDOW_MS // 2) * BYTES_PER_MS :]
        played = self._speaker.heard_lately(ECHO_WINDOW_MS)
        return echo.likeness(heard, played, heard_rate=RATE, played_rate=self._spoken_rate) >= echo.ECHO
