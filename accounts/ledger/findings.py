"""What was found wrong with the ledger, in French. Accounts go by their id, and no client is named."""

from accounts.ledger.checking import Finding
from accounts.ledger.questions import Problem
from auth_codes import wording

SENTENCES = {
    Problem.ENTRY_MISSHAPEN: (
        "Écriture {booking}{of_account} : l’opération {thing} n’est ni celle d’un client ni celle de la banque, ou son "
        "montant n’est pas en euros et en centimes."
    ),
    Problem.POSITIONS_MISSING: (
        "Compte {account} : des opérations manquent entre les rangs {before} et {position} (écriture {booking})."
    ),
    Problem.POSITION_TWICE: "Compte {account} : deux opérations ont le rang {position} (écriture {booking}).",
    Problem.BALANCE_BROKEN: (
        "Compte {account} : au rang {position}, le solde s’écarte de {amount} de ce que donnent le précédent et "
        "l’opération (écriture {booking})."
    ),
    Problem.DAY_BACKWARDS: (
        "Compte {account} : au rang {position}, l’opération est d’un jour plus ancien que la précédente "
        "(écriture {booking})."
    ),
    Problem.BOOKING_EMPTY: "Écriture {booking} : elle n’a aucune opération.",
    Problem.BOOKING_ONE_SIDED: "Écriture {booking}{of_account} : elle n’a qu’une opération.",
    Problem.BOOKING_UNBALANCED: (
        "Écriture {booking}{of_account} : la somme de ses opérations est de {amount} au lieu de zéro."
    ),
    Problem.BOOKING_OF_OTHER_DAY: "Écriture {booking}{of_account} : ses opérations ne sont pas toutes de son jour.",
    Problem.ENTRIES_WITHOUT_BOOKING: "Écriture {booking}{of_account} : elle manque, {lines} opération(s) s’y réfèrent.",
    Problem.WHOLE_UNBALANCED: "Grand livre : la somme de toutes les opérations est de {amount} au lieu de zéro.",
    Problem.BANK_DISAGREES: (
        "Grand livre : les soldes des clients s’écartent de {amount} de ce que doivent les comptes de la banque."
    ),
    Problem.STATEMENT_POSITION: (
        "Relevé {thing}, compte {account} : sa dernière opération, de rang {position}, manque ou est d’un autre mois."
    ),
    Problem.STATEMENT_BALANCE: (
        "Relevé {thing}, compte {account} : son solde s’écarte de {amount} de celui du rang {position}."
    ),
    Problem.BOOKED_BEHIND_STATEMENT: (
        "Relevé {thing}, compte {account} : l’écriture {booking} a été passée dans son mois sans qu’il en parle."
    ),
    Problem.BOOKS_REOPENED: "Relevé {thing}, compte {account} : son mois n’est pas, ou plus, arrêté.",
    Problem.CORRECTION_DIFFERS: (
        "Écriture {booking}{of_account} : cette rectification n’est pas l’inverse de ce qu’elle rectifie."
    ),
    Problem.TRANSFER_DIFFERS: (
        "Virement {thing}, compte {account} : il est confirmé, mais n’est pas passé tel qu’il a été ordonné."
    ),
    Problem.TRANSFER_UNCONFIRMED: "Virement {thing}, compte {account} : il est passé sans être confirmé.",
    Problem.MONTH_SUM_DIFFERS: (
        "Compte {account} : ce qui est gardé du mois commencé le {thing} (AAAAMMJJ) n’est pas ce que donnent ses "
        "opérations. Lancez keep_month_sums --anew pour tout additionner de nouveau."
    ),
    Problem.GUARD_MISSING: (
        "Base de données : le déclencheur {thing}, qui protège le grand livre, manque ou est désactivé. La migration "
        "accounts 0008 dit comment le recréer."
    ),
}


def in_a_sentence(finding: Finding) -> str:
    """One finding for the operator: what is wrong and where."""
    told = finding._asdict() | {"amount": wording.euros(finding.amount)}
    of_account = "" if finding.account is None else f", compte {finding.account}"
    return SENTENCES[finding.problem].format(**told, of_account=of_account)
