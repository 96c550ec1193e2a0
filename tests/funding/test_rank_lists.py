"""Ranked lists: computed from what was agreed, chosen, frozen, shown."""

import csv
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from funding.models import Application, Consensus, RankItem
from funding.refusing import RefusedError
from funding.services.panels import recuse
from funding.services.rank_lists import choose_method, freeze_list, make_list, undrawn_of
from funding.services.rank_pages import listing_of
from funding.services.rank_tables import as_csv, as_workbook
from tests.factories.accounts import UserFactory
from tests.funding.panel_stage import panel_stage, ranked

pytestmark = pytest.mark.django_db


def codes(refused):
    return {blocker.code for blocker in refused.value.blockers}


def places(rank_list):
    return list(rank_list.items.order_by("position").values_list("application", flat=True))


def chosen(stage, rank_list, method="raw"):
    choose_method(rank_list, actor=stage.chair, method=method, reason="Severity is small.")
    rank_list.refresh_from_db()
    return rank_list


def test_the_order_is_that_of_the_weighted_scores_and_below_the_thresholds_comes_last():
    stage = panel_stage(scores=[(3.5, 3.5, 3.5), (5, 5, 2.5), (4.5, 4.5, 4.5)])
    low, below, high = stage.applications

    found = make_list(stage.call, actor=stage.officer, seed=7)

    assert places(found) == [high.pk, low.pk, below.pk]
    assert found.items.get(application=below).zone == "below"
    assert found.facts["below"] == {str(below.pk): [["implementation", 2.5, 3.0]]}


def test_the_same_inputs_and_seed_give_the_same_list_and_other_scores_another_check_sum():
    stage = panel_stage()
    first = make_list(stage.call, actor=stage.officer, seed=7)
    again = make_list(stage.call, actor=stage.officer, seed=7)

    assert (again.number, again.inputs_sha256, again.facts) == (
        2,
        first.inputs_sha256,
        first.facts,
    )
    ranked(stage.call, (4, 4, 4), reviewers=stage.reviewers, votes=(4, 4, 4))
    assert make_list(stage.call, actor=stage.officer, seed=7).inputs_sha256 != first.inputs_sha256


def test_votes_give_intervals_around_the_rank_and_both_methods_are_kept():
    stage = panel_stage()

    found = make_list(stage.call, actor=stage.officer, seed=7)

    for item in found.items.all():
        assert 1 <= item.low90 <= item.low50 <= item.high50 <= item.high90 <= 4
    rows = found.facts["raw"]["rows"], found.facts["corrected"]["rows"]
    assert [set(each) for each in rows] == [{str(pk) for pk in places(found)}] * 2
    # Each reviewer is half a mark more severe than the one before: only the corrected model knows.
    assert found.facts["corrected"]["shares"]["reviewer"] > 0.05
    assert found.facts["raw"]["shares"]["reviewer"] == 0


def test_equals_are_parted_by_the_order_of_the_call_and_it_is_said():
    stage = panel_stage(scores=[(4, 4.5, 4), (4.5, 4, 4)], tie_break=["excellence"])
    lower, higher = stage.applications

    found = make_list(stage.call, actor=stage.officer)

    assert places(found) == [higher.pk, lower.pk]
    assert found.items.get(application=lower).decided_by == "excellence"
    line = listing_of(stage.call, stage.officer, found).lines[1]
    assert str(line.reason) == "equal score; decided by Excellence: 4.0, the one above has 4.5"


def test_what_is_equal_in_everything_waits_for_the_lot():
    stage = panel_stage(scores=[(4, 4, 4), (4, 4, 4), (5, 5, 5)])
    found = chosen(stage, make_list(stage.call, actor=stage.officer))

    assert set(undrawn_of(found)) == {each.pk for each in stage.applications[:2]}
    with pytest.raises(RefusedError) as refused:
        freeze_list(found, actor=stage.chair)
    assert codes(refused) == {"undrawn"}


def test_equals_below_the_thresholds_need_no_lots():
    stage = panel_stage(scores=[(4, 4, 4), (2, 2, 2), (2, 2, 2), (4.5, 4, 4)])
    found = chosen(stage, make_list(stage.call, actor=stage.officer, seed=7))

    assert undrawn_of(found) == []
    freeze_list(found, actor=stage.chair)


def test_the_chair_has_to_choose_a_method_and_say_why():
    stage = panel_stage()
    found = make_list(stage.call, actor=stage.officer)

    with pytest.raises(RefusedError) as refused:
        freeze_list(found, actor=stage.chair)
    assert codes(refused) == {"no_choice"}
    with pytest.raises(RefusedError):
        choose_method(found, actor=stage.chair, method="corrected", reason="  ")
    with pytest.raises(PermissionDenied):
        choose_method(found, actor=stage.officer, method="corrected", reason="I like it.")

    chosen(stage, found, "corrected")

    item = found.items.first()
    row = found.facts["corrected"]["rows"][str(item.application_id)]
    assert [item.expected_rank, item.low50, item.zone] == [row[0], row[1], row[5]]


def test_a_list_is_not_frozen_without_a_quorum_of_each_side():
    stage = panel_stage()
    found = chosen(stage, make_list(stage.call, actor=stage.officer))
    stage.call.panel.members.filter(side="korea").update(is_present=False)

    with pytest.raises(RefusedError) as refused:
        freeze_list(found, actor=stage.chair)

    assert codes(refused) == {"no_quorum"}


