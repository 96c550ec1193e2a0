"""Telling everybody who comes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Announcement


class AnnouncementForm(forms.ModelForm[Announcement]):
    """One text, in one language or in both."""

    class Meta:
        model = Announcement
        fields = ("text_en", "text_ko", "by_mail")
        widgets = {
            "text_en": forms.Textarea(attrs={"rows": 3, "lang": "en"}),
            "text_ko": forms.Textarea(attrs={"rows": 3, "lang": "ko"}),
        }
        help_texts = {
            "by_mail": _(
                "Everybody gets it here on the site. By e-mail it reaches those who want news of events so."
            )
        }

    def clean(self) -> dict[str, Any]:
        """Ask for a text in at least one language."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not (data.get("text_en") or data.get("text_ko")):
            self.add_error("text_en", _("Write the text in at least one language."))
        return data
