"""The papers that the bank writes to a client, as PDF; each but the bank details tells him his code client.

A paper is a frozen struct of plain values, complete: rendering asks nothing of the database, the clock or the
settings, so that contents kept as JSON give the same paper again.
"""
