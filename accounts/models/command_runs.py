"""How the timers' commands ended: what operators read of the servers' work."""

from django.db import models


class CommandRun(models.Model):
    """One run of a timer's command; see management/results.py. Numbers alone: it names nobody."""

    name = models.CharField("commande", max_length=64)
    started_at = models.DateTimeField("commencée le")
    ended_at = models.DateTimeField("finie le")
    exit_code = models.SmallIntegerField("code de fin")
    figures = models.JSONField("chiffres", default=dict)

    class Meta:
        verbose_name = "résultat d’une commande"
        verbose_name_plural = "résultats des commandes"
        ordering = ["-ended_at", "-id"]
        indexes = [
            models.Index(fields=["ended_at"], name="command_runs_by_end"),
            models.Index(fields=["name", "ended_at"], name="command_runs_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.ended_at:%d/%m/%Y %H:%M}"

    @property
    def outcome(self) -> str:
        """« réussie », or with which code it ended."""
        return "réussie" if self.exit_code == 0 else f"échouée (code {self.exit_code})"
