from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created


class AuthCodesConfig(AppConfig):
    """Declares what this app tells, and has Django call its checks and the beginning of each session."""

    name = "auth_codes"
    verbose_name = "Codes d’accès"

    def ready(self):
        from auth_codes import checks, kinds, notices
        from auth_codes.codes import known_keys
        from auth_codes.factors import levels
        from auth_codes.login import staff_steps, steps, unlock_steps
        from auth_codes.models import Notice, SecurityEvent
        from auth_codes.pages import journal_details
        from auth_codes.sessions import open_sessions

        kinds.declare_lines(SecurityEvent.Kind, journal_details.IN_WORDS)
        kinds.declare_notices(Notice.Kind)
        register(checks.check_hashing_cost, Tags.security)
        register(checks.check_stored_codes, Tags.database)
        register(checks.check_owners, Tags.database)
        register(checks.check_factors, Tags.database)
        register(checks.check_flood_settings, deploy=True)
        register(checks.check_staff_second_factor, deploy=True)
        register(checks.check_second_factor, deploy=True)
        register(notices.tell_of_waiting, deploy=True)
        connection_created.connect(known_keys.judge_connection, dispatch_uid="known_keys")
        # The login is noted by the statement that holds its owner while his sessions are counted.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        # Before what writes the session.
        user_logged_in.connect(steps.end_at_login, dispatch_uid="second_step")
        user_logged_in.connect(staff_steps.end_at_login, dispatch_uid="desk_second_step")
        user_logged_in.connect(levels.end_at_login, dispatch_uid="shown_moyen")
        user_logged_in.connect(unlock_steps.end_at_login, dispatch_uid="unlock_step")
        user_logged_in.connect(open_sessions.begin_at_login, dispatch_uid="session_limits")
