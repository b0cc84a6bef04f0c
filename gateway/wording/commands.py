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
    "command.trial": (
        "--by must be a name of 1 to 100 characters",
        "--by doit être un nom de 1 à 100 caractères",
    ),
    "command.eta_minutes": (
        "--eta-minutes must be from 0 to 1440",
        "--eta-minutes doit être compris entre 0 et 1440",
    ),
    "command.refused": ("refused: {why}", "refusé : {why}"),
    "command.not_committed": (
        "not on disk yet: it takes nothing; the running gateway keeps this and goes on trying",
        "pas encore sur le disque : il ne prend rien ; la passerelle en marche garde ceci et réessaie",
    ),
    "order.waits": (
        "{device}: ordered; waiting for its report, at most {minutes} min",
        "{device} : ordonné ; en attente de son compte rendu, {minutes} min au plus",
    ),
    "order.order_done": ("{device}: carried out", "{device} : exécuté"),
    "order.order_refused": (
        "{device}: refused by the device: it cannot, or an alert runs",
        "{device} : refusé par l'appareil : il ne le peut pas, ou une alerte est en cours",
    ),
    "order.order_unheard": (
        "{device}: no report in time; it was not heard, or only its report was lost",
        "{device} : pas de compte rendu à temps ; non entendu, ou seul le compte rendu s'est perdu",
    ),
    "order.unknown_device": (
        "{device}: no such device; see: tocsin-gateway devices",
        "{device} : appareil inconnu ; voyez : tocsin-gateway devices",
    ),
    "order.not_had": (
        "{device}: a button has neither siren nor light to command",
        "{device} : un bouton n'a ni sirène ni lumière à commander",
    ),
    "order.too_many": (
        "{device}: too many orders wait for it already",
        "{device} : trop d'ordres l'attendent déjà",
    ),
    "order.order": (
        "--by must be a name of 1 to 100 characters, --within-s from 1 to 86400",
        "--by doit être un nom de 1 à 100 caractères, --within-s compris entre 1 et 86400",
    ),
    "order.not_committed": (
        "{device}: not ordered yet, the disk takes nothing; the running gateway goes on trying",
        "{device} : pas encore ordonné, le disque ne prend rien ; la passerelle en marche réessaie",
    ),
    "order.amount": (
        "{name}: --seconds is for siren and light, --minutes for walk-test, each from 0 to 255; 0 ends it",
        "{name} : --seconds pour siren et light, --minutes pour walk-test, de 0 à 255 ; 0 y met fin",
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
    "disk_takes_nothing": (
        "the disk is full or read-only ({why}); the gateway goes on from memory; make room, or replace it",
        (
            "le disque est plein ou en lecture seule ({why}) ; la passerelle continue de mémoire ;"
            " faites de la place ou remplacez-le"
        ),
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
        "{device}: not forgotten yet, the disk takes nothing; the running gateway goes on trying",
        "{device} : pas encore oublié, le disque ne prend rien ; la passerelle en marche réessaie",
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
