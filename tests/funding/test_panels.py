"""Panels: members of both sides, quorum, and what a member who left does not see."""

import json

import pytest
from django.core.exceptions import PermissionDenied

from funding.models import Conflict, PanelMember, Recusal
from funding.papers import press
from funding.refusing import RefusedError
from funding.services.panels import (
    add_member,
    hidden_from,
    look_for_conflicts,
    make_chair,
    panel_rows,
    quorum_blockers,
    recuse,
    remove_member,
    save_panel,
    set_present,
)
from funding.services.rank_lists import make_list
from tests.factories.accounts import UserFactory
from tests.funding.panel_stage import member_of, panel_stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage():
    return panel_stage(3)


def codes(refused):
    return {blocker.code for blocker in refused.value.blockers}


def seat(stage, user):
    return PanelMember.objects.get(panel__call=stage.call, person__user=user)


def test_a_member_is_added_once_by_officer_or_chair_alone(stage):
    user = UserFactory(email="New@uni.test")
    member = add_member(
        stage.call, actor=stage.officer, email="new@UNI.test", side="korea", is_chair=False
    )

    assert (member.person.user, member.side, member.is_present) == (user, "korea", False)
    facts = {"email": user.email, "side": "korea", "is_chair": False}
    with pytest.raises(RefusedError) as refused:
        add_member(stage.call, actor=stage.chair, **facts)
    assert codes(refused) == {"member_twice"}
    for stranger in (stage.member, stage.europe, UserFactory()):
        with pytest.raises(PermissionDenied):
            add_member(stage.call, actor=stranger, **facts)
    with pytest.raises(RefusedError) as refused:
        add_member(stage.call, actor=stage.chair, **facts | {"email": "nobody@uni.test"})
    assert codes(refused) == {"no_account"}


def test_a_new_chair_takes_the_place_of_the_one_before(stage):
    make_chair(seat(stage, stage.member), actor=stage.officer)

    chairs = stage.call.panel.members.filter(is_chair=True)
    assert [each.person.user for each in chairs] == [stage.member]


def test_the_quorum_counts_each_side_and_the_chair(stage):
    panel = stage.call.panel
    assert quorum_blockers(panel) == []
    save_panel(stage.call, actor=stage.officer, quorum=2, meets_at=None, minutes="")
    panel.refresh_from_db()
    assert [each.code for each in quorum_blockers(panel)] == ["no_quorum", "no_quorum"]

    member_of(stage.call, "korea")
    assert [str(each.words) for each in quorum_blockers(panel)] == [
        "Europe: 1 of 2 members are there."
    ]

    set_present(seat(stage, stage.chair), actor=stage.officer, is_present=False)
    assert [each.code for each in quorum_blockers(panel)] == ["no_quorum", "chair_not_there"]

    stage.call.panel.members.filter(is_chair=True).update(is_chair=False)
    assert [each.code for each in quorum_blockers(panel)] == ["no_quorum", "no_chair"]


def test_whoever_leaves_sees_the_application_nowhere(stage, client):
    gone, *others = stage.applications
    make_list(stage.call, actor=stage.officer)
    recuse(seat(stage, stage.member), gone, actor=stage.member, reason="A former student.")

    assert hidden_from(stage.call, stage.member) == {gone.pk}
    assert hidden_from(stage.call, stage.chair) == frozenset()
    client.force_login(stage.member)
    for page in ("", "ranking/", "allocation/", "release/", "lottery/"):
        text = client.get(f"/calls/{stage.call.pk}/panel/{page}").content.decode()
        assert gone.title not in text
        assert gone.acronym not in text
    table = client.get(f"/calls/{stage.call.pk}/panel/ranking/table.csv").content.decode()
    assert gone.title not in table
    assert all(each.title in table for each in others)


