"""What is said about the self-test: the battery, the radio head on the table, the radio."""

WORDS: dict[str, tuple[str, str]] = {
    "board.battery_absent": (
        "The battery reads {mv} mV: absent, reversed, or not the divider of the board's map. Put one in.",
        "La pile donne {mv} mV : absente, à l'envers, ou autre diviseur que prévu. En mettre une.",
    ),
    "board.battery_flat": (
        "The battery reads {mv} mV, too little for {chemistry}: put in a good one, or the plan right.",
        "La pile donne {mv} mV, trop peu pour {chemistry} : en mettre une bonne, ou corriger le plan.",
    ),
    "board.battery_too_high": (
        "The battery reads {mv} mV, {chemistry} has at most {most}: put battery, plan or divider right.",
        "La pile donne {mv} mV, {chemistry} au plus {most} : corriger la pile, le plan ou le diviseur.",
    ),
    "board.head_not_one": (
        "{pattern} means {count} ports, not one: name the radio head's with --head.",
        "{pattern} désigne {count} ports au lieu d'un : nommer celui de la tête radio par --head.",
    ),
    "board.head_is_board": (
        "{port} is given for the board and for the radio head: they are two.",
        "{port} est donné pour la carte et pour la tête radio : il en faut deux.",
    ),
    "board.head_closed": (
        "The port {port} of the radio head does not open: plugged in? In use by a gateway?",
        "Le port {port} de la tête radio ne s'ouvre pas : branchée ? Prise par une passerelle ?",
    ),
    "board.head_silent": (
        "No radio head of this version answers at {port}: name its port, or provision it anew.",
        "Aucune tête radio de cette version sur {port} : nommer son port, ou la refaire.",
    ),
    "board.head_without_ble": (
        "The radio head at {port} has no BLE: take another one.",
        "La tête radio sur {port} n'a pas de BLE : en prendre une autre.",
    ),
    "board.head_lost": (
        "The radio head at {port} is gone. Plug it in and run this again.",
        "La tête radio sur {port} a disparu. La brancher et relancer.",
    ),
    "board.radio_silent": (
        "Board and head {head} do not hear each other: within a metre? Antennas? The right head?",
        "Carte et tête {head} ne s'entendent pas : à moins d'un mètre ? Antennes ? La bonne tête ?",
    ),
    "board.radio_mute": (
        "The head {head} does not hear the board, but is heard: see the antenna, or take another board.",
        "La tête {head} n'entend pas la carte, qui l'entend : voir l'antenne, ou prendre une autre carte.",
    ),
    "board.radio_deaf": (
        "The board does not hear the head {head}, but is heard: see the antenna, or take another board.",
        "La carte n'entend pas la tête {head}, qui l'entend : voir l'antenne, ou prendre une autre carte.",
    ),
    "board.radio_weak": (
        "Radio weak: heard at {up} dBm, hears {head} at {down}, limit {limit}. Nearer? Antennas?",
        "Radio faible : entendue à {up} dBm, entend {head} à {down}, limite {limit}. Distance ? Antennes ?",
    ),
    "board.no_round_trip": (
        "(no radio round trip: --head was not given)",
        "(sans aller-retour radio : --head n'est pas donné)",
    ),
}
