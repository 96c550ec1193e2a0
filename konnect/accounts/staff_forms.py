"""What the staff fills in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin


class ReasonForm(TidyFormMixin, forms.Form):
    """Why somebody of the staff looks at what is a person's own."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The person reads it. Name the question that you are answering."),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
