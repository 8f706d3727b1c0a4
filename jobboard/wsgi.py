import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
django.setup(set_prefix=False)

from jobboard.encoding import Utf8Handler  # noqa: E402 - after the setup

application = Utf8Handler()
