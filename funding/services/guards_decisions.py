"""What must hold before decisions move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from funding.models import Application, Call
from funding.refusing import Blocker
from funding.services.guards import guard
from funding.visibility import RELEASED

if TYPE_CHECKING:
    from konnect.accounts.models import User

ALREADY_RELEASED = Blocker("released", _("The decisions are out: they stand."))


@guard("nothing_is_released")
def nothing_is_released(noun: Application | Call, actor: User | None) -> list[Blocker]:
    """Decisions that people were told of are not taken back."""
    call = noun if isinstance(noun, Call) else noun.call
    # As it is now: whoever releases holds the row of the call.
    state = Call.objects.filter(pk=call.pk).values_list("state", flat=True).get()
    return [ALREADY_RELEASED] if state in RELEASED else []
