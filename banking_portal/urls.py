from django.contrib import admin
from django.urls import include, path

from banking_portal import views

# Django's own read the form again for a token: one that cannot be read would raise a second time.
handler400 = views.bad_request
handler500 = views.server_error

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("", include("auth_codes.urls")),
    path("", include("accounts.urls")),
]
