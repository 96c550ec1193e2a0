"""The sign of life of a worker that computes a schedule, from a thread of its own."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from events.models import ScheduleRun, ScheduleRunState
from events.scheduling.problem import Progress
from konnect.pulse import Pulse

# What a page draws: more would only make the row longer.
ROWS_KEPT = 200


class Heartbeat(Pulse):
    """Says every second that the run is being computed, how far it is, and asks whether to stop.

    A run that somebody else has taken up or put away is lost: then the computation ends too.
    """

    def __init__(self, run: ScheduleRun) -> None:
        """Begin with the run as this worker has claimed it: its number of tries is the claim."""
        super().__init__(f"heartbeat-{run.pk}")
        self.claim = ScheduleRun.objects.filter(
            pk=run.pk, state=ScheduleRunState.RUNNING, tries=run.tries
        )
        self.rows: list[dict[str, Any]] = []
        self.stop_wanted = False

    def report(self, progress: Progress) -> None:
        """Note how far the solver is; the next beat writes it."""
        row = {
            "stage": progress.stage, "seconds": round(progress.seconds, 1),
            "value": int(progress.value), "bound": int(progress.bound),
            "breaks": int(progress.breaks),
        }  # fmt: skip
        if len(self.rows) >= ROWS_KEPT:
            del self.rows[1 : ROWS_KEPT // 2]
        self.rows.append(row)

    def is_over(self) -> bool:
        """Tell the solver whether to stop with the best so far."""
        return self.stop_wanted or self.is_lost

    def sign(self) -> None:
        """Write how far the run is, and read whether somebody asks for its end."""
        if not self.claim.update(seen_at=Now(), progress=list(self.rows)):
            self.is_lost = True
            return
        self.stop_wanted = bool(self.claim.values_list("stop_wanted", flat=True).first())
