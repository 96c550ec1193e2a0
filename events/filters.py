"""Narrowing events down, for pages and the API alike."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models import Event, EventKind, EventMode
from events.services.months import month_named, next_month
from matching.countries import is_country
from matching.filters import Values, is_code


class EventFilter(django_filters.FilterSet):
    """Events, by what they are about, where they are and when."""

    kind = Values("kind__in", known=EventKind.values, label=_("Kind"))
    mode = Values("mode__in", known=EventMode.values, label=pgettext_lazy("event", "Where"))
    area = Values("areas__code__in", known=is_code, label=_("Area"))
    country = Values("country_code__in", known=is_country, label=_("Country"))
    month = django_filters.CharFilter(method="in_month", max_length=7, label=_("Month"))

    class Meta:
        model = Event
        fields = ()

    def in_month(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep what touches a month of the reader's calendar; no month keeps everything."""
        first = month_named(value)
        if first is None:
            return rows
        zone = timezone.get_current_timezone()
        begins = datetime.combine(first, time(), zone)
        ends = datetime.combine(next_month(first), time(), zone)
        return rows.filter(starts_at__lt=ends, ends_at__gt=begins)
