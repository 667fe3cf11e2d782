"""What was found wrong with the journal, in French."""

from auth_codes.journal import chain_keys
from auth_codes.journal.verification import Breach, BreachFound

SENTENCES = {
    Breach.LINE_REMOVED: "Position {position} : la ligne {event_id} a été supprimée du journal.",
    Breach.LINE_ALTERED: "Position {position} : la ligne {event_id} a été modifiée ou mise à la place d’une autre.",
    Breach.LINE_INSERTED: (
        "Ligne {event_id} : elle a été insérée après coup parmi des lignes scellées, ou son sceau a été supprimé."
    ),
    Breach.SUBJECT_MISSING: (
        "Ligne {event_id} : elle n’est rangée dans le journal de personne. Si elle date d’avant ce rangement, lancez "
        "fill_journal_subjects et recommencez."
    ),
    Breach.SUBJECT_DIFFERS: (
        "Ligne {event_id} : elle est rangée dans le journal d’une autre personne, ou à un autre moment, que ce "
        "qu’elle dit."
    ),
    Breach.LINK_ALTERED: "Position {position} : le sceau de la ligne {event_id} a été modifié, elle-même est intacte.",
    Breach.LINE_OR_LINK_ALTERED: "Position {position} : la ligne {event_id} ou son sceau a été modifié ou déplacé.",
    Breach.LINKS_REMOVED: "Positions {position} à {last} : les sceaux manquent ; le suivant ne peut être vérifié.",
    Breach.LINKS_LEFT: "Positions {position} à {last} : des sceaux ont été ajoutés là où la chaîne a été coupée.",
    Breach.TAIL_REMOVED: "Positions {position} à {last} : la fin de la chaîne manque.",
    Breach.HEAD_DIFFERS: "Position {position} : le sceau n’est pas celui que seal_journal avait affiché.",
    Breach.HEAD_PURGED: (
        "Position {position} : cette ligne a été purgée depuis (jusqu’à la position {last}) ; donnez à --head une "
        "ligne plus récente de seal_journal."
    ),
    Breach.CHECKPOINT_FORGED: "Position {position} : le repère de purge est faux ; il n’en est pas tenu compte.",
    Breach.CHECKPOINT_REMOVED: "Positions {position} à {last} : un repère de purge manque.",
    Breach.CHECKPOINT_KEY_MISSING: (
        "Positions {position} à {last} : la clé « {key_id} » de repères de purge manque{derived} ; rien ne les "
        "distingue de faux, il n’en est pas tenu compte. Si vous l’avez retirée trop tôt, remettez-la dans "
        "JOURNAL_KEYS et recommencez ; si elle n’a jamais été la vôtre, ils sont faux, et les lignes qui manquent ont "
        "été supprimées."
    ),
    Breach.KEY_MISSING: (
        "Positions {position} à {last} : la clé « {key_id} » manque{derived}, ses sceaux ne peuvent être vérifiés. Si "
        "vous l’avez retirée trop tôt, remettez-la dans JOURNAL_KEYS et recommencez ; si elle n’a jamais été la vôtre, "
        "ces sceaux ont été falsifiés."
    ),
    Breach.PROOF_ALTERED: "Preuve {position} : elle a été modifiée, ou ajoutée après coup.",
    Breach.PROOFS_REMOVED: "Preuves {position} à {last} : elles ont été supprimées avant leurs dix-huit mois.",
    Breach.PROOF_KEY_MISSING: (
        "Preuve {position} : sa clé « {key_id} » manque{derived}. Si vous l’avez retirée trop tôt, remettez-la dans "
        "JOURNAL_KEYS et recommencez ; si elle n’a jamais été la vôtre, la preuve est fausse."
    ),
}
DERIVED = " (elle venait d’une autre SECRET_KEY)"


def in_a_sentence(finding: BreachFound) -> str:
    """One finding for the operator: what, where, and what to do if it is not a forgery."""
    is_derived = finding.key_id.startswith(chain_keys.DERIVED)
    return SENTENCES[finding.problem].format(**finding._asdict(), derived=DERIVED if is_derived else "")
