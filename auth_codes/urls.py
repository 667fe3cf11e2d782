from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from auth_codes import session_views, views

urlpatterns = [
    path("connexion/", views.LoginView.as_view(), name="login"),
    path("deconnexion/", views.LogoutView.as_view(), name="logout"),
    path("session/prolonger/", session_views.ProlongSessionView.as_view(), name="prolong_session"),
    path("mon-profil/deconnexion-partout/", session_views.LogoutEverywhereView.as_view(), name="logout_everywhere"),
    path("code-secret-oublie/", views.ForgottenSecretCodeView.as_view(), name="forgotten_secret_code"),
    path("mon-profil/code-secret/", views.SecretCodeView.as_view(), name="secret_code"),
    path("mon-profil/code-secret/proposition/", views.ProposedCodeView.as_view(), name="proposed_code"),
    path("mon-profil/code-secret/rappel/", views.CodeReminderView.as_view(), name="code_reminder"),
    path(
        ".well-known/change-password",
        login_not_required(RedirectView.as_view(pattern_name="secret_code")),
        name="change_password",
    ),
]
