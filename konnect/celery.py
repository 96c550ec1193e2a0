"""The Celery application: a doorbell, never the truth.

Every task looks for its own work in PostgreSQL; a lost message costs the time until the next
beat and nothing else.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "konnect.settings")
# Workers are many processes; each product of matrices stays on its own core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

application = Celery("konnect")
application.config_from_object("django.conf:settings", namespace="CELERY")
application.autodiscover_tasks()
