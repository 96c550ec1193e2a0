"""What the guided profile says of mistakes, and of what is none."""

import pytest
from django.urls import reverse

from matching.models import Profile
from tests.factories.accounts import UserFactory
from tests.factories.matching import OrganisationFactory, PartnerSearchFactory
from tests.matching.test_profile_pages import edit, sent

pytestmark = pytest.mark.django_db
ERROR_MARKS = ("error-summary", "<title>Error:", "field-invalid", 'aria-invalid="true"')


def test_errors_of_the_form_and_of_all_rows_are_listed_with_links(client_of, anna):
    client = client_of(anna)
    wrong = {
        "orcid": "1",
        "works-0-doi": "no doi",
        "works-0-title": "A",
        "projects-0-funder": "NRF",
    }

    response = client.post(edit("cooperation"), sent(client, "cooperation", **wrong))

    summary = response.content.decode().partition('id="error-summary"')[2].partition("</div>")[0]
    links = ("id_orcid", "id_works-0-doi", "id_projects-0-title")
    assert [f'href="#{link}"' in summary for link in links] == [True, True, True]


def test_errors_of_a_partner_search_and_of_its_rows_are_listed_together(client_of, anna):
    search = PartnerSearchFactory(listing__profile=anna).listing
    wrong = {"valid_on": "soon", "call-day": "later", "call-hour": "noon"}

    response = client_of(anna).post(
        reverse("matching:partner_search_edit", args=[search.pk, "dates"]), wrong
    )

    summary = response.content.decode().partition('id="error-summary"')[2].partition("</div>")[0]
    links = ("id_valid_on", "id_call-day", "id_call-hour")
    assert [f'href="#{link}"' in summary for link in links] == [True, True, True]


def test_too_many_rows_are_said_on_top(client_of, anna):
    client = client_of(anna)

    response = client.post(
        edit("cooperation"), sent(client, "cooperation", **{"works-TOTAL_FORMS": "60"})
    )

    assert [field for field, _words in response.context["page"].problems] == [None]


@pytest.mark.parametrize(
    ("typed", "stored"),
    (
        ("+82 42 350 1234", "+82 42 350 1234"),
        ("(02) 123–4567 ext. 12", "(02) 123-4567 ext. 12"),
        ("０２-123-4567 내선 3", "02-123-4567 내선 3"),
        ("", ""),
    ),
)
def test_telephone_numbers_are_taken_as_people_write_them(client_of, anna, typed, stored):
    client = client_of(anna)

    client.post(edit("name"), sent(client, "name", telephone=typed))

    assert Profile.objects.get(pk=anna.pk).telephone == stored


@pytest.mark.parametrize("typed", ("전화abc", "+-()", "call 123", "123 ext", "12" * 30))
def test_what_is_no_telephone_number_is_refused(client_of, anna, typed):
    client = client_of(anna)

    response = client.post(edit("name"), sent(client, "name", telephone=typed))

    assert list(response.context["form"].errors) == ["telephone"]


@pytest.mark.parametrize("changes", ({}, {"telephone": "abc", "contact_email": "nonsense"}))
def test_finding_an_organisation_is_no_error(client_of, changes):
    OrganisationFactory.create_batch(2, name="EMBL", city="Rome")
    client = client_of(UserFactory())

    page = found(client, organisation_query="embl", **changes)

    assert page.count('name="organisation" value=') == 2
    assert "2 organisations found. Choose one." in page
    assert [word in page for word in ERROR_MARKS] == [False] * len(ERROR_MARKS)


def test_finding_no_organisation_says_so(client_of):
    client = client_of(UserFactory())

    page = found(client, organisation_query="Nowhere Institute")

    assert "We know no organisation of this name. Use the next field" in page
    assert "Nowhere Institute" in page
    assert [word in page for word in ERROR_MARKS] == [False] * len(ERROR_MARKS)


def found(client, **typed):
    """The page after the button that finds organisations was pressed."""
    return client.post(edit("name"), sent(client, "name", action="find", **typed)).content.decode()
