"""What search engines read of public people and organisations: what is public, and nothing else."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from matching.linked_data import person
from matching.models import Organisation, Topic
from matching.services.shown import shown_to_audience
from matching.visibility import FIELDS, Audience, Visibility
from tests.flows.test_crawl import TEXT_COLUMNS

BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def public(minji):
    """Return Minji on the open web."""
    minji.is_public = True
    minji.family_name, minji.given_name, minji.position = "Kim", "Minji", "Professor"
    minji.orcid, minji.website = "0000-0002-1825-0097", "https://minji.example.kr/"
    minji.keywords = ["</script><b>", "perovskite"]
    minji.save()
    minji.topics.add(Topic.objects.get(code="green.perovskite"))
    return minji


def data_of(client, address):
    """Return what a page tells search engines, None for nothing."""
    found = BLOCK.search(client.get(address).content.decode())
    return json.loads(found[1]) if found else None


def page_of(profile):
    """Return the address of a person's page."""
    return reverse("matching:profile_detail", args=[profile.pk])


def test_person_is_described_for_everybody(public, settings):
    settings.SITE_URL = "https://konnect.example"

    data = data_of(Client(), page_of(public))

    topic = Topic.objects.get(code="green.perovskite")
    assert data["@context"] == "https://schema.org"
    assert data["@id"] == data["url"] == f"https://konnect.example/people/{public.pk}/"
    assert (data["@type"], data["name"], data["alternateName"]) == (
        "Person",
        "Kim Minji",
        ["김민지"],
    )
    assert data["affiliation"]["@type"] == "CollegeOrUniversity"
    assert data["affiliation"]["address"]["addressCountry"] == "KR"
    assert data["sameAs"] == [
        "https://orcid.org/0000-0002-1825-0097",
        "https://minji.example.kr/",
    ]
    assert data["knowsAbout"] == [topic.name_en, topic.name_ko, "</script><b>", "perovskite"]
    assert data["knowsLanguage"] == ["ko", "en"]


def test_who_is_not_on_the_open_web_is_described_to_nobody(public, client_of, omar):
    public.is_public = False
    public.save()

    assert Client().get(page_of(public)).status_code == 404
    assert data_of(client_of(omar), page_of(public)) is None
    assert person(shown_to_audience(public, Audience.PUBLIC)) == {}


def test_members_page_has_none_so_that_nothing_for_members_gets_into_it(public, client_of, omar):
    assert data_of(client_of(omar), page_of(public)) is None


@pytest.mark.parametrize(
    "visibility", (Visibility.MEMBERS, Visibility.CONTACTS, Visibility.PRIVATE)
)
def test_closed_fields_are_left_out(public, visibility):
    for column, word in TEXT_COLUMNS.items():
        setattr(public, column, word)
    public.visibility = {
        field: visibility if visibility in rule.choices else rule.default
        for field, rule in FIELDS.items()
    }
    public.save()

    text = json.dumps(data_of(Client(), page_of(public)), ensure_ascii=False)

    assert [word for word in TEXT_COLUMNS.values() if word in text] == []
    assert "perovskite" not in text
    assert "0000-0002" not in text


def test_organisation_is_described_to_everybody(minji, client_of):
    Organisation.objects.filter(pk=minji.organisation_id).update(
        ror_id="04h9pn542", established=1946, about_en="A university."
    )
    address = reverse("matching:organisation_detail", args=[minji.organisation_id])

    data = data_of(Client(), address)

    assert data == data_of(client_of(minji), address)
    assert (data["foundingDate"], data["description"]) == ("1946", ["A university."])
    assert "https://ror.org/04h9pn542" in data["sameAs"]


def test_pages_name_their_copy_for_programs(public):
    text = Client().get(page_of(public)).content.decode()

    found = re.search(r'<link rel="alternate" type="application/json" href="([^"]+)">', text)
    copy = Client().get(found[1])
    assert (copy.status_code, copy.json()["display_name"]) == (200, "Kim Minji")
