from django.contrib import admin
from django.urls import include, path

from banking_portal import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("", include("auth_codes.urls")),
    path("", include("accounts.urls")),
]
