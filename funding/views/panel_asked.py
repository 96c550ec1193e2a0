"""Which panel a page is about, and who may open it."""

from __future__ import annotations

from django.http import Http404

from funding.machines import CHAIR, FUNDER, MEMBER, OFFICER
from funding.models import Call, RankList
from funding.services.rank_lists import latest_list
from funding.views.asked import call_run
from matching.views.asked import MemberRequest

READERS = (OFFICER, FUNDER, MEMBER, CHAIR)


def judged_call(request: MemberRequest, pk: int) -> Call:
    """Return a call of which this reader may see the panel.

    Raises:
        Http404: there is none, or they are neither of the panel nor run the call.
    """
    return call_run(request, pk, *READERS)


def list_of(call: Call) -> RankList:
    """Return the list that counts.

    Raises:
        Http404: none was computed yet.
    """
    found = latest_list(call)
    if found is None:
        raise Http404
    return found
