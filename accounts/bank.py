"""What papers and pages say of the bank itself. The portal is delivered without one, see ibans.py."""

# Of the numbers that the regulator keeps for works of fiction: nobody answers.
PHONE = "01 99 00 12 34"
# The 0 in the eighth place marks a BIC for tests (ISO 9362): it is nobody's.
BIC = "BANQFRP0"
