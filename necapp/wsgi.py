"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from .frames import with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "necapp.settings")
application = with_room(get_wsgi_application())