@pytest.fixture
def set_text(monkeypatch):
    """Return what the press was given last, as text; the paper is printed all the same."""
    given = []

    def printed(paper, data):
        given.append(json.dumps(data, ensure_ascii=False))
        return press.printed(paper, data)

    monkeypatch.setattr("funding.services.panel_pack.printed", printed)
    return given


def test_the_papers_leave_out_what_the_reader_left_the_room_for(stage, client, set_text):
    gone, *others = stage.applications
    make_list(stage.call, actor=stage.officer)
    recuse(seat(stage, stage.member), gone, actor=stage.chair, reason="A former student.")

    for user in (stage.member, stage.chair):
        client.force_login(user)
        paper = client.get(f"/calls/{stage.call.pk}/panel/pack.pdf")
        assert paper.content.startswith(b"%PDF")

    of_member, of_chair = set_text
    assert gone.title not in of_member
    assert all(each.title in of_member for each in others)
    assert "The reviewers agree that the work is sound" in of_member
    assert gone.title in of_chair


def test_conflicts_hide_at_once_and_become_recusals_in_the_minutes(stage):
    member = seat(stage, stage.member)
    application = stage.applications[1]
    Conflict.objects.create(
        person=member.person, application=application, kind="adviser", is_hard=False,
        source="declared",
    )  # fmt: skip

    assert hidden_from(stage.call, stage.member) == {application.pk}
    assert look_for_conflicts(stage.call, actor=stage.officer) == 1
    assert look_for_conflicts(stage.call, actor=stage.officer) == 0
    assert Recusal.objects.get().application == application


def test_who_applies_in_the_call_is_kept_from_the_own_application(stage):
    application = stage.applications[0]
    PanelMember.objects.create(panel=stage.call.panel, person=application.lead, side="europe")

    assert hidden_from(stage.call, application.lead.user) == {application.pk}


def test_only_for_oneself_or_by_who_runs_the_panel_and_with_a_reason(stage):
    application = stage.applications[0]
    chair = seat(stage, stage.chair)

    with pytest.raises(PermissionDenied):
        recuse(chair, application, actor=stage.member, reason="He should.")
    with pytest.raises(RefusedError):
        recuse(chair, application, actor=stage.chair, reason="  ")
    recuse(chair, application, actor=stage.officer, reason="A cousin.")
    recuse(chair, application, actor=stage.chair, reason="Again.")

    assert Recusal.objects.get().reason == "A cousin."


def test_other_members_do_not_read_who_left_for_what_they_do_not_see(stage):
    application = stage.applications[0]
    for user in (stage.chair, stage.member):
        recuse(seat(stage, user), application, actor=stage.officer, reason="Same house.")

    assert [row.recusals for row in panel_rows(stage.call.panel, stage.member)] == [[], []]
    seen = panel_rows(stage.call.panel, stage.officer)
    assert [len(row.recusals) for row in seen] == [1, 1]


def test_a_member_of_whom_the_minutes_tell_is_not_taken_off(stage):
    recuse(
        seat(stage, stage.member), stage.applications[0], actor=stage.member, reason="A friend."
    )

    with pytest.raises(RefusedError) as refused:
        remove_member(seat(stage, stage.member), actor=stage.officer)

    assert codes(refused) == {"has_recusals"}


def test_the_papers_of_a_panel_that_has_decided_stand(stage):
    type(stage.call).objects.filter(pk=stage.call.pk).update(state="decided")

    with pytest.raises(RefusedError) as refused:
        save_panel(stage.call, actor=stage.chair, quorum=1, meets_at=None, minutes="Later.")

    assert codes(refused) == {"panel_closed"}


def test_a_form_that_is_refused_keeps_what_was_typed(stage, client):
    client.force_login(stage.officer)

    page = client.post(
        f"/calls/{stage.call.pk}/panel/save/", {"quorum": "0", "minutes": "Long minutes."}
    )

    assert page.status_code == 200
    assert "Long minutes." in page.content.decode()
    assert "Error: Panel" in page.content.decode()
