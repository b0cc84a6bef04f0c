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
    "check.bluez.adapter": (
        "{name} by {adapter} ({address}), answers on air at once: {count}",
        "{name} par {adapter} ({address}), réponses émises en même temps : {count}",
    ),
    "check.bluez.powered_off": (
        "{name}: {adapter} is switched off; the gateway switches it on",
        "{name} : {adapter} est éteint ; la passerelle l'allume",
    ),
    "check.bluez.rfkill": (
        "{name}: {adapter} is blocked; rfkill unblock bluetooth, or its switch",
        "{name} : {adapter} est bloqué ; rfkill unblock bluetooth, ou son interrupteur",
    ),
    "check.bluez.no_passive": (
        (
            "{name}: BlueZ offers no passive scan, so nothing is heard for 5 of every 15 s; start"
            " bluetoothd with --experimental (systemctl edit bluetooth)"
        ),
        (
            "{name} : BlueZ n'offre pas d'écoute passive, donc rien n'est entendu 5 s sur 15 ; lancez"
            " bluetoothd avec --experimental (systemctl edit bluetooth)"
        ),
    ),
    "check.bluez.no_adverts": (
        (
            "{name}: {adapter} cannot send, so no wearer would feel an answer; use another adapter or a"
            " radio head"
        ),
        (
            "{name} : {adapter} ne peut émettre, donc aucune réponse ne serait ressentie ; prenez un autre"
            " adaptateur ou une tête radio"
        ),
    ),
    "check.bluez.no_dbus": (
        "{name}: D-Bus does not run; apt install dbus, then restart this machine",
        "{name} : D-Bus n'est pas en marche ; apt install dbus, puis redémarrez la machine",
    ),
    "check.bluez.no_bluez": (
        "{name}: bluetoothd does not run; apt install bluez, then systemctl enable --now bluetooth",
        (
            "{name} : bluetoothd n'est pas en marche ; apt install bluez, puis"
            " systemctl enable --now bluetooth"
        ),
    ),
    "check.bluez.no_permission": (
        "{name}: this user may not talk to BlueZ; add it to the group bluetooth",
        "{name} : cet utilisateur n'a pas accès à BlueZ ; ajoutez-le au groupe bluetooth",
    ),
    "check.bluez.no_adapter": (
        "{name}: there is no adapter {adapter}; plug it in, or correct radio.adapter (bluetoothctl list)",
        (
            "{name} : pas d'adaptateur {adapter} ; branchez-le ou corrigez radio.adapter"
            " (bluetoothctl list)"
        ),
    ),
    "check.bluez.hung": (
        "{name}: bluetoothd does not answer; systemctl restart bluetooth",
        "{name} : bluetoothd ne répond pas ; systemctl restart bluetooth",
    ),
    "check.bluez.refused": (
        "{name}: BlueZ refuses {adapter} ({why}); journalctl -u bluetooth may say why",
        "{name} : BlueZ refuse {adapter} ({why}) ; journalctl -u bluetooth peut en dire la raison",
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
