"""What is said of keys. Never a key."""

WORDS = {
    "keys.unreadable": ("{path} cannot be read ({why})", "{path} : illisible ({why})"),
    "keys.unwritable": (
        "{path} cannot be written ({why}); nothing was changed",
        "{path} : écriture impossible ({why}) ; rien n'a changé",
    ),
    "keys.exists": (
        "{path} exists already; it is never overwritten",
        "{path} existe déjà ; jamais écrasé",
    ),
    "keys.identity_in_clear": (
        "{path} is an age key in clear; encrypt it with: age -p, or make another: tocsin keys reader",
        "{path} est une clé age en clair ; chiffrez-la : age -p, ou créez-en une : tocsin keys reader",
    ),
    "keys.identity_closed": (
        "{path}: another passphrase, or no identity that `tocsin keys reader` has made",
        "{path} : autre phrase secrète, ou pas une identité créée par `tocsin keys reader`",
    ),
    "keys.passphrase_short": (
        "a passphrase has at least {least} characters; five words that have nothing in common are good",
        "une phrase secrète a au moins {least} caractères ; cinq mots sans rapport conviennent",
    ),
    "keys.passphrases_differ": (
        "the two passphrases differ; nothing was written",
        "les deux phrases secrètes diffèrent ; rien n'a été écrit",
    ),
    "keys.not_a_reader": (
        "this identity is none of the readers of the key store; ask a reader to allow it",
        "cette identité n'est pas un lecteur du coffre ; demandez à un lecteur de l'autoriser",
    ),
    "keys.not_a_store": (
        "what is in the file is no key store, or is damaged; take a copy of it",
        "le fichier n'est pas un coffre à clés, ou est abîmé ; prenez-en une copie",
    ),
    "keys.newer_store": (
        "the key store is of version {version}; use a newer tocsin",
        "le coffre est de version {version} ; utilisez un tocsin plus récent",
    ),
    "keys.bad_recipient": (
        "{text}... is no age recipient; it begins with age1 and is copied whole",
        "{text}... n'est pas un destinataire age ; il commence par age1, copiez-le en entier",
    ),
    "keys.bad_name": (
        "{name}: a name has 1 to 64 letters, digits, points, dashes or underscores",
        "{name} : un nom a 1 à 64 lettres, chiffres, points, tirets ou soulignés",
    ),
    "keys.unknown_party": (
        "{name} is neither a reader nor a gateway nor a device here; see: tocsin keys audit",
        "{name} n'est ici ni lecteur, ni passerelle, ni appareil ; voyez : tocsin keys audit",
    ),
    "keys.name_taken": (
        "{name} stands for somebody else already; take another name, or rotate or revoke that one",
        "{name} désigne déjà quelqu'un ; prenez un autre nom, ou renouvelez ou révoquez l'ancien",
    ),
    "keys.recipient_taken": (
        "this age key is that of {name}, or was; a key stands for one name, and never comes back",
        "cette clé age est, ou était, celle de {name} ; une clé a un seul nom et ne revient jamais",
    ),
    "keys.last_reader": (
        "{name} is the last reader; allow another one first, or nobody could read the store",
        "{name} est le dernier lecteur ; autorisez-en un autre d'abord, sinon plus personne ne lirait",
    ),
    "keys.oneself": (
        "{name} is who you are now; do it as another reader",
        "{name}, c'est vous ; faites-le avec un autre lecteur",
    ),
    "keys.unknown_device": (
        "no key of {device} here; provision it first",
        "pas de clé de {device} ici ; provisionnez d'abord",
    ),
    "keys.not_issued": (
        "the key of {device} is not the last one issued for it; provision it once more",
        "la clé de {device} n'est pas la dernière émise pour lui ; provisionnez-le de nouveau",
    ),
    "keys.no_gateway": ("{name} is no gateway", "{name} n'est pas une passerelle"),
    "keys.passphrase": ("Passphrase of {path}", "Phrase secrète de {path}"),
    "keys.new_passphrase": ("New passphrase for {path}", "Nouvelle phrase secrète pour {path}"),
    "keys.again": ("The same again", "La même encore une fois"),
    "keys.made": (
        "{path}: made for {organisation}; readers: {name}. Copy it as you like, it is encrypted.",
        "{path} : créé pour {organisation} ; lecteur : {name}. Copiez-le librement, il est chiffré.",
    ),
    "keys.second_reader": (
        "Allow a second reader now, on another machine or in a safe: without a reader all keys are lost.",
        "Autorisez un second lecteur, sur une autre machine ou au coffre : sans lecteur, tout est perdu.",
    ),
    "keys.done": ("{what}: {subject}", "{what} : {subject}"),
    "keys.enrolled": (
        "{count} files for {gateway} in {folder}; there: tocsin-gateway enrol FILE",
        "{count} fichiers pour {gateway} dans {folder} ; là-bas : tocsin-gateway enrol FICHIER",
    ),
    "keys.due_now": (
        "{count} devices need a new key, provision and enrol them anew; the old ones still work: {devices}",
        "{count} appareils à provisionner et enrôler de nouveau ; les anciennes clés servent : {devices}",
    ),
    "keys.device_gone": (
        "{device} is dropped here; at each gateway: tocsin-gateway unenrol {device}",
        "{device} est retiré d'ici ; à chaque passerelle : tocsin-gateway unenrol {device}",
    ),
    "keys.all_well": ("nothing to do", "rien à faire"),
    "keys.reader": ("reader", "lecteur"),
    "keys.gateway": ("gateway", "passerelle"),
    "keys.column.kind": ("what", "quoi"),
    "keys.column.name": ("name", "nom"),
    "keys.column.since": ("since", "depuis"),
    "keys.column.until": ("revoked", "révoqué"),
    "keys.column.keys": ("can open", "peut ouvrir"),
    "keys.opens_all": ("the store", "le coffre"),
    "keys.opens": ("{count} keys", "{count} clés"),
    "keys.no_leak": (
        "{count} secrets looked for: none in clear",
        "{count} secrets cherchés : aucun en clair",
    ),
    "audit.one_reader": (
        "one reader only: if it is lost, so is every key; tocsin keys allow reader NAME RECIPIENT",
        "un seul lecteur : perdu, tout l'est ; tocsin keys allow reader NOM DESTINATAIRE",
    ),
    "audit.due": (
        "{subject} needs a new key ({why}): provision it anew",
        "{subject} a besoin d'une nouvelle clé ({why}) : provisionnez-le de nouveau",
    ),
    "audit.pending": (
        "{subject} was begun at {since} and not finished: provision it again",
        "{subject} a été commencé à {since} sans être fini : provisionnez-le de nouveau",
    ),
    "audit.not_enrolled": (
        "{subject} lacks the present keys of {count} devices ({devices}): tocsin keys enrol {subject}",
        "{subject} n'a pas les clés de {count} appareils ({devices}) : tocsin keys enrol {subject}",
    ),
    "audit.exposed": (
        "others may read or replace {subject}: chmod 600 {subject}, chmod go-w its folder",
        "d'autres peuvent lire ou remplacer {subject} : chmod 600 {subject}, chmod go-w son dossier",
    ),
    "audit.leak": (
        "{subject} holds a key in clear: delete it, and give the device a new key",
        "{subject} contient une clé en clair : supprimez-le et donnez une nouvelle clé à l'appareil",
    ),
}
