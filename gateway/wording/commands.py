"""What the commands answer."""

WORDS = {
    "enrolled.new": ("{device}: enrolled", "{device} : enrôlé"),
    "enrolled.updated": ("{device}: description updated", "{device} : description mise à jour"),
    "enrolled.replaced": (
        "{device}: enrolled with a new key, the old one is refused from now on",
        "{device} : enrôlé avec une nouvelle clé, l'ancienne est désormais refusée",
    ),
    "told_running": ("the running gateway knows it", "la passerelle en marche en tient compte"),
    "not_running": (
        "the gateway is not running; it will know it when it starts",
        "la passerelle n'est pas en marche ; elle en tiendra compte au démarrage",
    ),
    "needs_running": (
        "the gateway is not running (nothing answers at {path})",
        "la passerelle n'est pas en marche (rien ne répond à {path})",
    ),
    "command.done": ("done", "fait"),
    "command.unknown_incident": ("no such incident", "incident inconnu"),
    "command.already_closed": ("already closed", "déjà clos"),
    "command.incident": (
        "ID must be 32 hexadecimal digits; see: tocsin-gateway incidents",
        "ID doit compter 32 chiffres hexadécimaux ; voyez : tocsin-gateway incidents",
    ),
    "command.by": (
        "--by must be a name of 1 to 100 characters",
        "--by doit être un nom de 1 à 100 caractères",
    ),
    "command.eta_minutes": (
        "--eta-minutes must be from 0 to 1440",
        "--eta-minutes doit être compris entre 0 et 1440",
    ),
    "command.refused": ("refused: {why}", "refusé : {why}"),
    "command.not_committed": (
        "could not be written to disk; see the log",
        "n'a pas pu être écrit sur le disque ; voyez le journal",
    ),
    "already_running": (
        "another gateway is using {path}; stop it first",
        "une autre passerelle utilise {path} ; arrêtez-la d'abord",
    ),
    "status.stale": (
        "no status at {path}: is the gateway running?",
        "pas d'état en {path} : la passerelle est-elle en marche ?",
    ),
    "status.old": (
        "this is from {age} s ago: is the gateway running?",
        "ceci date de {age} s : la passerelle est-elle en marche ?",
    ),
    "status.age": ("as of {age} s ago", "il y a {age} s"),
    "nothing": ("none", "aucun"),
    "store_unusable": (
        "the disk or the database cannot be used ({why}); see: tocsin-gateway check",
        "le disque ou la base de données est inutilisable ({why}) ; voyez : tocsin-gateway check",
    ),
    "newer_schema": (
        "the database was written by a newer gateway; update this one",
        "la base de données a été écrite par une passerelle plus récente ; mettez celle-ci à jour",
    ),
    "not_allowed": (
        "this user may not use {path}; run it as the gateway's user or as root",
        "cet utilisateur n'a pas accès à {path} ; lancez la commande sous celui de la passerelle ou root",
    ),
    "file_unusable": ("{file} cannot be read ({why})", "{file} est illisible ({why})"),
    "unenrolled.done": (
        "{device}: forgotten, its frames are refused from now on",
        "{device} : oublié, ses trames sont désormais refusées",
    ),
    "unenrolled.unknown_device": (
        "{device}: no such device; see: tocsin-gateway devices",
        "{device} : appareil inconnu ; voyez : tocsin-gateway devices",
    ),
    "unenrolled.open_incident": (
        "{device}: has an open incident; close it first",
        "{device} : a un incident ouvert ; clôturez-le d'abord",
    ),
    "unenrolled.running_visit": (
        "{device}: its wearer is on a timed visit; wait for its end",
        "{device} : une visite minutée est en cours ; attendez sa fin",
    ),
    "unenrolled.not_committed": (
        "{device}: not forgotten, it could not be written to disk; see the log",
        "{device} : pas oublié, rien n'a pu être écrit sur le disque ; voyez le journal",
    ),
    "trial.stored": ("on disk after {ms} ms", "sur le disque après {ms} ms"),
    "trial.confirmed": ("{target}: confirmed after {ms} ms", "{target} : confirmé après {ms} ms"),
    "trial.waiting": (
        "{target}: not confirmed yet; it is kept and sent when {target} answers",
        "{target} : pas encore confirmé ; gardé, et envoyé dès que {target} répond",
    ),
    "journal.intact": (
        "intact: {n} entries, of which {erased} without their content; head {head}",
        "intact : {n} entrées, dont {erased} sans leur contenu ; tête {head}",
    ),
    "journal.broken": (
        "BROKEN: entry {n} is missing, or is not as it was written",
        "ROMPU : l'entrée {n} manque ou n'est pas telle qu'elle fut écrite",
    ),
    "journal.bad_head": (
        "must be the number and the 64 hexadecimal digits of journal_head, as in 12:0a1b...",
        "doit être le numéro et les 64 chiffres hexadécimaux de journal_head, comme 12:0a1b...",
    ),
    "backup.done": (
        "{file}: written; only with this gateway's key can it be read: keep a copy of that elsewhere",
        "{file} : écrit ; lisible avec la clé de cette passerelle seulement : gardez-en une copie ailleurs",
    ),
    "backup.with_key": (
        "{file}: written, with the gateway's key: whoever can read it can stand in for this gateway",
        "{file} : écrit, avec la clé de la passerelle : qui peut le lire peut se faire passer pour elle",
    ),
    "backup.recipient": (
        "--to: {recipient} is no age recipient (age1...)",
        "--to : {recipient} n'est pas un destinataire age (age1...)",
    ),
    "file_missing_here": ("{file}: no such file", "{file} : fichier absent"),
    "restore.done": (
        "restored with {devices} devices; frames are unverified until their counters are known again",
        "restauré avec {devices} appareils ; trames non vérifiées tant que leurs compteurs sont inconnus",
    ),
    "restore.key": ("the gateway's key, too", "la clé de la passerelle aussi"),
    "restore.aside": ("what was there is kept: {path}", "ce qui était là est gardé : {path}"),
    "restore.not_a_backup": (
        "{file}: is no backup of a gateway, or a damaged one",
        "{file} : n'est pas une sauvegarde de passerelle, ou est endommagé",
    ),
    "restore.identity": (
        "--identity: holds no age identity (AGE-SECRET-KEY-1...)",
        "--identity : ne contient pas d'identité age (AGE-SECRET-KEY-1...)",
    ),
    "restore.other_key": (
        (
            "{file}: was encrypted to another key; name its file with --identity, or put that"
            " gateway.key in place first"
        ),
        (
            "{file} : chiffré pour une autre clé ; indiquez son fichier par --identity, ou remettez"
            " d'abord ce gateway.key en place"
        ),
    ),
    "recipient": ("RECIPIENT", "DESTINATAIRE"),
    "battery.percent": ("{percent} %", "{percent} %"),
    "battery.days": ("{percent} %, {days} days", "{percent} %, {days} jours"),
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    "name": ("NAME", "NOM"),
}
