"""Sentences about ways out by HTTPS, and those of the messages that people get by them."""

WORDS = {
    "form.url": (
        "a URL that begins with https://, without a password in it",
        "une URL qui commence par https://, sans mot de passe",
    ),
    "form.proxy": (
        "a URL that begins with http:// (what goes through it is encrypted all the same)",
        "une URL qui commence par http:// (ce qui y passe est chiffré de toute façon)",
    ),
    "form.network": ("networks, address/bits", "des réseaux, adresse/bits"),
    "form.cap_sender": (
        "a name that is unique in the world, without spaces, commas, < or &",
        "un nom unique au monde, sans espaces, virgules, < ni &",
    ),
    "form.cap_addresses": (
        "at least one address, without quotes, < or &",
        "au moins une adresse, sans guillemets, < ni &",
    ),
    "url_in_clear": (
        "must begin with https:// unless it is this machine",
        "doit commencer par https://, sauf pour cette machine",
    ),
    "cert_without_key": (
        "and key_file belong together; give both or none",
        "et key_file vont ensemble ; donnez les deux ou aucun",
    ),
    "help.key.signing": (
        "print what receivers check signatures with",
        "afficher ce qui sert aux destinataires à vérifier les signatures",
    ),
    "help.events": (
        "what this gateway tells, as documents for programs",
        "ce que dit cette passerelle, en documents pour programmes",
    ),
    "help.events.schema": (
        "print JSON Schema of the events",
        "afficher le JSON Schema des événements",
    ),
    "help.events.asyncapi": (
        "print AsyncAPI of the MQTT topics",
        "afficher l'AsyncAPI des sujets MQTT",
    ),
    "check.reachable_until": (
        "{name} answers at {host}, port {port}; its certificate ends on {day}",
        "{name} répond à {host}, port {port} ; son certificat expire le {day}",
    ),
    "check.ends_soon": (
        "{name} answers at {host}:{port}, but its certificate ends on {day}; have it renewed",
        "{name} répond sur {host}:{port}, mais son certificat expire le {day} ; faites-le renouveler",
    ),
    "why.no_answer": ("no answer", "pas de réponse"),
    "why.name_unknown": ("nobody knows that name", "nom inconnu"),
    "why.connection_refused": ("connection refused", "connexion refusée"),
    "why.connection_lost": ("connection lost", "connexion perdue"),
    "why.tls": ("no TLS, or none that both speak", "pas de TLS, ou pas le même"),
    "why.certificate": ("certificate not valid", "certificat non valable"),
    "why.certificate_expired": ("certificate expired", "certificat expiré"),
    "why.certificate_not_yet_valid": ("certificate not valid yet", "certificat pas encore valable"),
    "why.certificate_unknown_ca": (
        "certificate of an unknown authority",
        "certificat d'une autorité inconnue",
    ),
    "why.certificate_wrong_name": (
        "certificate of another name",
        "certificat d'un autre nom",
    ),
    "why.password_refused": ("password refused", "mot de passe refusé"),
    "why.password_file": ("password_file cannot be read", "password_file illisible"),
    "why.key_file": ("key_file cannot be read", "key_file illisible"),
    "why.ca_file": ("ca_file cannot be read", "ca_file illisible"),
    "why.cert_file": ("cert_file or key_file cannot be read", "cert_file ou key_file illisible"),
    "why.private_network": (
        "a private network that `networks` does not name",
        "un réseau privé que `networks` ne nomme pas",
    ),
    "why.proxy": ("the proxy refuses", "le proxy refuse"),
    "why.not_http": ("what answers speaks no HTTP", "ce qui répond ne parle pas HTTP"),
    "why.not_smtp": ("what answers speaks no SMTP", "ce qui répond ne parle pas SMTP"),
    "why.sender_refused": ("the server refuses the sender", "le serveur refuse l'expéditeur"),
    "why.not_taken": ("the server refuses", "le serveur refuse"),
    "why.not_offered": (
        "the server offers no STARTTLS, or no login: nothing is said to it",
        "le serveur n'offre ni STARTTLS ni identification : rien ne lui est dit",
    ),
    "why.nak": ("the centre does not know this account", "le centre ne connaît pas ce compte"),
    "why.duh": ("the centre does not understand", "le centre ne comprend pas"),
    "why.garbage": ("what answers speaks no DC-09", "ce qui répond ne parle pas DC-09"),
    "why.crc": ("a damaged answer", "une réponse abîmée"),
    "why.in_clear": (
        "the centre answers in clear, this key_file asks for AES",
        "le centre répond en clair, key_file demande AES",
    ),
    "why.wrong_key_or_old": (
        "the centre has another key, or answered an old message",
        "le centre a une autre clé, ou répond à un ancien message",
    ),
    "cap.kind.panic": ("Call for help", "Appel à l'aide"),
    "cap.kind.hold_up": ("Silent call for help", "Appel à l'aide silencieux"),
    "cap.kind.medical": ("Medical emergency", "Urgence médicale"),
    "cap.kind.emergency": ("Emergency call", "Appel d'urgence"),
    "cap.kind.tamper": ("Tampering", "Sabotage"),
    "cap.kind.visit": ("Visit without news", "Visite sans nouvelles"),
    "cap.kind.cancel": (
        "Cancel of an alert that was not heard",
        "Annulation d'une alerte non reçue",
    ),
    "cap.kind.test": ("Test", "Essai"),
    "cap.kind.other": ("Alert", "Alerte"),
    "cap.news.raised": ("Alert", "Alerte"),
    "cap.news.updated": ("Alert goes on", "L'alerte continue"),
    "cap.news.verified": ("Alert confirmed as recent", "Alerte confirmée comme récente"),
    "cap.news.escalated": ("Nobody has answered yet", "Personne n'a encore répondu"),
    "cap.news.repeated": ("Still nobody has answered", "Toujours personne n'a répondu"),
    "cap.news.nobody_told": ("Nobody could be told", "Personne n'a pu être prévenu"),
    "cap.news.cancelled": ("Wearer took it back", "La personne a annulé"),
    "cap.news.cancel_unverified": (
        "Perhaps taken back: please check",
        "Peut-être annulée : à vérifier",
    ),
    "cap.news.acknowledged": ("Somebody takes care", "Prise en charge"),
    "cap.news.closed": ("Ended", "Terminée"),
    "cap.headline": ("{news}: {kind}, {place}", "{news} : {kind}, {place}"),
    "cap.device": ("Device {label} ({device}).", "Appareil {label} ({device})."),
    "cap.duress": ("Raised under duress.", "Déclenchée sous la contrainte."),
    "cap.silent": (
        "Silent: do not call back at the place.",
        "Silencieuse : ne pas rappeler sur place.",
    ),
    "cap.cancelled": (
        "The wearer took it back; it stays open until a person ends it.",
        "La personne a annulé ; l'alerte reste ouverte jusqu'à sa clôture.",
    ),
    "cap.cancel_unverified": (
        "A cancel came that may be an old one.",
        "Une annulation est arrivée, peut-être ancienne.",
    ),
}
