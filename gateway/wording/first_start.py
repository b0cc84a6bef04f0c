"""What `setup` asks and tells."""

WORDS = {
    "help.setup": (
        "set this gateway up: find its radios, ask a few questions, start it",
        "installer cette passerelle : trouver ses radios, poser quelques questions, la démarrer",
    ),
    "help.setup.answers": (
        "take the answers from FILE (TOML) and ask nothing",
        "prendre les réponses dans FILE (TOML) sans rien demander",
    ),
    "help.setup.state_dir": (
        "where it keeps what must survive (/var/lib/tocsin)",
        "où elle garde ce qui doit survivre (/var/lib/tocsin)",
    ),
    "help.setup.runtime_dir": (
        "where it keeps what must not (/run/tocsin)",
        "où elle garde ce qui ne doit pas survivre (/run/tocsin)",
    ),
    "help.setup.again": (
        "also where gateway.toml exists; the old one is kept as gateway.toml.before",
        "même si gateway.toml existe ; l'ancien est gardé sous gateway.toml.before",
    ),
    "setup.begin": (
        "Setting up this gateway. Enter takes what stands in [ ]; Ctrl-C leaves all as it is.",
        "Installation de cette passerelle. Entrée : ce qui est entre [ ] ; Ctrl-C laisse tout en l'état.",
    ),
    "setup.exists": (
        "{path} exists: this gateway is set up; --again asks anew and keeps the old file",
        "{path} existe : cette passerelle est installée ; --again recommence et garde l'ancien fichier",
    ),
    "setup.given_up": ("nothing was changed", "rien n'a été modifié"),
    "setup.yes_no": ("[Y/n]", "[O/n]"),
    "setup.no_yes": ("[y/N]", "[o/N]"),
    "setup.ask.site": (
        "Name of the site, without spaces (health-centre)",
        "Nom du site, sans espaces (cabinet-des-lilas)",
    ),
    "setup.ask.name": ("Name of this gateway", "Nom de cette passerelle"),
    "setup.ask.mark": (
        "Its number, 1 to 7, another for each gateway of the site",
        "Son numéro, de 1 à 7, différent pour chaque passerelle du site",
    ),
    "setup.port": ("Use the radio head at {which}?", "Utiliser la tête radio sur {which} ?"),
    "setup.adapter": (
        "Use the Bluetooth of this machine, {which}?",
        "Utiliser le Bluetooth de cette machine, {which} ?",
    ),
    "setup.nothing_found": (
        "No radio is chosen or found. A radio head may be plugged in later.",
        "Aucune radio choisie ni trouvée. Une tête radio peut être branchée plus tard.",
    ),
    "setup.ask.pattern": ("Port of the radio head", "Port de la tête radio"),
    "setup.ways": (
        "Whom does it tell? One way at least; others can be added to gateway.toml.",
        "Qui prévient-elle ? Une voie au moins ; d'autres peuvent être ajoutées dans gateway.toml.",
    ),
    "setup.mqtt": ("By an MQTT broker?", "Par un broker MQTT ?"),
    "setup.webhook": ("By a webhook (HTTPS)?", "Par un webhook (HTTPS) ?"),
    "setup.mail": ("By e-mail?", "Par courriel ?"),
    "setup.ask.host": ("Name or address of the server", "Nom ou adresse du serveur"),
    "setup.ask.username": ("User name there, empty for none", "Identifiant, vide si aucun"),
    "setup.ask.password": ("Password (not shown)", "Mot de passe (non affiché)"),
    "setup.ask.url": ("Address, https://...", "Adresse, https://..."),
    "setup.ask.sender": ("Address of the sender", "Adresse de l'expéditeur"),
    "setup.ask.recipients": (
        "Addresses of the recipients, with commas between",
        "Adresses des destinataires, séparées par des virgules",
    ),
    "setup.no_radio": (
        "no radio head and no Bluetooth was found: name one, or plug it in and run setup again",
        "ni tête radio ni Bluetooth : indiquez-en un, ou branchez-le et relancez setup",
    ),
    "setup.no_way_out": (
        "nobody would be told: give at least one of [mqtt], [webhook], [mail]",
        "personne ne serait prévenu : donnez au moins [mqtt], [webhook] ou [mail]",
    ),
    "setup.written": ("{path} is written. Checking:", "{path} est écrit. Vérification :"),
    "setup.started": (
        "The gateway runs; see: systemctl status tocsin-gateway",
        "La passerelle est en marche ; voyez : systemctl status tocsin-gateway",
    ),
    "setup.start_failed": (
        "The gateway did not start; see: journalctl -u tocsin-gateway",
        "La passerelle n'a pas démarré ; voyez : journalctl -u tocsin-gateway",
    ),
    "setup.not_started": (
        "No service manager here: start it with tocsin-gateway run",
        "Pas de gestionnaire de services ici : démarrez-la avec tocsin-gateway run",
    ),
    "setup.recipient": (
        (
            "Ready to enrol. Send this to who provisions the devices (it is no secret):\n  {recipient}\n"
            "What comes back: tocsin-gateway enrol FILE"
        ),
        (
            "Prête à enrôler. Envoyez ceci à qui prépare les appareils (ce n'est pas un secret) :\n"
            "  {recipient}\nÀ réception : tocsin-gateway enrol FILE"
        ),
    ),
}
