from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from auth_codes.pages import connections, login, secret_code, sessions

urlpatterns = [
    path("connexion/", login.LoginView.as_view(), name="login"),
    path("connexion/oublier/", login.ForgetClientCodeView.as_view(), name="forget_client_code"),
    path("deconnexion/", login.LogoutView.as_view(), name="logout"),
    path("session/prolonger/", sessions.ProlongSessionView.as_view(), name="prolong_session"),
    path("mon-profil/deconnexion-partout/", sessions.LogoutEverywhereView.as_view(), name="logout_everywhere"),
    path("code-secret-oublie/", login.ForgottenSecretCodeView.as_view(), name="forgotten_secret_code"),
    path("mon-profil/code-secret/", secret_code.SecretCodeView.as_view(), name="secret_code"),
    path("mon-profil/code-secret/proposition/", secret_code.ProposedCodeView.as_view(), name="proposed_code"),
    path("mon-profil/code-secret/rappel/", secret_code.CodeReminderView.as_view(), name="code_reminder"),
    path("mon-profil/connexions/c-etait-moi/", connections.ItWasMeView.as_view(), name="it_was_me"),
    path("mon-profil/connexions/essais-sans-suite/", connections.OnlyTriedView.as_view(), name="only_tried"),
    path("mon-profil/connexions/ce-n-etait-pas-moi/", connections.ItWasNotMeView.as_view(), name="it_was_not_me"),
    path("mon-profil/appareils/retirer/", connections.RemoveDeviceView.as_view(), name="remove_device"),
    path("mon-profil/appareils/pas-a-moi/", connections.NotMyDeviceView.as_view(), name="not_my_device"),
    path("acces-ferme/", connections.AccessClosedView.as_view(), name="access_closed"),
    path(
        ".well-known/change-password",
        login_not_required(RedirectView.as_view(pattern_name="secret_code")),
        name="change_password",
    ),
]
