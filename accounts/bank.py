"""What papers and pages say of the bank itself. The portal is delivered without one, see notation/ibans.py."""

# Of the numbers that the regulator keeps for works of fiction: nobody answers.
PHONE = "01 99 00 12 34"
