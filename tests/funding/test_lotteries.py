"""Lots that are promised, drawn once, and drawn again by anybody."""

import json
import subprocess
import sys
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from funding.models import LotteryDraw
from funding.refusing import RefusedError
from funding.services.lotteries import draw_lots, is_verified, label, promise_lots, published
from funding.services.panels import recuse
from funding.services.rank_lists import choose_method, freeze_list, make_list
from funding.services.submitting import withdraw
from tests.funding.panel_stage import panel_stage
from tests.together import together

SOURCE = "KOSPI closing value of 3 December 2031"


def codes(refused):
    return {blocker.code for blocker in refused.value.blockers}


def tied(count=4):
    """Return a stage of applications that are equal in everything, and its list."""
    stage = panel_stage(scores=[(4, 4, 4)] * count)
    return stage, listed(stage)


def listed(stage):
    found = make_list(stage.call, actor=stage.officer, seed=7)
    choose_method(found, actor=stage.chair, method="raw", reason="Severity is small.")
    found.refresh_from_db()
    return found


def promise(stage, rank_list, scope="ties", source=SOURCE):
    return promise_lots(rank_list, actor=stage.officer, scope=scope, source=source)


@pytest.mark.django_db
def test_equals_stand_in_the_order_drawn_and_the_list_can_be_frozen():
    stage, found = tied()
    promise(stage, found)
    with pytest.raises(RefusedError) as refused:
        freeze_list(found, actor=stage.chair)
    assert codes(refused) == {"draw_open", "undrawn"}

    lots = draw_lots(found, actor=stage.officer, public_value="  3,482.17 ")

    assert lots.public_value == "3,482.17"
    items = found.items.order_by("position").select_related("application__call")
    assert [label(each.application) for each in items] == lots.order
    assert [each.decided_by for each in items] == ["", "lottery", "lottery", "lottery"]
    freeze_list(found, actor=stage.chair)


@pytest.mark.django_db
def test_in_the_zone_places_are_dealt_and_nobody_outside_moves():
    stage = panel_stage(scores=[(5, 5, 5), (4, 4, 4), (4, 4, 3.5), (3, 3, 4)])
    found = listed(stage)
    first, second, third, last = found.items.order_by("position")
    zones = {first.pk: "fund", second.pk: "draw", third.pk: "draw", last.pk: "not"}
    for pk, zone in zones.items():
        found.items.filter(pk=pk).update(zone=zone)
    promise(stage, found, "zone")

    lots = draw_lots(found, actor=stage.chair, public_value="3,482.17")

    after = list(found.items.order_by("position"))
    assert [after[0].pk, after[3].pk] == [first.pk, last.pk]
    assert {after[1].pk, after[2].pk} == {second.pk, third.pk}
    assert [label(each.application) for each in after[1:3]] == lots.order
    assert [each.decided_by for each in after] == ["", "lottery", "lottery", ""]


@pytest.mark.django_db
def test_anybody_draws_the_same_with_the_script_alone(client, tmp_path):
    stage, found = tied()
    promise(stage, found)
    draw_lots(found, actor=stage.officer, public_value="3,482.17")
    type(stage.call).objects.filter(pk=stage.call.pk).update(
        state="released", released_at=stage.call.created_at
    )
    address = f"/calls/{stage.call.pk}/panel/lottery/"
    values, script = tmp_path / "published.json", tmp_path / "draw_script.py"
    values.write_bytes(client.get(f"{address}published.json").content)
    script.write_bytes(client.get(f"{address}draw_script.py").content)

    def run():
        return subprocess.run(
            [sys.executable, "-I", script, values], capture_output=True, text=True, check=False
        )

    ended = run()
    assert (ended.returncode, ended.stdout.split()) == (0, json.loads(values.read_text())["order"])
    assert "Computed again just now: the same." in client.get(address).content.decode()
    forged = json.loads(values.read_text())
    forged["order"] = forged["order"][::-1]
    values.write_text(json.dumps(forged))
    assert run().returncode == 1


@pytest.mark.django_db
def test_before_the_draw_the_promise_is_public_and_the_seed_nobodys(client):
    stage, found = tied()
    lots = promise(stage, found)
    secret = bytes(lots.seed).hex()
    address = f"/calls/{stage.call.pk}/panel/lottery/"

    for user in (None, stage.member, stage.officer, stage.chair):
        client.logout() if user is None else client.force_login(user)
        page = client.get(address).content.decode()
        assert lots.commit_hash in page
        assert secret not in page
    assert "seed" not in published(lots)


