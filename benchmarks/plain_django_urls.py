"""The one page of `benchmarks.plain_django`, and its hasher at the portal's cost."""

from django.contrib.auth import views
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.urls import path

from benchmarks.serving import ITERATIONS, MEMORY_KIB


class SameCost(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = ITERATIONS, MEMORY_KIB, 1


urlpatterns = [path("connexion/", views.LoginView.as_view())]
