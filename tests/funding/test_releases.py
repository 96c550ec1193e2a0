"""Releases: everybody agrees, nobody is told before, nobody is told twice."""

from contextlib import suppress
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from funding.models import Call, Decision, Grant, Release
from funding.refusing import RefusedError
from funding.services import letters
from funding.services.letters import quarter_of, tell_decisions
from funding.services.panels import save_panel
from funding.services.releases import agree_to_release, close_decisions, reopen_decisions
from konnect.accounts.models import Notification, OutgoingEmail
from konnect.states import TransitionError
from tests.funding.panel_stage import REPORT
from tests.funding.test_decisions import decided, states
from tests.together import together


def codes(refused):
    return {blocker.code for blocker in refused.value.blockers}


def closed(count=3):
    """Return a stage whose decisions are closed."""
    stage = decided(count)
    save_panel(stage.call, actor=stage.chair, quorum=1, meets_at=None, minutes="All were there.")
    close_decisions(stage.call, actor=stage.chair)
    return stage


def released(count=3):
    """Return a stage whose decisions are out, and about which nobody was told yet."""
    stage = closed(count)
    for user in (stage.chair, stage.europe, stage.korea):
        agree_to_release(stage.call, actor=user)
    return stage


def of_decisions():
    return OutgoingEmail.objects.filter(subject__contains="Decision about your application")


def state_of(stage):
    return Call.objects.get(pk=stage.call.pk).state


@pytest.mark.django_db
def test_decisions_are_closed_by_the_chair_when_nothing_is_open_and_minutes_are_written():
    stage = decided(3)
    with pytest.raises(RefusedError) as refused:
        close_decisions(stage.call, actor=stage.chair)
    assert codes(refused) == {"no_minutes"}
    save_panel(stage.call, actor=stage.chair, quorum=1, meets_at=None, minutes="All were there.")
    with pytest.raises(PermissionDenied):
        close_decisions(stage.call, actor=stage.officer)
    type(stage.applications[0]).objects.filter(pk=stage.applications[0].pk).update(state="ranked")
    with pytest.raises(RefusedError) as refused:
        close_decisions(stage.call, actor=stage.chair)
    assert codes(refused) == {"undecided"}


@pytest.mark.django_db
def test_the_last_of_chair_and_every_funder_releases():
    stage = closed()
    with pytest.raises(PermissionDenied):
        agree_to_release(stage.call, actor=stage.officer)
    with pytest.raises(PermissionDenied):
        agree_to_release(stage.call, actor=stage.member)

    assert agree_to_release(stage.call, actor=stage.chair) is False
    assert agree_to_release(stage.call, actor=stage.chair) is False
    assert agree_to_release(stage.call, actor=stage.korea) is False
    assert state_of(stage) == "decided"
    assert not Grant.objects.exists()
    assert agree_to_release(stage.call, actor=stage.europe) is True

    assert state_of(stage) == "released"
    assert Call.objects.get(pk=stage.call.pk).released_at
    assert Grant.objects.count() == 2
    assert Release.objects.count() == 3


@pytest.mark.django_db
def test_decisions_that_are_taken_back_have_to_be_agreed_to_anew():
    stage = closed()
    agree_to_release(stage.call, actor=stage.chair)

    reopen_decisions(stage.call, actor=stage.chair, reason="A budget was wrong.")

    assert state_of(stage) == "panel"
    assert not Release.objects.exists()
    with pytest.raises(RefusedError) as refused:
        agree_to_release(stage.call, actor=stage.europe)
    assert codes(refused) == {"not_decided"}


@pytest.mark.django_db
def test_what_is_out_is_not_taken_back():
    stage = released()

    with pytest.raises(TransitionError):
        reopen_decisions(stage.call, actor=stage.chair, reason="Too late.")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_agree_at_once_one_releases_and_offers_once():
    stage = closed()
    agree_to_release(stage.call, actor=stage.chair)

    done = together(
        partial(agree_to_release, stage.call, actor=stage.europe),
        partial(agree_to_release, stage.call, actor=stage.korea),
    )

    assert sorted(done) == [False, True]
    assert state_of(stage) == "released"
    assert Grant.objects.count() == 2


