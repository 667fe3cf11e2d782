from django.contrib import admin
from django.urls import include, path

from banking_portal import components, views, well_known

# Django's own read the form again for a token: one that cannot be read would raise a second time.
handler400 = views.bad_request
handler500 = views.server_error

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("favicon.ico", well_known.favicon, name="favicon"),
    path("manifest.webmanifest", well_known.manifest, name="manifest"),
    path("robots.txt", well_known.robots, name="robots"),
    path(".well-known/security.txt", well_known.security_txt, name="security_txt"),
    path("langue/", views.ChooseLanguageView.as_view(), name="language"),
    path("composants/", components.components, name="components"),
    path("admin/", admin.site.urls),
    # In this order: an account and its operations are looked for the most, and `serving/routes.py` keeps no numbers.
    path("", include("accounts.urls")),
    path("", include("auth_codes.urls")),
]
