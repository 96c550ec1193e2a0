"""Days and times that officers type: none so far away that other clocks have no name for it."""

from datetime import timedelta

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from funding.forms.call_forms import LateTokenForm, OutageForm
from funding.forms.call_rows import DateRow
from funding.forms.experts import AnswerTimeForm, InviteForm
from funding.forms.grants import AmendmentForm, PaymentForm
from funding.forms.panels import PanelForm
from funding.forms.screening import AskForm
from funding.forms.trips import ExtensionForm, TripForm

DAYS = [
    (AmendmentForm, "first"), (AmendmentForm, "last"), (PaymentForm, "paid_on"),
    (TripForm, "first"), (TripForm, "last"), (ExtensionForm, "new_on"),
    (InviteForm, "answer_by"), (AnswerTimeForm, "answer_by"),
]  # fmt: skip
MOMENTS = [
    (OutageForm, "began_at"), (OutageForm, "ended_at"), (LateTokenForm, "valid_until"),
    (PanelForm, "meets_at"), (AskForm, "due_at"),
]  # fmt: skip
NAMES = [
    *((form, name, "{day}") for form, name in DAYS),
    *((form, name, "{day}T00:30") for form, name in MOMENTS),
]


@pytest.mark.parametrize("day", ("9999-12-31", "0001-01-01"))
@pytest.mark.parametrize(("form", "name", "typed"), NAMES)
def test_no_form_takes_a_day_near_the_end_of_calendars(form, name, typed, day):
    field = form.base_fields[name]
    soon = timezone.localdate() + timedelta(days=30)
    assert field.clean(typed.format(day=soon)) is not None
    with pytest.raises(ValidationError) as refused:
        field.clean(typed.format(day=day))
    assert refused.value.code == "far"


@pytest.mark.parametrize("form", (InviteForm, AnswerTimeForm))
def test_who_is_asked_has_until_the_end_of_a_day_that_is_not_over(form):
    field, today = form.base_fields["answer_by"], timezone.localdate()
    read = field.clean(str(today + timedelta(days=1)))
    assert timezone.localtime(read).strftime("%F %R") == f"{today + timedelta(days=1)} 23:59"
    with pytest.raises(ValidationError) as refused:
        field.clean(str(today - timedelta(days=1)))
    assert refused.value.code == "over"


def test_every_day_and_time_of_these_forms_is_bounded():
    """A field that is added later is bounded as well, or stands in this list."""
    named = {(form, name) for form, name, _typed in NAMES}
    found = {
        (form, name)
        for form in {form for form, _name, _typed in NAMES}
        for name, field in form.base_fields.items()
        if isinstance(field, forms.DateField | forms.DateTimeField)
    }
    assert found == named


def test_a_further_date_keeps_its_clocks_when_the_call_moves_to_another_zone():
    stored = {"zone": "Asia/Tokyo", "wall": "2027-05-01T17:00"}
    row = DateRow(initial=stored, zone="Europe/Paris")
    assert str(row["zone"]).count("selected") == 1
    assert 'value="Asia/Tokyo" selected' in str(row["zone"])
    assert [value for value, _city in row.fields["zone"].choices] == [
        "Asia/Tokyo", "Europe/Paris", "Europe/Brussels", "Asia/Seoul",
    ]  # fmt: skip
    new = DateRow(zone="Europe/Paris")
    assert new.fields["zone"].choices[0][0] == "Europe/Paris"
