"""What the pages of events say beside times."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from events.forms.event_steps import BY_SLUG
from events.linked_data import event_data
from events.models import Event, EventState
from events.services.readiness import Problem
from matching.countries import language_name
from matching.templatetags.linked_data import as_script

register = template.Library()
register.filter("language_words", language_name)


@register.simple_tag
def event_linked_data(event: Event) -> SafeString | str:
    """Write what search engines read of an event."""
    return as_script(event_data(event))


@register.filter
def mended_at(problem: Problem, event: Event) -> str:
    """Return the address of the page on which a problem is mended."""
    if problem.step in BY_SLUG:
        return reverse("events:event_step", args=[event.pk, problem.step])
    return reverse(f"events:{problem.step}", args=[event.pk])


@register.filter
def event_state_words(state: str) -> str | Promise:
    """Return the word for a state of events."""
    return EventState(state).label
