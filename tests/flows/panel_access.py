"""Who gets which answer at the addresses of panels.

Minji runs the programme of a call that is with its panel, and takes the chair there.
"""

from hashlib import sha256

from funding.models import LotteryDraw, PanelMember
from funding.services.decisions import decide_by_list
from funding.services.panels import panel_of
from funding.services.people import person_of
from funding.services.rank_lists import choose_method, freeze_list, make_list
from konnect.accounts.models import RoleGrant
from tests.funding.panel_stage import panel_stage

READ = ((302, 404, 200, 404), (302, 405, 405, 405))
PANEL_TABLE: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "funding:application_result": READ,
    "funding:panel_allocation": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:panel_close": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "funding:panel_conflicts": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "funding:panel_decision": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:panel_detail": READ,
    "funding:panel_freeze": ((302, 405, 405, 405), (302, 404, 302, 404)),
    # The promise is everybody's; who was drawn is for the panel until the release.
    "funding:panel_lottery": ((200, 200, 200, 200), (404, 404, 200, 404)),
    "funding:panel_lottery_script": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:panel_lottery_values": ((404, 404, 200, 404), (405, 405, 405, 405)),
    "funding:panel_marks": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:panel_member_add": ((302, 405, 405, 405), (302, 404, 200, 404)),
    "funding:panel_member_set": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "funding:panel_method": ((302, 405, 405, 405), (302, 404, 200, 404)),
    "funding:panel_pack": READ,
    "funding:panel_ranking": ((302, 404, 200, 404), (302, 404, 302, 404)),
    "funding:panel_recuse": ((302, 405, 405, 405), (302, 404, 200, 404)),
    "funding:panel_release": ((302, 404, 200, 404), (302, 404, 302, 404)),
    "funding:panel_reopen": ((302, 405, 405, 405), (302, 404, 200, 404)),
    "funding:panel_save": ((302, 405, 405, 405), (302, 404, 200, 404)),
    "funding:panel_table": READ,
}
PANEL_API_TABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "api:decision-detail": {"get": (401, 404, 200, 404)},
    "api:decision-list": {"get": (401, 200, 200, 200)},
}


def chaired_by(user):
    """Return a stage of a call whose panel somebody chairs and whose programme they run."""
    stage = panel_stage(2)
    RoleGrant.objects.create(
        user=user, role="programme_officer", scope="programme",
        scope_id=stage.call.programme_id,
    )  # fmt: skip
    panel = panel_of(stage.call)
    panel.members.filter(is_chair=True).update(is_chair=False)
    PanelMember.objects.create(
        panel=panel, person=person_of(user), side="korea", is_chair=True, is_present=True
    )
    return stage


def frozen_by(user):
    """Return a stage with a frozen list from which everything was decided."""
    stage = chaired_by(user)
    found = make_list(stage.call, actor=user, seed=7)
    choose_method(found, actor=user, method="raw", reason="Severity is small.")
    found.refresh_from_db()
    freeze_list(found, actor=user)
    decide_by_list(stage.call, actor=user, reserve_places=0)
    return stage


def panel_things(minji):
    """Return what the addresses of panels are about."""
    stage = frozen_by(minji.user)
    call, application = stage.call, stage.applications[0]
    seed = b"s" * 32
    LotteryDraw.objects.create(
        rank_list=call.rank_lists.get(), seed=seed, commit_hash=sha256(seed).hexdigest(),
        public_value_source="An index of tomorrow",
    )  # fmt: skip
    member = call.panel.members.get(person__user=minji.user)
    whole = [name for name in PANEL_TABLE if name.startswith("funding:panel_")]
    return {name: [call.pk] for name in whole} | {
        "funding:application_result": [application.pk],
        "funding:panel_decision": [call.pk, application.pk],
        "funding:panel_member_set": [call.pk, member.pk, "come"],
        "funding:panel_table": [call.pk, "csv"],
    }


def panel_api_things(minji):
    """Return what the addresses of decisions in the API are about."""
    stage = frozen_by(minji.user)
    return {"api:decision-detail": [stage.applications[0].decision.pk]}
