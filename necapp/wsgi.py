"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from .frames import with_room
from .head import without_body

# Python looks for objects that hold each other in a circle after every 700 objects more, and now and then among all
# those of a release: a tenth of a page's time, for few that are found.
gc.set_threshold(50_000, 10, 10)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "necapp.settings")
# Of a page no statement takes longer; commands have no such limit.
os.environ["SERVES_PAGES"] = "true"
django_application = get_wsgi_application()

from interop.listed import noting_first  # noqa: E402 - once the applications are there

application = with_room(without_body(noting_first(django_application)))
