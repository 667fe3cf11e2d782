from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from auth_codes.pages import connections, factors, lists, locking, login, passkeys, second, secret_code, sessions

urlpatterns = [
    path("connexion/", login.LoginView.as_view(), name="login"),
    path("connexion/second/", second.SecondStepView.as_view(), name="second_step"),
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
    path("mon-profil/moyens/", factors.FactorsView.as_view(), name="factors"),
    path("mon-profil/moyens/perdu/", factors.LostView.as_view(), name="factor_lost"),
    path("mon-profil/moyens/application/", factors.AddAppView.as_view(), name="add_app"),
    path("mon-profil/moyens/application/confirmer/", factors.ConfirmAppView.as_view(), name="confirm_app"),
    path("mon-profil/moyens/application/annuler/", factors.GiveUpAppView.as_view(), name="give_up_app"),
    path("mon-profil/moyens/liste/", lists.OrderListView.as_view(), name="order_list"),
    path("mon-profil/moyens/liste/activer/", lists.ActivateListView.as_view(), name="activate_list"),
    path("mon-profil/moyens/liste/annuler/", lists.CallOffListView.as_view(), name="call_off_list"),
    path("mon-profil/moyens/cle/", passkeys.AddPasskeyView.as_view(), name="add_passkey"),
    path("mon-profil/moyens/cle/confirmer/", passkeys.ConfirmPasskeyView.as_view(), name="confirm_passkey"),
    path("mon-profil/moyens/cle/annuler/", passkeys.GiveUpPasskeyView.as_view(), name="give_up_passkey"),
    path("mon-profil/moyens/<uuid:pk>/renommer/", factors.RenameFactorView.as_view(), name="rename_factor"),
    path("mon-profil/moyens/<uuid:pk>/retirer/", factors.RemoveFactorView.as_view(), name="remove_factor"),
    path("acces-ferme/", connections.AccessClosedView.as_view(), name="access_closed"),
    path("verrouiller/", locking.LockView.as_view(), name="lock"),
    path("verrouiller/recu/", locking.ReceiptView.as_view(), name="lock_receipt"),
    path("deverrouiller/", locking.UnlockView.as_view(), name="unlock"),
    path("mon-profil/verrouiller/", locking.OwnLockView.as_view(), name="own_lock"),
    path(
        ".well-known/change-password",
        login_not_required(RedirectView.as_view(pattern_name="secret_code")),
        name="change_password",
    ),
]
