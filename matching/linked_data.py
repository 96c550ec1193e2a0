"""What search engines read of a public page: schema.org in JSON-LD.

Made of what `services.shown` lets the open web see, and of nothing else; whoever did not choose
to be on the open web has none.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from matching.models import Organisation, OrganisationType
from matching.services.shown import ShownProfile

Data = dict[str, Any]
CONTEXT = "https://schema.org"
# By the first type that fits; everything else is an Organization.
KINDS = {
    OrganisationType.EDUCATION: "CollegeOrUniversity",
    OrganisationType.FACILITY: "ResearchOrganization",
    OrganisationType.COMPANY: "Corporation",
    OrganisationType.GOVERNMENT: "GovernmentOrganization",
    OrganisationType.HEALTHCARE: "Hospital",
    OrganisationType.NONPROFIT: "NGO",
    OrganisationType.FUNDER: "FundingAgency",
    OrganisationType.ARCHIVE: "ArchiveOrganization",
}


def person(profile: ShownProfile) -> Data:
    """Return a person as anybody on the web sees them; {} for whoever is not public."""
    if not profile.is_public:
        return {}
    return filled(
        {
            "@context": CONTEXT,
            "@type": "Person",
            "@id": address(profile.get_absolute_url()),
            "url": address(profile.get_absolute_url()),
            "name": profile.display_name,
            "alternateName": [name for name in (profile.hangul_name, profile.hanja_name) if name],
            "familyName": profile.family_name,
            "givenName": profile.given_name,
            "honorificPrefix": profile.honorific,
            "jobTitle": profile.position,
            "description": [text for text in (profile.summary_en, profile.summary_ko) if text],
            "affiliation": affiliation(profile),
            "identifier": orcid_identifier(profile.orcid),
            "sameAs": same_as(profile),
            "knowsAbout": subjects(profile),
            "knowsLanguage": list(profile.languages),
        }
    )


def affiliation(profile: ShownProfile) -> Data:
    """Return where a person works; {} when nothing is known."""
    if profile.organisation:
        return organisation(profile.organisation, is_whole=False)
    return filled({"@type": "Organization", "name": profile.organisation_unlisted}, least=2)


def orcid_identifier(orcid: str) -> Data:
    """Return an ORCID iD as an identifier; {} for none."""
    return filled({"@type": "PropertyValue", "propertyID": "ORCID", "value": orcid}, least=3)


def same_as(profile: ShownProfile) -> list[str]:
    """Return other pages about the same person."""
    orcid = f"https://orcid.org/{profile.orcid}" if profile.orcid else ""
    return [page for page in (orcid, profile.website) if page]


def subjects(profile: ShownProfile) -> list[str]:
    """Return what a person works on: topics in both languages, and their own words."""
    topics = [name for topic in profile.topics for name in (topic.name_en, topic.name_ko)]
    return list(dict.fromkeys([*topics, *profile.keywords]))


def organisation(body: Organisation, *, is_whole: bool = True) -> Data:
    """Return an organisation; inside something else without its context and its texts."""
    page = address(f"/organisations/{body.pk}/")
    ror = f"https://ror.org/{body.ror_id}" if body.ror_id else ""
    names = [name for name in (body.name_en, body.name_ko) if name and name != body.name]
    found = {
        "@type": kind_of(body),
        "@id": page,
        "url": page,
        "name": body.name,
        "alternateName": [*names, *body.acronyms],
        "sameAs": [link for link in (ror, body.website) if link],
        "address": filled(
            {
                "@type": "PostalAddress",
                "addressLocality": body.city,
                "addressRegion": body.region,
                "addressCountry": body.country_code,
            }
        ),
    }
    whole = {"@context": CONTEXT, **found, "foundingDate": str(body.established or ""),
             "description": [text for text in (body.about_en, body.about_ko) if text]}  # fmt: skip
    return filled(whole if is_whole else found)


def kind_of(body: Organisation) -> str:
    """Return the type of schema.org that fits first."""
    return next((kind for type_, kind in KINDS.items() if type_ in body.types), "Organization")


def address(path: str) -> str:
    """Return the full address of a page."""
    return settings.SITE_URL + path


def filled(data: Data, *, least: int = 1) -> Data:
    """Leave out what is empty; leave out all when hardly anything is left."""
    found = {name: value for name, value in data.items() if value}
    return found if len(found) >= least else {}
