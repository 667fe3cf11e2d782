"""What `manage.py check` tells operators: of the settings (`--deploy`), of the stored codes (`--database default`).

Django runs the latter at each `migrate` too, which an error stops: a missing key is mended before the servers restart
with the same settings. A damaged row is a warning, because stopping mends nothing.
"""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Info, Warning
from django.db import connections
from django.db.models import Count, F, Q
from django.db.models.functions import Length

from auth_codes.codes import bindings, bound_rows, factor_seals, staff_hashes
from auth_codes.crypto import hashing, sealing
from auth_codes.crypto.hashing import Cost
from auth_codes.models import HashingCost, SecretCode, SecretCodeQuerySet, Token

NAMED = 5  # damaged rows that a message names
MOST_HASHING_MEGABYTES = 1024
MOST_PROXIES = 5
WIDEST_CARRIER = {4: 8, 6: 19}  # the shortest prefixes that registries give to one holder
LIVING = Count("id", filter=~Q(role=SecretCode.Role.PAST))
WHOLE = Q(
    salt_bytes=hashing.SALT_BYTES,
    nonce_bytes=sealing.NONCE_BYTES,
    bytes=hashing.HASH_BYTES + sealing.TAG_BYTES,
    format_version=sealing.FORMAT_VERSION,
)
POSSIBLE_COST = Q(
    memory_kib__gte=8 * F("parallelism"),
    memory_kib__lte=hashing.MOST.memory_kib,
    iterations__range=(1, hashing.MOST.iterations),
    parallelism__range=(1, hashing.MOST.parallelism),
)


def check_hashing_cost(**kwargs: object) -> list[CheckMessage]:
    """Whether codes can be hashed at the cost of the settings."""
    if hashing.is_possible(hashing.present_cost()):
        return []
    bounds = f"de 8 Kio par voie à {hashing.MOST.memory_kib} Kio, {hashing.MOST.iterations} passes et "
    text = f"SECRET_CODE_ARGON2 demande un coût impossible ; au plus : {bounds}{hashing.MOST.parallelism} voies."
    return [Error(text, id="auth_codes.E002")]


def check_flood_settings(**kwargs: object) -> list[CheckMessage]:
    """What would let a flood fill the memory, or honest customers shut each other out."""
    return [*_hashing_memory(), *_far_proxies(), *_wide_carriers()]


def check_staff_second_factor(**kwargs: object) -> list[CheckMessage]:
    """For `check --deploy`: until a day is said, a password alone may open the desk."""
    if settings.STAFF_SECOND_FACTOR_FROM:
        return []
    text = "STAFF_SECOND_FACTOR_FROM manque : un mot de passe seul ouvre le poste à qui n’a pas de second moyen."
    hint = "Remettez leurs tickets aux administrateurs, puis au personnel, et dites un jour, comme 2027-03-01."
    return [Info(text, hint, id="auth_codes.I007")]


def check_second_factor(**kwargs: object) -> list[CheckMessage]:
    """For `check --deploy`: until a day is said, two codes alone open all of a client's space but his older history."""
    if settings.SECOND_FACTOR_REQUIRED_FROM:
        return []
    text = "SECOND_FACTOR_REQUIRED_FROM manque : deux codes seuls ouvrent tout l’espace de qui n’a pas de second moyen."
    hint = "Annoncez un jour à vos clients, comme 2027-09-01, et dites-le (directive 2015/2366, art. 97)."
    return [Info(text, hint, id="auth_codes.I008")]


def _hashing_memory() -> Iterator[CheckMessage]:
    megabytes = settings.HASHING_SLOTS * hashing.present_cost().memory_kib // 1024
    if megabytes > MOST_HASHING_MEGABYTES:
        text = f"HASHING_SLOTS={settings.HASHING_SLOTS} : chaque processus peut prendre {megabytes} Mio pour hacher."
        yield Warning(text, "Quelques-uns par cœur suffisent : davantage n’accélère rien.", id="auth_codes.W004")


