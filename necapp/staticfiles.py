"""What `collectstatic` collects of the packages: what a page of ours or of the admin asks for."""

from django.contrib.staticfiles.apps import StaticFilesConfig as Collected


class StaticFilesConfig(Collected):
    # Of Bootstrap a page asks for one style sheet; the rest and its maps would be two thirds of all that is compressed.
    ignore_patterns = [
        *Collected.ignore_patterns,
        "bootstrap/js/*",
        "bootstrap/css/bootstrap.css*",
        "bootstrap/css/bootstrap-*",
        "bootstrap/css/*.rtl.*",
        # Of django-ninja, Swagger UI; the finder names its files without the folder that settings put them in.
        "redoc.*",
        "favicon.*",
    ]
