"""What is wrong in gateway.toml, an enrolment or a key, and how to put it right."""

WORDS = {
    "problem": ("{file}: {key}: {what}", "{file} : {key} : {what}"),
    "file_missing": (
        "the file does not exist; tocsin-gateway setup makes it",
        "le fichier n'existe pas ; tocsin-gateway setup le crée",
    ),
    "file_unreadable": ("cannot be read ({why})", "illisible ({why})"),
    "not_toml": ("is not TOML ({why})", "n'est pas du TOML ({why})"),
    "not_json": ("is not a JSON object", "n'est pas un objet JSON"),
    "unknown_key": (
        "unknown; remove it, or correct it to one of: {known}",
        "inconnu ; retirez-le ou corrigez-le en : {known}",
    ),
    "missing_key": ("is missing; add {example}", "manque ; ajoutez {example}"),
    "wrong_type": (
        "must be {wanted}, for instance {example}",
        "doit être {wanted}, par exemple {example}",
    ),
    "out_of_range": ("must be from {low} to {high}", "doit être compris entre {low} et {high}"),
    "limit.band": (
        "EU868: a channel of 125 kHz within 869.400 to 869.650 MHz",
        "EU868 : un canal de 125 kHz entre 869,400 et 869,650 MHz",
    ),
    "limit.power": (
        "dBm e.r.p.; EU868 allows 500 mW",
        "dBm PAR ; EU868 autorise 500 mW",
    ),
    "not_one_of": ("must be one of: {known}", "doit être l'un de : {known}"),
    "bad_form": (
        "must be {wanted}, for instance {example}",
        "doit être {wanted}, par exemple {example}",
    ),
    "taken_name": (
        "{name} is used twice; give each its own name",
        "{name} sert deux fois ; donnez un nom à chacun",
    ),
    "taken_adapter": (
        "{adapter} is used twice; one radio is enough for an adapter",
        "{adapter} sert deux fois ; une radio suffit par adaptateur",
    ),
    "device_or_role": (
        "a rule is for one device or for one role; name the one, not the other",
        "une règle vaut pour un appareil ou pour un rôle ; nommez l'un, pas l'autre",
    ),
    "no_radio": (
        "there is no radio, so no alert could be heard; add a [[radio]]",
        "aucune radio, donc aucune alerte ne serait entendue ; ajoutez un [[radio]]",
    ),
    "no_upstream": (
        "there is no upstream, so nobody would be told; add an [[upstream]]",
        "aucune destination, donc personne ne serait prévenu ; ajoutez un [[upstream]]",
    ),
    "password_without_user": (
        "is set without username; add username",
        "est donné sans username ; ajoutez username",
    ),
    "type.text": ("a text in quotes", "un texte entre guillemets"),
    "type.number": ("a whole number", "un nombre entier"),
    "type.flag": ("true or false", "true ou false"),
    "type.table": ("a table", "une table"),
    "type.tables": ("a list of tables", "une liste de tables"),
    "form.address": ("an address and a port", "une adresse et un port"),
    "form.name": (
        "1 to 64 letters, digits, points, dashes or underscores",
        "1 à 64 lettres, chiffres, points, tirets ou soulignés",
    ),
    "form.adapter": (
        "the name of an adapter, or its address in capitals",
        "le nom d'un adaptateur, ou son adresse en majuscules",
    ),
    "form.text": ("a text of 1 to 200 characters", "un texte de 1 à 200 caractères"),
    "form.key": ("32 hexadecimal digits", "32 chiffres hexadécimaux"),
    "form.date": ("a date, year-month-day", "une date, année-mois-jour"),
    "key_exists": (
        "{path} exists already; it is never overwritten",
        "{path} existe déjà ; jamais écrasé",
    ),
    "key_missing": (
        "{path} is missing; make it with: tocsin-gateway key new",
        "{path} manque ; créez-le avec : tocsin-gateway key new",
    ),
    "key_unreadable": (
        "{path} cannot be read, or is no age key; restore it, or make a new one and enrol again",
        "{path} est illisible ou n'est pas une clé age ; restaurez-le, ou créez-en un et réenrôlez",
    ),
    "not_for_this_gateway": (
        "is not encrypted to the recipient that `tocsin-gateway key show` prints",
        "n'est pas chiffré pour le destinataire qu'affiche `tocsin-gateway key show`",
    ),
}
