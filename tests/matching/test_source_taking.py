"""What a look found: compared with the profile, chosen from, taken, undone, forgotten."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from konnect.accounts.services.erasure import erase_account
from matching.models import Source, SourceRequest, SourceRequestState, Topic, Work
from matching.services.profiles import EditConflict, save_profile, version_of
from matching.services.source_offers import offers_of
from matching.services.source_requests import (
    drop_look,
    forget_old_looks,
)
from matching.services.source_taking import Choice, take_look, undo_taking
from tests.factories.matching import KoreanOrganisationFactory
from tests.matching import scholarly_server as does
from tests.matching.looks import chosen, everything, looked, refusal, take
from tests.matching.orcid_records import ORCID, employment, funding, record, work
from tests.matching.test_sources import AUTHOR, BIBTEX

ROR = "04h9pn542"
READY, FAILED = SourceRequestState.READY, SourceRequestState.FAILED
WAITING, TAKEN = SourceRequestState.WAITING, SourceRequestState.TAKEN


# --- Comparing ---


def test_empty_profile_has_everything_ticked_that_fits(scholars, unfilled):
    KoreanOrganisationFactory(name="Hanbit University", ror_id=ROR)

    offers = offers_of(looked(unfilled))

    assert {offer.group for offer in offers if offer.is_ticked} == {
        "names", "texts", "place", "keywords", "works", "projects"
    }  # fmt: skip
    # The iD was typed only: that is said, and for the person to decide.
    assert [offer.slot for offer in offers if not offer.is_ticked] == ["orcid"]


def test_what_the_person_typed_is_never_ticked_away(scholars, minji):
    minji.works.create(title="Stable perovskite modules (draft)", doi="10.1000/abc.1", year=2023)
    KoreanOrganisationFactory(name="Hanbit University", ror_id=ROR)

    offers = {offer.slot or offer.group: offer for offer in offers_of(looked(minji))}

    for name in ("display_name", "summary_en", "place"):
        assert offers[name].now
        assert not offers[name].is_ticked
    changed = [offer for offer in offers_of(looked(minji)) if offer.row]
    assert [(offer.now, offer.is_ticked) for offer in changed] == [
        ("Stable perovskite modules (draft) · 2023, 10.1000/abc.1", False)
    ]


def test_no_more_works_are_ticked_than_a_profile_shows(scholars, unfilled):
    scholars.records[ORCID] = record(
        works={"group": [work(f"Work {n}", doi=f"10.1000/{n}", code=n) for n in range(9)]}
    )
    unfilled.works.create(title="My own")

    works = [offer for offer in offers_of(looked(unfilled)) if offer.group == "works"]

    assert [offer.is_ticked for offer in works] == [True] * 4 + [False] * 5


def test_same_doi_is_offered_once(scholars, minji):
    scholars.records[ORCID] = record(
        works={"group": [work("One", doi="10.1000/a"), work("Uno", doi="10.1000/A")]}
    )

    assert [o.found for o in offers_of(looked(minji)) if o.group == "works"] == ["One"]


@pytest.mark.parametrize(
    ("scheme", "identifier", "columns"),
    (
        ("ROR", f"https://ror.org/{ROR}", {"ror_id": ROR}),
        ("GRID", "grid.31501.36", {"external_ids": {"grid": ["grid.31501.36"]}}),
        (
            "FUNDREF", "http://dx.doi.org/10.13039/501100002551",
            {"external_ids": {"fundref": ["501100002551"]}},
        ),
    ),
)  # fmt: skip
def test_organisation_is_found_by_its_ids(scholars, unfilled, scheme, identifier, columns):
    right = KoreanOrganisationFactory(name="Hanbit University", name_en="", **columns)
    KoreanOrganisationFactory(name="Hanbit National")
    scholars.records[ORCID] = record(
        employments={"affiliation-group": [employment("Hanbit", ror=identifier, scheme=scheme)]}
    )

    places = [offer for offer in offers_of(looked(unfilled)) if offer.group == "place"]

    assert [(offer.organisation, offer.is_ticked) for offer in places] == [(right, True)]


def test_organisation_found_by_name_only_is_suggested_not_ticked(scholars, unfilled):
    one = KoreanOrganisationFactory(name="Hanbit University")
    two = KoreanOrganisationFactory(name="Other", name_en="HANBIT university")
    KoreanOrganisationFactory(name="Hanbit University", country_code="DE")
    KoreanOrganisationFactory(name="Hanbit University Hospital")

    places = [offer for offer in offers_of(looked(unfilled)) if offer.group == "place"]

    assert [offer.organisation for offer in places] == [one, two]
    assert [offer.is_ticked for offer in places] == [False, False]


def test_organisation_that_nobody_knows_is_offered_by_its_name(scholars, unfilled):
    places = [offer for offer in offers_of(looked(unfilled)) if offer.group == "place"]
    look = unfilled.source_requests.get()

    take(look, chosen(look, [places[0].key]))

    unfilled.refresh_from_db()
    assert (unfilled.organisation_unlisted, unfilled.country_code) == ("Hanbit University", "KR")


@pytest.mark.parametrize("count", (1, 3, 30))
def test_comparing_takes_the_same_number_of_queries(
    scholars, unfilled, django_assert_num_queries, count
):
    scholars.records[ORCID] = record(
        works={"group": [work(f"Work {n}", doi=f"10.1000/{n}", code=n) for n in range(count)]},
        employments={"affiliation-group": [employment(f"Hanbit {n}") for n in range(count)]},
        fundings={"group": [funding(f"Project {n}", number=str(n)) for n in range(count)]},
    )
    look = SourceRequest.objects.select_related("profile__organisation").get(
        pk=looked(unfilled).pk
    )

    with django_assert_num_queries(8):
        offers_of(look)


# --- Taking ---


def test_taking_fills_the_profile_and_forgets_the_rest(scholars, unfilled):
    university = KoreanOrganisationFactory(name="Hanbit University", ror_id=ROR)
    look = looked(unfilled)

    take(look, everything(look))

    unfilled.refresh_from_db()
    assert (unfilled.display_name, unfilled.hangul_name) == ("Minji Kim", "김민지")
    assert (unfilled.organisation, unfilled.side, unfilled.position) == (
        university,
        "korea",
        "Professor",
    )
    assert (unfilled.keywords, unfilled.other_names) == (
        ["perovskite", "solar cells"],
        ["Kim, Min-ji"],
    )
    assert list(unfilled.works.values_list("doi", "source", "source_id")) == [
        ("10.1000/abc.1", "orcid", "11"), ("", "orcid", "12"),
    ]  # fmt: skip
    assert unfilled.projects.get().funder == "National Research Foundation of Korea"
    assert unfilled.orcid == ""
    assert (look.state, look.asked, look.refused) == (TAKEN, "", [])
    assert "perovskite" not in str(look.found["seen"])


def test_typed_id_that_is_taken_stays_unverified(scholars, unfilled):
    look = looked(unfilled)
    take(look, chosen(look, [offer.key for offer in offers_of(look) if offer.slot == "orcid"]))

    unfilled.refresh_from_db()
    assert (unfilled.orcid, unfilled.orcid_verified_at) == (ORCID, None)


def test_subjects_of_openalex_become_areas_and_topics(scholars, minji):
    scholars.authors[ORCID], scholars.works[ORCID] = AUTHOR, []
    look = looked(minji, Source.OPENALEX)

    take(look, chosen(look, [o.key for o in offers_of(look) if o.group == "subjects"]))

    assert set(minji.topics.all()) == {Topic.objects.get(code="green.perovskite")}
    assert [area.code for area in minji.areas.all()] == ["ICT"]


def test_more_works_than_fit_are_refused_with_nothing_written(scholars, unfilled):
    scholars.records[ORCID] = record(
        works={"group": [work(f"Work {n}", doi=f"10.1000/{n}", code=n) for n in range(9)]}
    )
    look = looked(unfilled)

    assert refusal(lambda: take(look, chosen(look, keys_of(look)))) == "too_many_works"
    assert unfilled.works.count() == 0


def keys_of(look, group=None):
    return [o.key for o in offers_of(look) if o.slot != "orcid" and group in {None, o.group}]


def test_old_works_make_room_when_they_are_unticked(scholars, minji):
    rows = [minji.works.create(title=f"Old {number}") for number in range(5)]
    look = looked(minji)
    keys = frozenset(keys_of(look, "works"))

    take(look, Choice(keys, works=frozenset(row.pk for row in rows[:3])))

    assert [row.title for row in minji.works.all()] == [
        "Old 0", "Old 1", "Old 2", "Stable perovskite modules", "An older work"
    ]  # fmt: skip


def test_two_texts_for_one_field_are_refused(scholars, minji):
    urls = [
        {"url": {"value": f"https://{name}.example/"}, "visibility": "public"}
        for name in ("one", "two")
    ]
    scholars.records[ORCID] = record(**{"researcher-urls": {"researcher-url": urls}})
    look = looked(minji)

    assert refusal(lambda: take(look, chosen(look, keys_of(look, "texts")))) == "only_one"


def test_too_many_keywords_are_refused(scholars, minji):
    words = [{"content": f"word {number}", "visibility": "public"} for number in range(25)]
    scholars.records[ORCID] = record(keywords={"keyword": words})
    look = looked(minji)

    assert refusal(lambda: take(look, chosen(look, keys_of(look, "keywords")))) == "too_many_words"


@pytest.mark.parametrize("keys", ([], ["unknown"]))
def test_taking_nothing_is_refused(scholars, minji, keys):
    look = looked(minji)

    assert refusal(lambda: take(look, chosen(look, keys))) == "nothing"


def test_profile_that_changed_meanwhile_is_not_overwritten(scholars, minji):
    look = looked(minji)
    version = version_of(minji)
    save_profile(minji, actor=minji.user, columns={"unit": "Typed elsewhere"})

    with pytest.raises(EditConflict), transaction.atomic():
        take_look(look, actor=minji.user, choice=everything(look), version=version)

    minji.refresh_from_db()
    look.refresh_from_db()
    assert (minji.unit, look.state) == ("Typed elsewhere", READY)


def test_look_is_taken_once(scholars, minji):
    look = looked(minji)
    same = SourceRequest.objects.get(pk=look.pk)
    take(look, everything(look))

    assert refusal(lambda: take(same, everything(look))) in {"nothing", "not_open"}


def test_later_look_shows_only_what_is_new_or_changed(scholars, unfilled):
    KoreanOrganisationFactory(name="Hanbit University", ror_id=ROR)
    first = looked(unfilled)
    take(first, everything(first))
    again = offers_of(looked(unfilled))
    scholars.records[ORCID]["activities-summary"]["works"]["group"] = [
        work("Stable perovskite modules, revised", doi="10.1000/abc.1", code=11),
        work("Brand new", doi="10.1000/new", code=20),
    ]

    changed = offers_of(looked(unfilled))

    assert [(offer.slot, offer.was_left_out) for offer in again] == [("orcid", True)]
    new = [offer for offer in changed if not offer.was_left_out]
    assert [(offer.found, bool(offer.now), offer.is_ticked) for offer in new] == [
        ("Stable perovskite modules, revised", True, False), ("Brand new", False, True),
    ]  # fmt: skip


def test_works_keep_their_source_when_the_form_saves_them(scholars, unfilled):
    look = looked(unfilled)
    take(look, everything(look))
    typed = [Work(title=row.title, doi=row.doi, year=row.year) for row in unfilled.works.all()]

    save_profile(unfilled, actor=unfilled.user, columns={}, works=typed)

    assert list(unfilled.works.values_list("source", "source_id")) == [
        ("orcid", "11"), ("orcid", "12")
    ]  # fmt: skip


# --- Undoing, dropping, forgetting ---


def test_undoing_puts_everything_back(scholars, minji):
    KoreanOrganisationFactory(name="Hanbit University", ror_id=ROR)
    minji.works.create(title="My own", doi="10.1000/own")
    before = snapshot(minji)
    look = looked(minji)
    take(look, chosen(look, keys_of(look)))
    minji.refresh_from_db()
    assert snapshot(minji) != before

    undo_taking(look, actor=minji.user)

    minji.refresh_from_db()
    assert snapshot(minji) == before
    assert (look.state, look.found) == (SourceRequestState.DROPPED, [])
    assert refusal(lambda: undo_taking(look, actor=minji.user)) == "not_open"


def snapshot(profile):
    columns = (
        "display_name", "family_name", "summary_en", "keywords", "other_names", "organisation_id",
        "side", "country_code", "position", "unit", "affiliated_since", "website",
    )  # fmt: skip
    works = list(profile.works.values_list("title", "doi", "source"))
    return [getattr(profile, column) for column in columns], works, profile.projects.count()


def test_undoing_is_refused_after_the_profile_was_edited(scholars, minji):
    look = looked(minji)
    take(look, everything(look))
    minji.refresh_from_db()
    save_profile(minji, actor=minji.user, columns={"unit": "New"})

    assert refusal(lambda: undo_taking(look, actor=minji.user)) == "changed_since"


def test_dropped_look_leaves_nothing(scholars, minji):
    look = looked(minji)

    drop_look(look, actor=minji.user)

    assert (look.found, look.asked, look.refused) == ([], "", [])
    assert refusal(lambda: drop_look(look, actor=minji.user)) == "not_open"


def test_old_looks_are_forgotten(scholars, minji):
    taken = looked(minji)
    take(taken, everything(taken))
    ready = looked(minji, Source.BIBTEX, BIBTEX)
    scholars.faults = [does.status(404)]
    failed = looked(minji, Source.OPENALEX)
    assert forget_old_looks() == 0
    SourceRequest.objects.update(
        asked_at=timezone.now() - timedelta(days=31), ended_at=timezone.now() - timedelta(days=31)
    )

    forget_old_looks()

    assert not SourceRequest.objects.filter(pk__in=(ready.pk, failed.pk)).exists()
    taken.refresh_from_db()
    assert list(taken.found) == ["seen"]
    assert refusal(lambda: undo_taking(taken, actor=minji.user)) == "too_late"


def test_erased_person_leaves_no_look(scholars, minji):
    looked(minji)

    erase_account(minji.user)

    assert SourceRequest.objects.count() == 0
