"""How templates word what people registered."""

from __future__ import annotations

from typing import Any

from django import template

from events.forms.registrations import answer_words
from events.models import Question, RegistrationState
from events.refused_rows import refusal_words

register = template.Library()
register.filter("refusal_words", refusal_words)
LOOKS = {
    RegistrationState.CONFIRMED: "accepted", RegistrationState.DECLINED: "declined",
    RegistrationState.WITHDRAWN: "withdrawn",
}  # fmt: skip


@register.filter
def in_words(answer: tuple[Question, Any]) -> str:
    """Return an answer in the reader's language."""
    return answer_words(*answer)


@register.filter
def registration_look(state: str) -> str:
    """Return the look of a state: the end of a class `status-…`."""
    return LOOKS.get(RegistrationState(state), "pending")


@register.filter
def registration_state(state: str) -> str:
    """Return a state in words."""
    return str(RegistrationState(state).label)
