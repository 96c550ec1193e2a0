"""Making a token for one's own programs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from konnect.accounts.models import ApiTokenScope
from konnect.accounts.services.api_tokens import LONGEST_DAYS
from konnect.accounts.text import TidyFormMixin

DAYS = (30, 90, LONGEST_DAYS)
DEFAULT_DAYS = 90


class TokenForm(TidyFormMixin, forms.Form):
    """Name, what it may do, how long."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("So that you recognise it later: the program, or the machine it runs on."),
    )
    scope = forms.ChoiceField(
        label=_("What a program may do with it"),
        choices=ApiTokenScope.choices,
        initial=ApiTokenScope.READ,
        widget=forms.RadioSelect,
    )
    days = forms.TypedChoiceField(
        label=_("How long it works"),
        coerce=int,
        initial=DEFAULT_DAYS,
        choices=[
            *((days, ngettext_lazy("%d day", "%d days", days) % days) for days in DAYS[:2]),
            (LONGEST_DAYS, _("One year")),
        ],
    )
