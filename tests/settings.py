"""The portal's settings, on servers of the tests' own."""

import os
from pathlib import Path

os.environ.setdefault("KONNECT_DATA_DIR", str(Path(__file__).parent.parent / "var" / "test"))
# A test may hold a table until threads of its own come to it, which takes a busy machine long.
os.environ.setdefault("KONNECT_LOCK_TIMEOUT", "60s")

from konnect.settings import *  # noqa: F403 - everything but what follows
from konnect.settings import DATABASES

# Several test runs may share one server: each names its own database.
DATABASES["default"]["TEST"] = {"NAME": "test_" + os.environ.get("KONNECT_TEST_NAME", "konnect")}
# The transaction of a test stays open whatever it computes, also on a busy machine.
DATABASES["default"]["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=0"
# Argon2 takes its time on purpose; the tests sign in thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests that need a worker bring their own broker; elsewhere a bell rings that nobody hears.
if "REDIS_URL" not in os.environ:
    CELERY_TASK_DEFAULT_QUEUE = "unheard"
    # WhiteNoise would list all static files again for each test's client; a live server has others.
    WHITENOISE_USE_FINDERS = False
# An empty place: WhiteNoise would read every collected file, again for each test.
STATIC_ROOT = Path(os.environ["KONNECT_DATA_DIR"]) / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
