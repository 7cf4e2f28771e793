#!/usr/bin/env python
"""Django's command line for necapp."""

import gc
import os
import sys

from necapp.command_line import main

# As in necapp/wsgi.py: a tenth of what a command takes to start went into looking for objects that hold each other in
# a circle.
gc.set_threshold(50_000, 10, 10)

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "necapp.settings")
    sys.exit(main(sys.argv))
