"""Every address of the project, and the pages for requests that cannot be answered."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from .languages import choose_language

urlpatterns = [
    path("", include("regimens.pages.urls")),
    path("", include("curation.pages.urls")),
    path("", include("boards.urls")),
    path("", include("interop.urls")),
    path("", include("registries.urls")),
    path("language/", choose_language, name="language"),
    path("account/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("necapp.svg"))),
]

handler400 = "necapp.error_pages.bad_request"
handler500 = "necapp.error_pages.failed"
