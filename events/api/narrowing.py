"""Narrowing lists of events' nouns down."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from events.models import MeetingState, RegistrationState, RequestState, ScheduleRunState
from matching.filters import Values, is_number


class RegistrationFilter(django_filters.FilterSet):
    """One's own registrations."""

    event = Values("event_id__in", known=is_number, label=_("Event"))
    state = Values("state__in", known=RegistrationState.values, label=_("State"))


class MeetingRequestFilter(django_filters.FilterSet):
    """Meeting requests."""

    event = Values("event_id__in", known=is_number, label=_("Event"))
    state = Values("state__in", known=RequestState.values, label=_("State"))


class MeetingFilter(django_filters.FilterSet):
    """Meetings."""

    event = Values("event_id__in", known=is_number, label=_("Event"))
    state = Values("state__in", known=MeetingState.values, label=_("State"))


class ScheduleRunFilter(django_filters.FilterSet):
    """Computations of schedules."""

    event = Values("event_id__in", known=is_number, label=_("Event"))
    state = Values("state__in", known=ScheduleRunState.values, label=_("State"))
