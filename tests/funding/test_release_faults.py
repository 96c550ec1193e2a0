"""The web process is killed in the middle of a release: all of it is out, or nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from bench.registration_crowd import cookies_of, post
from funding.models import Award, Call, Decision, Grant, LedgerEntry, Release
from funding.services.grant_times import transaction_began
from funding.services.ledger import faults
from funding.services.letters import tell_decisions
from funding.services.offers import ANSWER_TIME, offer_what_was_released, period_from
from funding.services.releases import agree_to_release
from konnect.accounts.models import Notification, OutgoingEmail
from tests.funding.test_decisions import states
from tests.funding.test_releases import closed
from tests.funding.test_submission_faults import lost, number_of, patient_site
from tests.processes import PATIENCE, environment, test_database_url, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

# Somebody else's session that waits in the middle of writing a grant. Of activity a transaction sees
# what it saw first; of locks it sees what is there.
HELD = """
SELECT count(*) FROM pg_locks waiting WHERE NOT granted AND locktype = 'transactionid' AND EXISTS (
    SELECT FROM pg_locks held WHERE held.pid = waiting.pid AND held.granted
    AND held.relation = 'funding_grant'::regclass
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
BUSY = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""


def written(stage):
    """Return what a release writes, counted: all of it stands in one transaction."""
    return {
        "call": Call.objects.values_list("state", "released_at").get(pk=stage.call.pk),
        "applications": states(stage),
        "agreed": Release.objects.filter(call=stage.call).count(),
        "grants": Grant.objects.count(), "awards": Award.objects.count(),
        "ledger": LedgerEntry.objects.count(), "news": Notification.objects.count(),
        "mail": OutgoingEmail.objects.count(),
    }  # fmt: skip


def hold_a_grant(stage):
    """Write the last grant that a release offers, so that whoever releases waits for this one."""
    decision = Decision.objects.filter(application__call=stage.call, outcome="funded").last()
    now = transaction_began()
    return Grant.objects.create(
        decision=decision, reference="HELD", period=period_from(now), answer_by=now + ANSWER_TIME
    )


def killed_in_the_middle(stage, site, path, cookie):
    """Agree as the last one over a page; kill the server while it offers grants."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold_a_grant(stage)
            answer = pool.submit(lost, site.url + path, cookie)
            wait_until(lambda: number_of(HELD), message=f"Nobody waits for a grant: {answer}")
            site.kill()
            assert answer.result(PATIENCE) is None
            transaction.set_rollback(True)
        wait_until(lambda: not number_of(BUSY), message="The session of the killed one lives on")


@pytest.mark.django_db(transaction=True)
def test_a_release_that_was_killed_is_as_if_it_never_was_and_the_next_try_is_whole(broker, logs):
    stage = closed(3)
    for user in (stage.chair, stage.korea):
        agree_to_release(stage.call, actor=user)
    before, cookie = written(stage), cookies_of([stage.europe])[0]
    path = f"/calls/{stage.call.pk}/panel/release/"
    variables = environment(test_database_url(), broker.redis_url)

    site = patient_site(variables, logs / "killed-release.log")
    killed_in_the_middle(stage, site, path, cookie)

    assert written(stage) == before
    assert before["call"] == ("decided", None)
    assert list(faults()) == []
    # Whatever the worker looks for meanwhile: nothing is out, so nobody is told or offered.
    assert (offer_what_was_released(), tell_decisions()) == (0, 0)
    assert written(stage) == before

    again = patient_site(variables, logs / "second-release.log")
    try:
        assert post(again.url + path, cookie, {}) == 302
    finally:
        again.kill()
    state, released_at = Call.objects.values_list("state", "released_at").get(pk=stage.call.pk)
    assert state == "released"
    assert released_at
    assert states(stage) == ["recommended", "recommended", "reserve"]
    assert (Release.objects.count(), Grant.objects.count()) == (3, 2)
    assert (offer_what_was_released(), tell_decisions(), tell_decisions()) == (0, 3, 0)
    assert list(faults()) == []
