"""Forms of accounts.

allauth builds its own sign-up forms on ConsentSignupForm, so nothing here may import them;
those stand in entrance.py.
"""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from konnect.accounts.consent_texts import CONSENT_TEXTS
from konnect.accounts.models import Appearance, ConsentChannel, ConsentPurpose, Language, User
from konnect.accounts.services import record_consents
from konnect.accounts.text import TidyFormMixin
from konnect.accounts.zone_fields import ZoneField
from konnect.accounts.zones import guessed_time_zone

SIGN_UP_PURPOSES = (ConsentPurpose.TERMS, ConsentPurpose.PRIVACY, ConsentPurpose.NEWSLETTER)


def consent_field(purpose: ConsentPurpose) -> forms.BooleanField:
    """Return the tick box of one purpose, never ticked beforehand."""
    text = CONSENT_TEXTS[purpose]
    return forms.BooleanField(
        label=text.text,  # type: ignore[arg-type] # a lazy text is one too
        required=text.is_required,
        error_messages={"required": _("Please tick this box; without it there is no account.")},
    )


class ConsentSignupForm(forms.Form):
    """What sign-up asks beside address and password."""

    field_order = ("email", "password1", "terms", "privacy", "newsletter", "time_zone")

    terms = consent_field(ConsentPurpose.TERMS)
    privacy = consent_field(ConsentPurpose.PRIVACY)
    newsletter = consent_field(ConsentPurpose.NEWSLETTER)
    # A script fills it in; whatever it says, nobody is refused for it.
    time_zone = forms.Field(
        required=False, widget=forms.HiddenInput(attrs={"data-browser-time-zone": ""})
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep the time zone, and what the person agreed to."""
        user.time_zone = guessed_time_zone(self.cleaned_data["time_zone"] or "", user.language)
        user.save(update_fields=["time_zone"])
        record_consents(
            user,
            choices={purpose: self.cleaned_data[purpose] for purpose in SIGN_UP_PURPOSES},
            channel=ConsentChannel.SIGN_UP,
            language=get_language() or Language.ENGLISH,
        )


class PreferencesForm(TidyFormMixin, forms.Form):
    """Language, time zone and appearance."""

    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    time_zone = ZoneField(
        label=_("Time zone"),
        help_text=_("Every time on these pages and in e-mails is shown in this zone."),
    )
    appearance = forms.ChoiceField(
        label=_("Appearance"), choices=Appearance.choices, widget=forms.RadioSelect
    )


class LanguageForm(TidyFormMixin, forms.Form):
    """The language switch of every page."""

    language = forms.ChoiceField(choices=Language.choices)


class ConsentForm(TidyFormMixin, forms.Form):
    """Giving or taking back one consent that is not required."""

    purpose = forms.ChoiceField(
        choices=[
            (purpose, text.text) for purpose, text in CONSENT_TEXTS.items() if not text.is_required
        ]
    )
    is_given = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda answer: answer == "yes"
    )

    def choices(self) -> dict[str, Any]:
        """Return what `record_consents` takes."""
        return {self.cleaned_data["purpose"]: self.cleaned_data["is_given"]}
