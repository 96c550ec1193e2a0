"""What the beat asks the worker to look for, and how often: one question a kind of work."""

from celery.schedules import schedule

QUESTIONS = (
    ("heartbeat", "konnect.accounts.tasks.beat_heart", 10),
    ("mail", "konnect.accounts.tasks.deliver_mail", 5),
    ("retention", "konnect.accounts.tasks.forget_what_is_over", 3600),
    ("embeddings", "matching.tasks.refresh_stale_embeddings", 5),
    ("suggestions", "matching.tasks.refresh_stale_suggestions", 5),
    ("matching", "matching.tasks.run_due_matching", 30),
    ("blocks", "matching.tasks.wake_workers", 5),
    ("pruning", "matching.tasks.prune_runs", 60),
    ("contacts", "matching.tasks.expire_contact_requests", 300),
    ("listings", "matching.tasks.expire_listings", 300),
)
SCHEDULE = {
    name: {"task": task, "schedule": schedule(seconds)} for name, task, seconds in QUESTIONS
}
