from django.urls import path

from accounts import bank
from accounts.pages import (
    accounts,
    client,
    closings,
    contacts,
    documents,
    downloads,
    operation,
    own_contacts,
    profile,
    represented,
    transfers,
)

urlpatterns = [
    path("", client.PublicPage.as_view(template_name="accounts/public/home.html"), name="home"),
    path("espace-client/", accounts.OverviewView.as_view(), name="overview"),
    path("espace-client/comptes/<int:pk>/", accounts.AccountView.as_view(), name="account"),
    path(
        "espace-client/comptes/<int:pk>/operations/<int:position>/",
        operation.OperationView.as_view(),
        name="operation",
    ),
    path("espace-client/comptes/<int:pk>/rib/", downloads.BankDetailsView.as_view(), name="bank_details"),
    path(
        "espace-client/comptes/<int:pk>/operations.csv",
        downloads.OperationsCsvView.as_view(),
        name="operations_csv",
    ),
    path(
        "espace-client/comptes/<int:pk>/operations.ofx",
        downloads.OperationsOfxView.as_view(),
        name="operations_ofx",
    ),
    path("espace-client/documents/", documents.DocumentListView.as_view(), name="documents"),
    path(
        "espace-client/documents/releves-<int:year>.zip",
        documents.StatementArchiveView.as_view(),
        name="statement_archive",
    ),
    path("espace-client/documents/<int:pk>/", documents.DocumentPdfView.as_view(), name="document"),
    path("espace-client/documents/<int:pk>/lire/", documents.DocumentPageView.as_view(), name="read_document"),
    path("espace-client/au-nom-de/<int:pk>/", represented.RepresentedView.as_view(), name="represented"),
    path(
        "espace-client/au-nom-de/<int:pk>/documents/",
        represented.RepresentedDocumentsView.as_view(),
        name="represented_documents",
    ),
    path(
        "espace-client/au-nom-de/<int:pk>/documents/releves-<int:year>.zip",
        represented.RepresentedArchiveView.as_view(),
        name="represented_archive",
    ),
    path("espace-client/virements/", transfers.TransfersView.as_view(), name="transfers"),
    path("espace-client/virements/nouveau/", transfers.NewTransferView.as_view(), name="new_transfer"),
    path("espace-client/virements/<uuid:pk>/", transfers.TransferView.as_view(), name="transfer"),
    path(
        "espace-client/virements/<uuid:pk>/annuler/",
        transfers.CancelTransferView.as_view(),
        name="cancel_transfer",
    ),
    path("espace-client/clotures/<int:pk>/", closings.ClosingView.as_view(), name="closing"),
    path("espace-client/clotures/<int:pk>/refuser/", closings.RefuseClosingView.as_view(), name="refuse_closing"),
    path("mon-profil/", profile.ProfileView.as_view(), name="profile"),
    path("mon-profil/coordonnees/", contacts.ConfirmContactsView.as_view(), name="confirm_contacts"),
    path("mon-profil/coordonnees/modifier/", own_contacts.OwnContactsView.as_view(), name="own_contacts"),
    path(
        "mon-profil/coordonnees/modifier/confirmer/",
        own_contacts.ConfirmOwnContactsView.as_view(),
        name="confirm_own_contacts",
    ),
    path("mon-profil/coordonnees/adresse-recue/", own_contacts.EmailReceivedView.as_view(), name="email_received"),
    path("mon-profil/journal/", profile.OwnJournalView.as_view(), name="own_journal"),
    path(
        "code-client-oublie/",
        client.PublicPage.as_view(template_name="accounts/public/forgotten_client_code.html"),
        name="forgotten_client_code",
    ),
    path(
        "mentions-legales/",
        client.PublicPage.as_view(
            template_name="accounts/public/legal_notice.html", extra_context={"bank": bank, "phone": bank.PHONE}
        ),
        name="legal_notice",
    ),
    path(
        "accessibilite/",
        client.PublicPage.as_view(
            template_name="accounts/public/accessibility.html", extra_context={"phone": bank.PHONE}
        ),
        name="accessibility",
    ),
    path(
        "conseils-securite/",
        client.PublicPage.as_view(template_name="accounts/public/security_advice.html"),
        name="security_advice",
    ),
]
