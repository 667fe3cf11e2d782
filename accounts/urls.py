from django.urls import path

from accounts import account_views, document_views, download_views, transfer_views, views

urlpatterns = [
    path("", views.PublicPage.as_view(template_name="accounts/home.html"), name="home"),
    path("espace-client/", account_views.OverviewView.as_view(), name="overview"),
    path("espace-client/comptes/<int:pk>/", account_views.AccountView.as_view(), name="account"),
    path("espace-client/comptes/<int:pk>/rib/", download_views.BankDetailsView.as_view(), name="bank_details"),
    path(
        "espace-client/comptes/<int:pk>/operations.csv",
        download_views.OperationsCsvView.as_view(),
        name="operations_csv",
    ),
    path(
        "espace-client/comptes/<int:pk>/operations.ofx",
        download_views.OperationsOfxView.as_view(),
        name="operations_ofx",
    ),
    path("espace-client/documents/", document_views.DocumentListView.as_view(), name="documents"),
    path("espace-client/documents/<int:pk>/", document_views.DocumentPdfView.as_view(), name="document"),
    path("espace-client/documents/<int:pk>/lire/", document_views.DocumentPageView.as_view(), name="read_document"),
    path("espace-client/virements/", transfer_views.TransfersView.as_view(), name="transfers"),
    path("espace-client/virements/nouveau/", transfer_views.NewTransferView.as_view(), name="new_transfer"),
    path("espace-client/virements/<uuid:pk>/", transfer_views.TransferView.as_view(), name="transfer"),
    path(
        "espace-client/virements/<uuid:pk>/annuler/",
        transfer_views.CancelTransferView.as_view(),
        name="cancel_transfer",
    ),
    path("mon-profil/", views.ProfileView.as_view(), name="profile"),
    path("mon-profil/journal/", views.OwnJournalView.as_view(), name="own_journal"),
    path(
        "code-client-oublie/",
        views.PublicPage.as_view(template_name="accounts/forgotten_client_code.html"),
        name="forgotten_client_code",
    ),
    path(
        "conseils-securite/",
        views.PublicPage.as_view(template_name="accounts/security_advice.html"),
        name="security_advice",
    ),
]
