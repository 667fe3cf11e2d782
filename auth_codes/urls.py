from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from auth_codes import connection_views, session_views, views

urlpatterns = [
    path("connexion/", views.LoginView.as_view(), name="login"),
    path("deconnexion/", views.LogoutView.as_view(), name="logout"),
    path("session/prolonger/", session_views.ProlongSessionView.as_view(), name="prolong_session"),
    path("mon-profil/deconnexion-partout/", session_views.LogoutEverywhereView.as_view(), name="logout_everywhere"),
    path("code-secret-oublie/", views.ForgottenSecretCodeView.as_view(), name="forgotten_secret_code"),
    path("mon-profil/code-secret/", views.SecretCodeView.as_view(), name="secret_code"),
    path("mon-profil/code-secret/proposition/", views.ProposedCodeView.as_view(), name="proposed_code"),
    path("mon-profil/code-secret/rappel/", views.CodeReminderView.as_view(), name="code_reminder"),
    path("mon-profil/connexions/c-etait-moi/", connection_views.ItWasMeView.as_view(), name="it_was_me"),
    path("mon-profil/connexions/essais-sans-suite/", connection_views.OnlyTriedView.as_view(), name="only_tried"),
    path("mon-profil/connexions/ce-n-etait-pas-moi/", connection_views.ItWasNotMeView.as_view(), name="it_was_not_me"),
    path("mon-profil/appareils/retirer/", connection_views.RemoveDeviceView.as_view(), name="remove_device"),
    path("mon-profil/appareils/pas-a-moi/", connection_views.NotMyDeviceView.as_view(), name="not_my_device"),
    path("acces-ferme/", connection_views.AccessClosedView.as_view(), name="access_closed"),
    path(
        ".well-known/change-password",
        login_not_required(RedirectView.as_view(pattern_name="secret_code")),
        name="change_password",
    ),
]
