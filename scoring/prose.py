"""Telling sentences from strings of words: nobody says eight words in a row without those that hold a sentence together."""

from __future__ import annotations

from scoring.transcripts import words_of

LEAST_WORDS = 8  # shorter ones may be a name and a firm, or an answer in keywords
LEAST_SHARE = 0.15  # of such words; what sellers say has a fifth at the very least, and mostly a half
# As `fold` leaves them: without case and accents. Both languages in one list: who speaks Spanish at work says "or should I
# call later?" as well.
_WORDS = """
    a an the this that these those and or but so if then than as at by for from in into of off on out over to up with
    about after before i i'm i'd i'll i've me my we we're we'd we'll we've us our you you're you'd you'll you've your he
    she they they're them their it it's its is isn't are aren't was were be been being am do does did don't doesn't didn't
    have has had haven't can can't could couldn't will won't would wouldn't shall should may might must not no there
    there's here what what's which who how when where why that's let's just because every each all more i m re ve ll d s t
    a al ante con contra de del desde en entre hacia hasta para por segun sin sobre tras el la los las lo un una unos
    unas y e o u ni pero que si como cuando donde porque pues yo tu usted ustedes nosotros el ella ellos ellas me te se le
    les nos os mi mis tu tus su sus nuestro nuestra nuestros nuestras es son era fue ser soy eres somos esta estan estoy
    esto eso ese esa este estos esas he ha han hemos hay no ya mas muy tan cual cuales quien cuanto cuanta cuantos cuantas
    puedo puede podemos podria pueden tengo tiene tienen tenemos hace cada todo toda todos todas otro otra otros otras
    mucho mucha muchos muchas dos tres bien
"""
GLUE = frozenset(_WORDS.split())


def is_string_of_words(folded: str) -> bool:
    """`folded`: a sentence without case and accents. True for eight words and more of which hardly any holds the others."""
    words = words_of(folded)
    if len(words) < LEAST_WORDS:
        return False
    return sum(word in GLUE for word in words) < LEAST_SHARE * len(words)