# --- Letters --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nobody_is_told_before_the_release():
    closed()

    assert tell_decisions() == 0
    assert not of_decisions().exists()


@pytest.mark.django_db
def test_lead_and_partner_get_one_letter_each_in_their_language_with_what_was_agreed():
    stage = released()
    partner = stage.applications[1].participants.get(role="partner").person.user
    partner.language = "ko"
    partner.save()

    assert tell_decisions() == 3
    assert tell_decisions() == 0

    assert OutgoingEmail.objects.filter(to=partner.email).count() >= 1
    lead = stage.applications[2].lead.user
    (letter,) = of_decisions().filter(to=lead.email)
    assert "reserve list" in letter.text
    assert REPORT in letter.text
    assert "Excellence: 4.0 of 5.0 (threshold 3.0)" in letter.text
    assert "third quarter" in letter.text
    assert "redress" in letter.text
    assert str(stage.call.title_ko) in OutgoingEmail.objects.filter(to=partner.email).last().text
    assert not Decision.objects.filter(told_at=None).exists()
    news = Notification.objects.filter(key__startswith="decision:")
    assert news.count() == 6
    assert "reserve" not in "".join(news.values_list("title_en", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_in_the_middle_tells_nobody_twice_and_forgets_nobody(monkeypatch):
    released(4)
    whole, calls = letters.tell, []

    def dies(person, result):
        calls.append(person)
        whole(person, result)
        if len(calls) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(letters, "tell", dies)
    with suppress(KeyboardInterrupt):
        tell_decisions()
    # The second letter of the second application was written and its transaction never ended.
    assert Decision.objects.filter(told_at=None).count() == 3
    assert Notification.objects.filter(key__startswith="decision:").count() == 2
    monkeypatch.setattr(letters, "tell", whole)

    tell_decisions()

    addresses = [each["to"] for each in OutgoingEmail.objects.values("to", "subject")
                 if "Decision about your application" in each["subject"]]  # fmt: skip
    assert len(addresses) == len(set(addresses)) == 8


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_letters():
    released(4)

    told = together(tell_decisions, tell_decisions)

    assert sum(told) == 4
    assert Notification.objects.filter(key__startswith="decision:").count() == 8


@pytest.mark.django_db
def test_quarters_of_four_are_one_each():
    stage = decided(4)
    rank_list = stage.call.rank_lists.get()

    assert [quarter_of(each, rank_list) for each in stage.applications] == [1, 2, 3, 4]


# --- What applicants see --------------------------------------------------------------------------


@pytest.mark.django_db
def test_applicants_see_nothing_before_the_release_and_their_own_result_after(client):
    stage = closed()
    own, other = stage.applications[0], stage.applications[1]
    client.force_login(own.lead.user)
    address = f"/applications/{own.pk}/result/"

    assert client.get(address).status_code == 404
    for user in (stage.chair, stage.europe, stage.korea):
        agree_to_release(stage.call, actor=user)

    page = client.get(address).content.decode()
    assert "recommended for funding" in page
    assert REPORT in page
    assert client.get(f"/applications/{other.pk}/result/").status_code == 404
    for part in ("", "ranking/", "allocation/", "release/", "pack.pdf", "ranking/table.csv"):
        assert client.get(f"/calls/{stage.call.pk}/panel/{part}").status_code == 404


@pytest.mark.django_db
def test_the_whole_way_over_the_pages(client):
    stage = decided(3)
    panel = f"/calls/{stage.call.pk}/panel/"
    client.force_login(stage.chair)
    client.post(f"{panel}save/", {"quorum": "1", "minutes": "All were there."})
    client.post(f"{panel}release/close/")
    assert state_of(stage) == "decided"
    client.post(f"{panel}release/reopen/", {"reason": "Look again."})
    assert state_of(stage) == "panel"
    client.post(f"{panel}allocation/", {"reserve_places": "0"})
    client.post(f"{panel}release/close/")
    for user in (stage.chair, stage.europe, stage.korea):
        client.force_login(user)
        client.post(f"{panel}release/")

    assert state_of(stage) == "released"
    assert states(stage) == ["recommended", "recommended", "not_funded"]
    assert mail.outbox == []
