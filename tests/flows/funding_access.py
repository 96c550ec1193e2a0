"""Who gets which answer at the addresses of funding: role by address by method.

The four figures are the answers to nobody in particular, to a stranger, to Minji, and to an
administrator, who has no role in any call. Minji runs the programme of one approved call. What is
Minji's in applications, reviews and grants is said beside those rows.
"""

from datetime import timedelta

from django.utils import timezone

from funding.models import LateToken
from konnect.accounts.models import RoleGrant
from tests.factories.funding import ApplicationFactory, PersonFactory, approved_call
from tests.flows.application_access import (
    APPLICATION_API_TABLE,
    APPLICATION_TABLE,
    application_api_things,
    application_things,
)
from tests.flows.grant_access import (
    GRANT_API_TABLE,
    GRANT_TABLE,
    grant_api_things,
    grant_things,
)
from tests.flows.panel_access import (
    PANEL_API_TABLE,
    PANEL_TABLE,
    panel_api_things,
    panel_things,
)
from tests.flows.review_access import (
    REVIEW_API_TABLE,
    REVIEW_TABLE,
    review_api_things,
    review_things,
)

# address: (answers to GET, answers to POST)
FUNDING_TABLE: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    # Calls, for everybody.
    "funding:call_detail": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:call_feed_atom": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:call_feed_calendar": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:call_list": ((200, 200, 200, 200), (405, 405, 405, 405)),
    "funding:my_work": ((302, 200, 200, 200), (302, 405, 405, 405)),
    # Preparing and running a call.
    "funding:call_amend": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:call_approve": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "funding:call_create": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:call_edit": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:call_follow": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "funding:call_late": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:call_manage": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "funding:call_move": ((302, 405, 405, 405), (302, 404, 302, 404)),
    "funding:call_outage": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:call_step": ((302, 404, 200, 404), (302, 404, 200, 404)),
    "funding:hand_over": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "funding:hand_over_table": ((302, 404, 200, 404), (302, 405, 405, 405)),
    "funding:late_approve": ((302, 405, 405, 405), (302, 404, 302, 404)),
    # Applications.
    **APPLICATION_TABLE,
    # Reviews, experts, conflicts, assignment, consensus.
    **REVIEW_TABLE,
    # Panel, ranking, decisions.
    **PANEL_TABLE,
    # Grants, trips, reports.
    **GRANT_TABLE,
}
FUNDING_API_TABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "api:call-detail": {"get": (200, 200, 200, 200)},
    "api:call-list": {"get": (200, 200, 200, 200)},
    **APPLICATION_API_TABLE,
    **PANEL_API_TABLE,
    **REVIEW_API_TABLE,
    **GRANT_API_TABLE,
}


def funding_things(minji, anna):
    """Return what the addresses of funding are about."""
    return {
        **call_things(minji, anna),
        **application_things(minji),
        **review_things(minji),
        **panel_things(minji),
        **grant_things(minji),
    }


def call_things(minji, anna):
    """Return what the addresses of a call that Minji runs are about."""
    call = run_by(minji.user)
    token = LateToken.objects.create(
        call=call, application=ApplicationFactory(call=call), granted_by=PersonFactory(),
        valid_until=timezone.now() + timedelta(days=1), reason="Ill.",
    )  # fmt: skip
    whole = ("amend", "approve", "detail", "edit", "follow", "late", "manage", "outage")
    return {f"funding:call_{name}": [call.pk] for name in whole} | {
        "funding:call_move": [call.pk, "cancel"],
        "funding:call_step": [call.pk, "texts"],
        "funding:hand_over": [call.programme_id],
        "funding:hand_over_table": [call.programme_id],
        "funding:late_approve": [call.pk, token.pk],
    }


def run_by(user):
    """Return an approved call whose programme officer somebody is."""
    call = approved_call()
    RoleGrant.objects.create(
        user=user, role="programme_officer", scope="programme", scope_id=call.programme_id
    )
    return call


def funding_api_things(minji, anna):
    """Return what the addresses of funding in the API are about."""
    return {
        "api:call-detail": [approved_call().pk],
        **review_api_things(minji),
        **panel_api_things(minji),
        **application_api_things(minji),
        **grant_api_things(minji),
    }
