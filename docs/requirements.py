"""What rules ask of a portal like this one, each in our own words, and what we say of it.

Numbers were read in the texts: Delegated Regulation (EU) 2018/389, Directive (EU) 2015/2366, OWASP ASVS 5.0.0, NIST SP 800-63B-4, RGAA 4.1. Tests
say what they prove by `@pytest.mark.proves("RTS 4(3)(b)")`; docs/conformity.py puts both together.
"""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How far it is met. What has tests says by them that it is met as far as is written."""

    MET = "met"
    PARTLY = "partly"
    NOT = "not met"
    OUTSIDE = "does not concern us"


class Requirement(NamedTuple):
    """`said`: what is missing and what compensates it, or why it does not concern us; may be empty where it is met."""

    number: str
    asks: str
    state: State = State.MET
    said: str = ""

    @property
    def source(self) -> str:
        return self.number.partition(" ")[0]


SOURCES = {
    "RTS": "Delegated Regulation (EU) 2018/389, articles 4 to 10 and 22 to 27",
    "ASVS": "OWASP ASVS 5.0.0, chapters 6 (authentication), 7 (sessions) and 8 (authorization)",
    "NIST": "NIST SP 800-63B-4",
    "RGAA": "RGAA 4.1",
    "PSD2": "Directive (EU) 2015/2366, article 70: what whoever issues the codes owes their owner",
}
ONE_FACTOR = (
    "The code client and the code secret are one factor of knowledge. A passkey, an authenticator app or a lent token beside them is "
    "offered and not required; a printed list of codes, for who has no smartphone, proves the second step and is no "
    "element of possession (EBA-Op-2019-06): level 1, checked, and never strong. From `SECOND_FACTOR_REQUIRED_FROM` on a strong "
    "one is required ([levels](levels.md)); until the bank sets that day, empty in the demo, payments to others do not exist, transfers stay between the customer's own accounts (article 15), and each is told by e-mail."
)
NINETY_DAYS = (
    "Whoever has a strong moyen shows it once a session before he sees further back than 90 days, on pages, exports, statements "
    "and receipts alike ([levels](levels.md)); which kinds are strong is `STRONG_FOR_ACCESS`. Whoever has none sees all, until the "
    "day of `SECOND_FACTOR_REQUIRED_FROM`: from then on the two codes open balances, 90 days and transfers between his own "
    "accounts. Not met even then: who never had a moyen reads those 90 days without a first time with two elements, so that "
    "nobody is shut out of his money overnight."
)
SIX_DIGITS = (
    "Six digits are a bank's rule. What compensates: five attempts, then blocks that grow; a budget for each network and a "
    "queue for the whole bank; the 4,000 codes that attackers try first refused; Argon2id under a key that the database does "
    "not hold. Staff passwords have twelve characters or more."
)
PROXY = "The TLS proxy and the bank's network do it; the portal asks for https (HSTS, secure cookies) and no test opens TLS."
NO_DEVICE = "No device or software of ours reads what he is: a passkey's own device checks its holder, and the bank counts that as nothing."
KEYS = (
    "A passkey's private half does not leave its authenticator or, of a synced one, its maker's cloud: `SYNCED_PASSKEYS=0` refuses "
    "those. A count of signatures that goes back is refused and told. An authenticator app's key can be copied by who shows it, "
    "a lent token shows its own to nobody."
)
REQUIREMENTS = (
    Requirement("RTS 4(1)", "Two factors make a code that serves once, for reading accounts, paying or whatever may be abused.", State.NOT, ONE_FACTOR),
    Requirement("RTS 4(3)(a)", "A refusal does not tell which element was wrong."),
    Requirement("RTS 4(3)(b)", "After five failures in a row at most, a block for a time or for good."),
    Requirement("RTS 4(3)(c)", "Nobody reads or alters what goes over the line while somebody logs in.", State.PARTLY, PROXY),
    Requirement("RTS 4(3)(d)", "A session without activity ends after five minutes."),
    Requirement("RTS 4(4)", "Blocks take the service and repeated failures into account; before a block for good he is warned, and has a safe way back."),
    Requirement("RTS 5", "A payment's authentication holds for its amount and its payee alone.", State.PARTLY, "Transfers between own accounts are confirmed for their amount and accounts by a seal over what was shown; without a second factor it is no dynamic linking. Between accounts of different holders whoever has a moyen shows it: its challenge is bound to the order, and one changed digit is refused. Payments to others, once there are any, will take a passkey alone: the numbers of an app, of a token or of a list exist before the order and say nothing of it."),
    Requirement("RTS 6", "What he knows is neither found out by others nor told to them."),
    Requirement("RTS 7", "What he has is used by nobody else and not copied.", State.PARTLY, KEYS),
    Requirement("RTS 8", "What he is is read by devices that mistake nobody for him.", State.OUTSIDE, NO_DEVICE),
    Requirement("RTS 9", "One element that is broken leaves the others whole.", State.PARTLY, "The code secret and the moyen are counted, stored and ended apart; on a telephone that holds both, whoever unlocks it has both."),
    Requirement("RTS 10", "Without two factors one reads balances and 90 days of payments at most, and only after a first time with two.", State.PARTLY, NINETY_DAYS),
    Requirement("RTS 22(2)(a)", "Credentials are masked where they are shown and typed."),
    Requirement("RTS 22(2)(b)", "Credentials and what encrypts them are not stored in clear."),
    Requirement("RTS 22(2)(c)", "Secret keys are kept from whoever must not have them.", State.PARTLY, "The keys stand in the environment of the servers, outside the database and its backups; no hardware module."),
    Requirement("RTS 22(3)", "How keys are managed is written down: [operating.md](operating.md#changing-keys-and-costs)."),
    Requirement("RTS 23", "Credentials are made in a safe place; lost, stolen or copied on their way they open nothing.", State.PARTLY, "The code is drawn and sealed to the workshop's key in one call and expires unused. A letter that a thief opens on its way is a code for him, if he has the code client too, which it does not say."),
    Requirement("RTS 24", "A credential belongs to its customer alone, from the start, in a way that is safe.", State.MET, "Who he is at the first meeting is checked by an advisor, outside the portal."),
    Requirement("RTS 25(2)(a)", "Credentials reach their customer and nobody else."),
    Requirement("RTS 25(2)(c)", "Delivered elsewhere than in a branch, one channel brings one of them alone, and it must be activated."),
    Requirement("RTS 26", "Renewing a credential is as safe as making, linking and delivering it."),
    Requirement("RTS 27(a)", "Credentials can be destroyed, deactivated and revoked."),
    Requirement("RTS 27(c)", "What is stored about them is deactivated and revoked as well."),
    Requirement("ASVS 6.1.1", "It is written down how guessing is slowed and nobody locked out on purpose: [security.md](security.md#guessing)."),
    Requirement("ASVS 6.1.2", "Words of the context that passwords must not have are listed."),
    Requirement("ASVS 6.1.3", "All ways to log in are written down and equally strong."),
    Requirement("ASVS 6.2.1", "Passwords have eight characters at least.", State.PARTLY, SIX_DIGITS),
    Requirement("ASVS 6.2.2", "One can change one's password."),
    Requirement("ASVS 6.2.3", "Changing it asks for the present one."),
    Requirement("ASVS 6.2.4", "The most used passwords are refused."),
    Requirement("ASVS 6.2.5", "Any characters may be used.", State.PARTLY, SIX_DIGITS),
    Requirement("ASVS 6.2.6", "Passwords are masked while they are typed."),
    Requirement("ASVS 6.2.7", "Pasting and password managers work."),
    Requirement("ASVS 6.2.8", "A password is compared as it was typed.", State.PARTLY, "Spaces around a pasted code secret are forgiven: six digits hold none."),
    Requirement("ASVS 6.2.9", "Sixty-four characters may be used.", State.PARTLY, SIX_DIGITS),
    Requirement("ASVS 6.2.10", "No password expires because time passes."),
    Requirement("ASVS 6.2.11", "Words of the context are refused."),
    Requirement("ASVS 6.2.12", "Passwords of known leaks are refused.", State.PARTLY, "By lists of our own, drawn from leaks; nobody is asked over the network."),
    Requirement("ASVS 6.3.1", "Guessing and stuffing are hindered as is written."),
    Requirement("ASVS 6.3.2", "There are no accounts by default."),
    Requirement("ASVS 6.3.3", "More than one factor is asked for.", State.NOT, ONE_FACTOR),
    Requirement("ASVS 6.3.4", "No way to log in is undocumented or weaker."),
    Requirement("ASVS 6.3.5", "People are told of suspicious attempts."),
    Requirement("ASVS 6.3.6", "E-mail is no factor."),
    Requirement("ASVS 6.3.7", "People are told when what they log in by has changed."),
    Requirement("ASVS 6.3.8", "Neither words, statuses nor times tell who exists."),
    Requirement("ASVS 6.4.1", "First secrets are drawn at random, expire, and do not stay.", State.PARTLY, "A first code follows the rules of six digits and expires within 45 days: a letter needs days to arrive."),
    Requirement("ASVS 6.4.2", "There are no hints and no secret questions."),
    Requirement("ASVS 6.4.3", "A forgotten password is replaced safely."),
    Requirement("ASVS 6.4.4", "Who has lost a factor proves who he is as at the start."),
    Requirement("ASVS 6.4.6", "Administrators begin a reset and choose no password."),
    Requirement("ASVS 6.5", "Rules of second factors.", State.PARTLY, KEYS),
    Requirement("ASVS 6.8", "Rules of identity providers.", State.OUTSIDE, "There is none."),
    Requirement("ASVS 7.1.1", "How long sessions last is written down, with reasons."),
    Requirement("ASVS 7.1.2", "How many sessions one has at once is written down: [security.md](security.md#a-stolen-copy)."),
    Requirement("ASVS 7.2.1", "The server judges sessions."),
    Requirement("ASVS 7.2.3", "Tokens are random, of 128 bits at least."),
    Requirement("ASVS 7.2.4", "A login begins a new session and ends the one before."),
    Requirement("ASVS 7.3.1", "Idle sessions end."),
    Requirement("ASVS 7.3.2", "Every session ends, used or not."),
    Requirement("ASVS 7.4.1", "An ended session serves no more."),
    Requirement("ASVS 7.4.2", "Whose account ends has no session left."),
    Requirement("ASVS 7.4.3", "A change of code can end all other sessions; ours always does."),
    Requirement("ASVS 7.4.4", "Every page has its logout."),
    Requirement("ASVS 7.4.5", "Those who run the portal can end a person's sessions."),
    Requirement("ASVS 7.5.1", "What affects logging in is changed after logging in anew.", State.PARTLY, "Customers change their code and take devices off by their code; contacts are changed by advisors, and confirmed by a second one or by the code."),
    Requirement("ASVS 7.5.2", "People see where they are logged in and can end it.", State.PARTLY, "They see devices and connections, take devices off by their code, and close the whole access without it."),
    Requirement("ASVS 7.5.3", "Sensitive acts ask anew."),
    Requirement("ASVS 7.6", "Rules of federations.", State.OUTSIDE, "There is none."),
    Requirement("ASVS 8.1.1", "Who may do what on which data is written down: [roles.md](roles.md)."),
    Requirement("ASVS 8.2.1", "Functions are for who may use them."),
    Requirement("ASVS 8.2.2", "Data are for whom they belong to."),
    Requirement("ASVS 8.2.3", "Fields are for who may see or write them."),
    Requirement("ASVS 8.3.1", "The server decides, whatever a browser sends."),
    Requirement("ASVS 8.3.2", "A right that is taken away is gone at once."),
    Requirement("ASVS 8.4.1", "Tenants do not meet.", State.OUTSIDE, "There is one bank."),
    Requirement("ASVS 8.4.2", "Administration is guarded in several layers.", State.PARTLY, "Roles, reasons, two persons, settled accounts and alarms; one factor, and no judgement of the device: keep the desk within the bank's network."),
    Requirement("NIST 3.1.1.2", "Passwords that are all there is have fifteen characters at least; blocklists, no composition, no expiry, pasting.", State.PARTLY, SIX_DIGITS),
    Requirement("NIST 3.2.2", "At most a hundred failures in a row, fewer by what slows guessing."),
    Requirement("NIST 5.1", "Session secrets are drawn at login, of 64 bits at least, gone after it, and forms are bound to them."),
    Requirement("NIST 5.2", "Sessions end and one logs in anew."),
    Requirement("RGAA 10.7", "One sees where the focus is."),
    Requirement("RGAA 11.1", "Each field has its label."),
    Requirement("RGAA 12.7", "A link leads past the navigation to what the page says."),
    Requirement("RGAA 13.1", "Who reads has power over limits of time.", State.PARTLY, "The desk warns a minute before and keeps what was typed. Customers' sessions end after five minutes, as RTS 4(3)(d) has it."),
    Requirement("PSD2 70(1)(c)", "One can report at any time that one's codes are no longer safe, and prove for eighteen months that one did."),
    Requirement("PSD2 70(1)(e)", "Once it is reported, nothing is done by these codes any more."),
)  # fmt: skip