def test_a_list_of_scores_that_have_changed_is_not_frozen():
    stage = panel_stage()
    found = chosen(stage, make_list(stage.call, actor=stage.officer))
    consensus = Consensus.objects.get(application=stage.applications[0])
    consensus.scores.filter(criterion__code="impact").update(value=3)

    with pytest.raises(RefusedError) as refused:
        freeze_list(found, actor=stage.chair)

    assert codes(refused) == {"outdated"}


def test_a_frozen_list_stands():
    stage = panel_stage()
    found = chosen(stage, make_list(stage.call, actor=stage.officer))
    freeze_list(found, actor=stage.chair)

    for step in (
        lambda: freeze_list(found, actor=stage.chair),
        lambda: make_list(stage.call, actor=stage.officer),
        lambda: choose_method(found, actor=stage.chair, method="raw", reason="Other."),
    ):
        with pytest.raises(RefusedError) as refused:
            step()
        assert codes(refused) == {"list_frozen"}
    with pytest.raises(IntegrityError, match="frozen_rank_list_stands"), transaction.atomic():
        RankItem.objects.filter(rank_list=found).update(score=5)


def test_how_far_the_money_reached_stays_what_it_was_when_some_have_left():
    stage = panel_stage(count=4)
    found = chosen(stage, make_list(stage.call, actor=stage.officer))
    freeze_list(found, actor=stage.chair)
    found.refresh_from_db()
    before = listing_of(stage.call, stage.officer, found).funded
    Application.objects.filter(pk=before[0]).update(state="withdrawn")

    assert listing_of(stage.call, stage.officer, found).funded == before


def test_only_with_the_panel_and_only_by_those_who_run_it():
    stage = panel_stage()
    for user in (stage.member, stage.europe, UserFactory()):
        with pytest.raises(PermissionDenied):
            make_list(stage.call, actor=user)
    type(stage.call).objects.filter(pk=stage.call.pk).update(state="reviewing")

    with pytest.raises(RefusedError) as refused:
        make_list(stage.call, actor=stage.officer)

    assert codes(refused) == {"not_in_panel"}


def test_without_votes_there_is_an_order_and_no_interval():
    stage = panel_stage(votes=False)

    found = make_list(stage.call, actor=stage.officer)

    assert places(found) == [each.pk for each in stage.applications]
    assert set(found.items.values_list("expected_rank", "zone")) == {(None, "draw")}


def test_tables_have_every_application_that_the_reader_may_see_and_no_formula():
    stage = panel_stage()
    type(stage.applications[0]).objects.filter(pk=stage.applications[0].pk).update(title="=1+1")
    found = make_list(stage.call, actor=stage.officer)
    member = stage.call.panel.members.get(person__user=stage.member)
    recuse(member, stage.applications[1], actor=stage.member, reason="A friend.")

    whole = list(
        csv.DictReader(
            io.StringIO(as_csv(listing_of(stage.call, stage.officer, found)).decode("utf-8-sig"))
        )
    )
    part = list(
        csv.DictReader(
            io.StringIO(as_csv(listing_of(stage.call, stage.member, found)).decode("utf-8-sig"))
        )
    )
    book = load_workbook(io.BytesIO(as_workbook(listing_of(stage.call, stage.officer, found))))

    assert [row["application"] for row in whole] == ["1", "2", "3", "4"]
    assert [row["application"] for row in part] == ["1", "3", "4"]
    assert whole[0]["title"] == "'=1+1"
    assert book["ranking"].max_row == 5


def test_amounts_in_the_table_are_in_whole_money_with_its_name():
    stage = panel_stage(1)
    found = make_list(stage.call, actor=stage.officer)
    table = as_csv(listing_of(stage.call, stage.officer, found)).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(table))

    units = {each.funder.code: each.currency for each in stage.call.commitments.all()}
    asked = dict(part.split("=") for part in row["asked"].split("|"))
    assert {code: part.split()[1] for code, part in asked.items()} == units
    assert sorted(part.split()[0] for part in asked.values()) == ["10000", "15000000"]


def test_names_are_not_in_the_list_of_a_double_blind_call():
    stage = panel_stage(blind_level=2)
    found = make_list(stage.call, actor=stage.officer)
    name = stage.applications[0].lead.name

    assert name in as_csv(listing_of(stage.call, stage.officer, found)).decode()
    assert name not in as_csv(listing_of(stage.call, stage.member, found)).decode()


def test_the_page_asks_the_same_number_of_questions(client, django_assert_max_num_queries):
    counts = set()
    for count in (2, 3, 6):
        stage = panel_stage(count)
        make_list(stage.call, actor=stage.officer)
        client.force_login(stage.officer)
        page = f"/calls/{stage.call.pk}/panel/ranking/"
        # The first page of a session notes when the account was last used.
        client.get(page)
        with django_assert_max_num_queries(60) as asked:
            response = client.get(page)
        assert response.status_code == 200
        counts.add(len(asked))

    # The names of criteria are asked for once, where one of them decided between equals.
    assert max(counts) - min(counts) <= 1
