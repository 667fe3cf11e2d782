"""The demo's e-mails."""

from django.core.mail import EmailMessage, get_connection


def test_mails_go_to_stderr_so_that_a_commands_json_stands_alone(capsys):
    terminal = get_connection("banking_portal.terminal_mail.EmailBackend")
    EmailMessage("Sujet", "Texte", to=["ines@example.org"], connection=terminal).send()
    printed = capsys.readouterr()
    assert (printed.out, "Sujet" in printed.err) == ("", True)
