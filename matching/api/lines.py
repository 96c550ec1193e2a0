"""A person in one line, wherever another noun names somebody."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from matching.api.people import OrganisationInShort
from matching.models import Profile, Side


class PersonInLine(serializers.Serializer[Profile]):
    """What is always shown with a profile: name and place."""

    id = serializers.IntegerField(allow_null=True, help_text="None when they have left.")
    page = serializers.SerializerMethodField(help_text="The page for people.")
    display_name = serializers.CharField()
    hangul_name = serializers.CharField(allow_blank=True)
    side = serializers.ChoiceField(Side.choices)
    country_code = serializers.CharField(allow_blank=True)
    organisation = OrganisationInShort(allow_null=True)

    def get_page(self, profile: Any) -> str | None:
        """Return the address of the person's page, None when they have left."""
        return profile.pk and reverse("matching:profile_detail", args=[profile.pk])