def _far_proxies() -> Iterator[CheckMessage]:
    if settings.TRUSTED_PROXY_COUNT > MOST_PROXIES:
        text = f"TRUSTED_PROXY_COUNT={settings.TRUSTED_PROXY_COUNT} : autant de serveurs mandataires, vraiment ?"
        hint = "S’il y en a moins, tous les visiteurs partagent l’adresse du dernier et son budget d’échecs."
        yield Warning(text, hint, id="auth_codes.W005")


def _wide_carriers() -> Iterator[CheckMessage]:
    for network, _ in settings.CARRIER_NETWORKS:
        if network.prefixlen < WIDEST_CARRIER[network.version]:
            text = f"CARRIER_NETWORKS : {network} est plus large que le réseau d’un opérateur."
            yield Warning(text, "Nommez ses plages, pas tout Internet.", id="auth_codes.W006")


def check_stored_codes(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """What the codes in `databases` need; nothing of a database that has no tables yet."""
    needed = {SecretCode._meta.db_table, HashingCost._meta.db_table}
    return [
        message
        for alias in databases or []
        if needed <= set(connections[alias].introspection.table_names())
        for judge in (_lost_keys, _spare_keys, _damage, _earlier_costs)
        for message in judge(SecretCode.objects.using(alias).order_by())
    ]


def check_factors(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """What the moyens in `databases` need; nothing of a database that has none yet."""
    return [message for alias in databases or [] if _has_factors(alias) for message in _keys_of_factors(alias)]


def _keys_of_factors(alias: str) -> Iterator[CheckMessage]:
    first, *earlier = settings.SECRET_CODE_KEYS
    for key_id, rows in factor_seals.rows_by_key(alias).items():
        if key_id in earlier:
            text = f"{rows} second(s) moyen(s) ont encore besoin de la clé « {key_id} » : lancez rotate_secret_codes."
            yield Info(text, id="auth_codes.I006")
        elif key_id != first:
            text = f"La clé « {key_id} » manque dans SECRET_CODE_KEYS : {rows} second(s) moyen(s) sous elle."
            hint = "Remettez cette clé. Si elle est perdue, deux conseillers mettent fin à ces moyens."
            yield Error(text, hint, id="auth_codes.E005")


def _has_factors(alias: str) -> bool:
    return Token._meta.db_table in connections[alias].introspection.table_names()


def check_owners(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Whom a missing key keeps out of his space or of the desk; nothing of a database that binds nobody yet."""
    return [
        message
        for alias in databases or []
        if _are_owners_bound(alias)
        for judge in (_staff_keys, _lost_binding_keys, _lost_keys_of_rows)
        for message in judge(alias)
    ]


def _are_owners_bound(alias: str) -> bool:
    users = get_user_model()._meta.db_table
    with connections[alias].cursor() as cursor:
        look = connections[alias].introspection
        columns = look.get_table_description(cursor, users) if users in look.table_names(cursor) else []
    return "code_binding" in {column.name for column in columns}


def _staff_keys(alias: str) -> Iterator[CheckMessage]:
    first, *earlier = settings.SECRET_CODE_KEYS
    for key_id, rows in staff_hashes.rows_by_key(alias).items():
        passwords = f"{rows} mot(s) de passe du personnel"
        if key_id in earlier:
            text = f"{passwords} ont encore besoin de la clé « {key_id} » : lancez rotate_secret_codes."
            yield Info(text, id="auth_codes.I005")
        elif key_id != first:
            text = f"La clé « {key_id} » manque dans SECRET_CODE_KEYS : {passwords} sous elle."
            hint = "Remettez cette clé. Si elle est perdue, il faut à ces personnes un nouveau lien d’accès."
            yield Error(text, hint, id="auth_codes.E003")


def _lost_binding_keys(alias: str) -> Iterator[CheckMessage]:
    if rows := bindings.under_missing_keys(alias):
        text = f"{rows} accès liés par une SECRET_KEY qui manque : ces personnes ne peuvent plus se connecter."
        hint = "Remettez l’ancienne clé dans SECRET_KEY_FALLBACKS, puis lancez rotate_secret_codes."
        yield Error(text, hint, id="auth_codes.E004")


def _lost_keys_of_rows(alias: str) -> Iterator[CheckMessage]:
    if rows := bound_rows.under_missing_keys(alias):
        text = f"{rows} représentation(s) liées par une SECRET_KEY qui manque : ces représentants ne voient plus rien."
        hint = "Remettez l’ancienne clé dans SECRET_KEY_FALLBACKS, puis lancez rotate_secret_codes."
        yield Warning(text, hint, id="auth_codes.W009")


def _lost_keys(codes: SecretCodeQuerySet) -> Iterator[CheckMessage]:
    lost = codes.exclude(key_id__in=settings.SECRET_CODE_KEYS).values_list("key_id")
    hint = "Remettez cette clé. Si elle est perdue, il faut à ces clients un nouveau code secret."
    for key_id, living, rows in lost.annotate(living=LIVING, rows=Count("id")):
        text = f"La clé « {key_id} » manque dans SECRET_CODE_KEYS : {rows} code(s) sous elle, {living} en service."
        if living:
            yield Error(f"{text} Ces clients ne peuvent plus se connecter.", hint, id="auth_codes.E001")
        else:
            yield Warning(f"{text} Ces anciens codes peuvent être repris.", hint, id="auth_codes.W001")


def _spare_keys(codes: SecretCodeQuerySet) -> Iterator[CheckMessage]:
    rows = dict(codes.values_list("key_id").annotate(Count("id")))
    staff = staff_hashes.rows_by_key(codes.db) if _are_owners_bound(codes.db) else {}
    factors = factor_seals.rows_by_key(codes.db) if _has_factors(codes.db) else {}
    for key_id in list(settings.SECRET_CODE_KEYS)[1:]:
        if key_id in rows:
            text = f"{rows[key_id]} code(s) ont encore besoin de la clé « {key_id} » : lancez rotate_secret_codes."
            yield Info(text, id="auth_codes.I001")
        elif key_id not in staff and key_id not in factors:
            text = f"Aucun code n’a plus besoin de la clé « {key_id} » : retirez-la"
            yield Info(f"{text}, sauf si vous êtes sur le point de l’introduire.", id="auth_codes.I002")


def _damage(codes: SecretCodeQuerySet) -> Iterator[CheckMessage]:
    """Rows cut short or altered so that it shows without a key; a rotation, which opens each row, finds the others."""
    measured = codes.annotate(salt_bytes=Length("salt"), nonce_bytes=Length("nonce"), bytes=Length("ciphertext"))
    damaged = measured.exclude(WHOLE, POSSIBLE_COST)
    found = damaged.aggregate(rows=Count("id"), living=LIVING)
    if found["rows"]:
        named = ", ".join(str(row_id) for row_id in damaged.order_by("id").values_list("id", flat=True)[:NAMED])
        text = f"{found['rows']} code(s) abîmé(s), {found['living']} en service, qui n’ouvrent plus : {named}."
        yield Warning(text, "Il faut à ces clients un nouveau code secret.", id="auth_codes.W003")


def _earlier_costs(codes: SecretCodeQuerySet) -> Iterator[CheckMessage]:
    registered = set(HashingCost.objects.using(codes.db).values_list(*Cost._fields))
    living = codes.living().exclude(**hashing.present_cost()._asdict()).values_list(*Cost._fields)
    for *cost, rows in living.annotate(Count("id")):
        text = f"{rows} code(s) en service au coût {Cost(*cost)}, qui n’est pas celui des réglages"
        if tuple(cost) in registered:
            yield Info(f"{text} : refaits à la prochaine connexion.", id="auth_codes.I003")
        else:
            hint = "La table des coûts a été perdue, ou ces lignes altérées."
            yield Warning(f"{text} et que rien n’a enregistré.", hint, id="auth_codes.W002")
