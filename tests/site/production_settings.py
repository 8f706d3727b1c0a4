"""The settings of production for servers started by tests, with static files without a manifest."""

from jobboard.settings import *  # noqa: F403
from jobboard.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
