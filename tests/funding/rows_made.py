"""Rows of funding as no service would write them, to see what the tables say to them."""

from datetime import date

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from funding.models import (
    ApplicationVersion,
    Call,
    Conflict,
    ReviewAssignment,
)
from tests.factories.funding import (
    days,
)

SUM = "ab" * 32
YEAR = days(date(2032, 1, 1), date(2032, 12, 31))


def refused(name):
    return pytest.raises(IntegrityError, match=name)


def check_now():
    """Let constraints that wait for the commit speak now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def submit(application, number=1, **columns):
    """Write a version straight into the table."""
    values = {"lead_region": "europe", "partner_region": "korea"} | columns
    return ApplicationVersion.objects.create(
        application=application, number=number, form=application.call.forms.first(), content={},
        sha256=SUM, draft_sha256=SUM, submitted_by=application.lead, **values,
    )  # fmt: skip


def assign(application, expert, **columns):
    version = application.versions.first() or submit(application)
    return ReviewAssignment.objects.create(
        application=application, version=version, reviewer=expert, **columns
    )


def close(call, ago):
    """Let a call have closed so long ago, past the trigger that keeps its word."""
    row = Call.objects.filter(pk=call.pk)
    row.update(state="draft", approved_at=None, closes_at=timezone.now() - ago)
    row.update(state="approved", approved_at=timezone.now())


def conflict(person, application, **columns):
    values = {"kind": "involved", "is_hard": True, "source": "team"} | columns
    return Conflict.objects.create(person=person, application=application, **values)
