"""What `check` finds."""

WORDS = {
    "check.ok": ("ok", "ok"),
    "check.warning": ("warning", "attention"),
    "check.fault": ("FAULT", "DÉFAUT"),
    "check.topic.config": ("config", "config"),
    "check.topic.state": ("state", "données"),
    "check.topic.runtime": ("runtime", "exécution"),
    "check.topic.key": ("key", "clé"),
    "check.topic.database": ("database", "base"),
    "check.topic.devices": ("devices", "appareils"),
    "check.topic.radio": ("radio", "radio"),
    "check.topic.clock": ("clock", "horloge"),
    "check.topic.upstream": ("upstream", "destination"),
    "check.writable": ("{path}, {mb} MB free", "{path}, {mb} Mo libres"),
    "check.not_writable": (
        "{path} cannot be written by this user; run check as the gateway's user, or change its owner",
        (
            "{path} n'est pas accessible en écriture ; lancez check sous l'utilisateur de la passerelle,"
            " ou changez-en le propriétaire"
        ),
    ),
    "check.little_room": (
        "{path} has only {mb} MB free; make room before the gateway must",
        "{path} n'a que {mb} Mo libres ; faites de la place avant que la passerelle n'y soit forcée",
    ),
    "check.readable": (
        "{path} can be read by other users; chmod 600 {path}",
        "{path} est lisible par d'autres utilisateurs ; chmod 600 {path}",
    ),
    "check.no_database": (
        "none yet; the first start makes it",
        "pas encore ; le premier démarrage la crée",
    ),
    "check.sound": ("{path}, sound", "{path}, saine"),
    "check.damaged": (
        "{path} is damaged ({why}); the gateway sets it aside at its next start and begins a new one",
        (
            "{path} est endommagée ({why}) ; au prochain démarrage, la passerelle la met de côté"
            " et en commence une autre"
        ),
    ),
    "check.devices": ("{count} enrolled", "{count} enrôlés"),
    "check.no_devices": (
        "none is enrolled; tocsin-gateway enrol FILE",
        "aucun n'est enrôlé ; tocsin-gateway enrol FILE",
    ),
    "check.strange": (
        "sealed with another key than this gateway's: {devices}; restore its key, or enrol them again",
        (
            "scellés avec une autre clé que celle-ci : {devices} ; restaurez la clé, ou enrôlez-les"
            " de nouveau"
        ),
    ),
    "check.port": ("{name} at {port}", "{name} sur {port}"),
    "check.no_port": (
        "{name}: nothing at {port}; plug the radio head in, or correct radio.port",
        "{name} : rien sur {port} ; branchez la tête radio ou corrigez radio.port",
    ),
    "check.port_closed": (
        "{name}: {port} may not be opened by this user; add it to the group dialout",
        "{name} : {port} interdit à cet utilisateur ; ajoutez-le au groupe dialout",
    ),
    "check.ports": (
        "{name}: several match {port}, the first is used: {first}; make radio.port name one",
        "{name} : plusieurs correspondent à {port}, la première sert : {first} ; précisez radio.port",
    ),
    "check.clock": ("follows a source of time", "suit une source de temps"),
    "check.clock_believed": (
        "follows no source of time, and gateway.clock says that it is right",
        "ne suit aucune source de temps, et gateway.clock la dit juste",
    ),
    "check.clock_alone": (
        (
            "follows no source of time: after a start, alerts are unverified at first; set up NTP, or"
            ' gateway.clock = "believed" where a battery keeps it'
        ),
        (
            "ne suit aucune source de temps : après un démarrage, les alertes sont d'abord non vérifiées ;"
            ' installez NTP, ou gateway.clock = "believed" si une pile la maintient'
        ),
    ),
    "check.reachable": ("{name} answers at {host}:{port}", "{name} répond sur {host}:{port}"),
    "check.unreachable": (
        "{name} does not answer at {host}:{port} ({why}); check host, port, network and password",
        "{name} ne répond pas sur {host}:{port} ({why}) ; vérifiez hôte, port, réseau et mot de passe",
    ),
    "check.no_trust": (
        "{name} at {host}:{port} is not trusted ({why}); correct upstream.host or upstream.ca_file",
        (
            "{name} sur {host}:{port} n'est pas de confiance ({why}) ; corrigez upstream.host ou"
            " upstream.ca_file"
        ),
    ),
    "no_tls": (
        "{name} answers, but is neither encrypted nor local; set tls = true",
        "{name} répond, mais n'est ni chiffrée ni locale ; mettez tls = true",
    ),
}
