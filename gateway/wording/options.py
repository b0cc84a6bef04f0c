"""What --help says, and what a wrong command line is told."""

WORDS = {
    "help.tocsin": (
        "Hears panic buttons and call boxes, keeps every alert, and tells people.",
        "Entend les boutons d'alerte et les bornes d'appel, garde chaque alerte et prévient.",
    ),
    "help.exits": (
        (
            "Exit status: 0 done; 1 refused, or something is wrong; 2 command line; 65 wrong file;"
            " 66 no such file; 69 the gateway is not running; 74 disk or database; 75 not confirmed in"
            " time; 77 not allowed; 78 gateway.toml or the gateway's key."
        ),
        (
            "Code de sortie : 0 fait ; 1 refusé ou quelque chose ne va pas ; 2 ligne de commande ;"
            " 65 fichier incorrect ; 66 fichier absent ; 69 la passerelle n'est pas en marche ;"
            " 74 disque ou base de données ; 75 non confirmé à temps ; 77 accès refusé ;"
            " 78 gateway.toml ou clé de la passerelle."
        ),
    ),
    "help.help": ("show this help and exit", "afficher cette aide et quitter"),
    "help.config": ("the configuration ({path})", "la configuration ({path})"),
    "help.json": ("print JSON, for programs", "afficher du JSON, pour les programmes"),
    "help.run": ("run the gateway", "faire tourner la passerelle"),
    "help.check": (
        "look whether all is right: configuration, key, disk, radios, clock, upstreams",
        "vérifier que tout va : configuration, clé, disque, radios, horloge, destinations",
    ),
    "help.status": (
        "show how the running gateway fares",
        "montrer l'état de la passerelle en marche",
    ),
    "help.devices": ("list the enrolled devices", "lister les appareils enrôlés"),
    "help.incidents": (
        "list the incidents; with --json their timelines, too",
        "lister les incidents ; avec --json, leur chronologie aussi",
    ),
    "help.acknowledge": (
        "take an incident: the wearer feels that help is coming",
        "prendre un incident : la personne sent que l'aide arrive",
    ),
    "help.close": ("end an incident", "clôturer un incident"),
    "help.command": (
        "order a device to do something, and wait for its report",
        "ordonner quelque chose à un appareil et attendre son compte rendu",
    ),
    "help.command.name": ("one of: {names}", "l'un de : {names}"),
    "help.command.seconds": (
        "siren, light: for how long; 0 is off ({default})",
        "siren, light : combien de temps ; 0 éteint ({default})",
    ),
    "help.command.minutes": (
        "walk-test: for how long; 0 ends it ({default})",
        "walk-test : combien de temps ; 0 y met fin ({default})",
    ),
    "help.command.within": (
        "seconds to wait for the device ({default}; a button: 3.5 heartbeats)",
        "secondes d'attente de l'appareil ({default} ; un bouton : 3,5 battements)",
    ),
    "help.enrol": ("enrol a device from its file", "enrôler un appareil par son fichier"),
    "help.enrol.file": (
        "the age file of the provisioning bench",
        "le fichier age du poste de préparation",
    ),
    "help.unenrol": (
        "forget a device: its frames are refused from then on",
        "oublier un appareil : ses trames sont dès lors refusées",
    ),
    "help.test-alert": (
        "send a marked test the way that alerts go, and show each hop",
        "envoyer un test marqué par le chemin des alertes et montrer chaque étape",
    ),
    "help.journal": ("the journal of what happened", "le journal de ce qui s'est passé"),
    "help.journal.verify": (
        "say whether the journal is as it was written",
        "dire si le journal est tel qu'il fut écrit",
    ),
    "help.journal.export": (
        "print the journal, one JSON object a line",
        "afficher le journal, un objet JSON par ligne",
    ),
    "help.backup": (
        "write what the gateway knows to an age file",
        "écrire ce que la passerelle sait dans un fichier age",
    ),
    "help.backup.file": ("the file to write", "le fichier à écrire"),
    "help.to": (
        "encrypt it to this age recipient, with the gateway's key in it (default: to that key)",
        "chiffrer pour ce destinataire age, clé de la passerelle comprise (sinon : pour cette clé)",
    ),
    "help.restore": (
        "put a backup in place; the gateway must not run, and what is there is kept",
        "remettre une sauvegarde ; la passerelle doit être arrêtée, l'existant est gardé",
    ),
    "help.restore.file": ("the file of a backup", "le fichier d'une sauvegarde"),
    "help.identity": (
        "the age identity it was encrypted to (default: the gateway's key)",
        "l'identité age pour laquelle il fut chiffré (sinon : la clé de la passerelle)",
    ),
    "help.key": ("the gateway's key", "la clé de la passerelle"),
    "help.key.new": (
        "make it; print what to encrypt enrolments to",
        "la créer ; afficher le destinataire auquel chiffrer les enrôlements",
    ),
    "help.key.show": (
        "print what to encrypt enrolments to",
        "afficher le destinataire auquel chiffrer les enrôlements",
    ),
    "help.completion": (
        "print what a shell needs to complete these commands",
        "afficher de quoi compléter ces commandes dans un shell",
    ),
    "help.shell": (
        "bash: source <(tocsin-gateway completion bash); zsh: into a folder of fpath, as _tocsin-gateway",
        (
            "bash : source <(tocsin-gateway completion bash) ; zsh : dans un dossier de fpath,"
            " sous le nom _tocsin-gateway"
        ),
    ),
    "help.incident": (
        "the incident, 32 hexadecimal digits",
        "l'incident, 32 chiffres hexadécimaux",
    ),
    "help.device": ("the device, as `devices` names it", "l'appareil, tel que `devices` le nomme"),
    "help.by": ("who", "qui"),
    "help.eta": ("minutes until help arrives", "minutes avant l'arrivée de l'aide"),
    "help.within": (
        "seconds to wait for the upstreams ({default})",
        "secondes d'attente des destinations ({default})",
    ),
    "help.head": (
        "a journal_head that an upstream event told: it must be part of the journal",
        "un journal_head reçu dans un événement : il doit faire partie du journal",
    ),
    "usage.begin": ("usage: ", "usage : "),
    "usage.needed": ("needed", "requis"),
    "usage.optional": ("options", "options"),
    "usage.commands": ("commands", "commandes"),
    "usage.command": ("COMMAND", "COMMANDE"),
    "usage.missing": ("missing: {what}", "manque : {what}"),
    "usage.unknown": ("not known: {what}", "inconnu : {what}"),
    "usage.no_value": ("{what}: needs a value", "{what} : il faut une valeur"),
    "usage.no_number": (
        "{what}: {value} is no whole number",
        "{what} : {value} n'est pas un nombre entier",
    ),
    "usage.choice": (
        "{what}: {value} is none of: {known}",
        "{what} : {value} n'est aucun de : {known}",
    ),
    "usage.ambiguous": (
        "{what} may mean several: {known}",
        "{what} peut en désigner plusieurs : {known}",
    ),
    "usage.wrong": ("{what}: {why}", "{what} : {why}"),
}
