"""A database that fails in the middle of what it is asked."""

from django.db import OperationalError


class Fault:
    """Lets one statement fail, the n-th."""

    def __init__(self, place):
        self.left, self.has_come = place, False

    def __call__(self, execute, sql, parameters, many, context):
        self.left -= 1
        if self.left == 0:
            self.has_come = True
            raise OperationalError("injected")
        return execute(sql, parameters, many, context)
