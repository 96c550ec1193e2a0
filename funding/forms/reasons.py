"""The reason that is kept with what somebody did."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin


class ReasonForm(TidyFormMixin, forms.Form):
    """A reason, as long as histories keep it."""

    use_required_attribute = False
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, is_wanted: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_wanted:
            self.fields["reason"].required = False
            self.fields["reason"].label = _("Reason, if you like")