@pytest.mark.django_db
def test_what_was_drawn_is_for_the_panel_alone_until_the_release(client):
    stage, found = tied()
    promise(stage, found)
    lots = draw_lots(found, actor=stage.officer, public_value="3,482.17")
    address = f"/calls/{stage.call.pk}/panel/lottery/"

    for user in (None, stage.applications[0].lead.user):
        client.logout() if user is None else client.force_login(user)
        assert client.get(f"{address}published.json").status_code == 404
        page = client.get(address).content.decode()
        assert bytes(lots.seed).hex() not in page
        assert lots.order[0] not in page
    client.force_login(stage.member)
    assert bytes(lots.seed).hex() in client.get(address).content.decode()


@pytest.mark.django_db
def test_who_left_for_one_that_is_drawn_reads_the_order_with_everybody_else(client):
    stage, found = tied()
    promise(stage, found)
    lots = draw_lots(found, actor=stage.officer, public_value="3,482.17")
    member = stage.call.panel.members.get(person__user=stage.member)
    recuse(member, stage.applications[0], actor=stage.member, reason="A friend.")
    client.force_login(stage.member)

    page = client.get(f"/calls/{stage.call.pk}/panel/lottery/").content.decode()

    assert lots.commit_hash in page
    assert label(stage.applications[0]) not in page
    assert client.get(f"/calls/{stage.call.pk}/panel/lottery/published.json").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("is_drawn", (False, True))
def test_lots_are_not_drawn_again_until_somebody_likes_them(is_drawn):
    stage, found = tied()
    promise(stage, found)
    if is_drawn:
        draw_lots(found, actor=stage.officer, public_value="3,482.17")

    with pytest.raises(RefusedError) as refused:
        make_list(stage.call, actor=stage.officer, seed=8)

    assert codes(refused) == {"lots_stand"}


@pytest.mark.django_db
def test_lots_of_a_list_that_something_changed_stay_to_be_read(client):
    stage, found = tied()
    before = promise(stage, found)
    withdraw(stage.applications[0], actor=stage.applications[0].lead.user, reason="")
    lots = promise(stage, listed(stage))

    page = client.get(f"/calls/{stage.call.pk}/panel/lottery/").content.decode()

    assert lots.commit_hash in page
    assert before.commit_hash in page.partition("Other lotteries of this call")[2]


@pytest.mark.django_db
def test_a_draw_that_was_changed_is_seen():
    stage, found = tied()
    promise(stage, found)
    lots = draw_lots(found, actor=stage.officer, public_value="3,482.17")

    assert is_verified(lots)
    lots.order = lots.order[::-1]
    assert not is_verified(lots)


@pytest.mark.django_db
def test_what_is_refused():
    stage, found = tied()
    with pytest.raises(PermissionDenied):
        promise_lots(found, actor=stage.member, scope="ties", source=SOURCE)
    with pytest.raises(RefusedError) as refused:
        promise(stage, found, source=" ")
    assert codes(refused) == {"no_source"}
    with pytest.raises(RefusedError) as refused:
        draw_lots(found, actor=stage.officer, public_value="1")
    assert codes(refused) == {"nothing_to_draw"}

    promise(stage, found)

    with pytest.raises(RefusedError) as refused:
        promise(stage, found)
    assert codes(refused) == {"promised"}
    with pytest.raises(RefusedError) as refused:
        draw_lots(found, actor=stage.officer, public_value="  ")
    assert codes(refused) == {"no_value"}
    draw_lots(found, actor=stage.officer, public_value="1")
    with pytest.raises(RefusedError) as refused:
        draw_lots(found, actor=stage.officer, public_value="2")
    assert codes(refused) == {"drawn"}


@pytest.mark.django_db
def test_where_nothing_is_equal_there_is_nothing_to_draw():
    stage = panel_stage(scores=[(5, 5, 5), (4, 4, 4)])

    with pytest.raises(RefusedError) as refused:
        promise(stage, listed(stage))

    assert codes(refused) == {"nothing_to_draw"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_draw_at_once_with_two_values_one_wins_and_the_order_is_its():
    stage, found = tied(3)
    promise(stage, found)

    def attempt(value):
        try:
            draw_lots(found, actor=stage.officer, public_value=value)
        except RefusedError:
            return None
        return value

    won = [each for each in together(partial(attempt, "1"), partial(attempt, "2")) if each]

    assert len(won) == 1
    lots = LotteryDraw.objects.get()
    assert lots.public_value == won[0]
    items = found.items.order_by("position").select_related("application__call")
    assert [label(each.application) for each in items] == lots.order
    assert is_verified(lots)
