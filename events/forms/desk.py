"""What the desk sends."""

from __future__ import annotations

from django import forms

from events.models import Direction


class CheckInForm(forms.Form):
    """Which way somebody goes, and to which search the desk returns."""

    registration = forms.IntegerField(required=False, min_value=1)
    direction = forms.ChoiceField(choices=Direction.choices)
    q = forms.CharField(required=False, max_length=100, strip=True)
