"""What the demo says, in English and French."""

import os

_TEXTS = {
    "stage": ("stage", "étape"),
    "apart": (
        (
            "Every ms counts from the moment the gesture is complete: {recognition:.0f} ms after the touch."
            " A button that slept wakes meanwhile (modelled: {wake:.0f} ms)."
        ),
        (
            "Chaque ms compte dès que le geste est complet : {recognition:.0f} ms après le contact."
            " Un bouton endormi se réveille pendant ce temps (modèle : {wake:.0f} ms)."
        ),
    ),
    "totals": (
        (
            "{presses} presses, {lost} lost, {duplicated} duplicated; gateway {gateway_resident_mb} MB;"
            " MicroPython {micropython}; {seconds} s"
        ),
        (
            "{presses} appuis, {lost} perdus, {duplicated} doublés ; passerelle {gateway_resident_mb} Mo ;"
            " MicroPython {micropython} ; {seconds} s"
        ),
    ),
    "title": (
        "Tocsin: one press, to a person and back",
        "Tocsin : un appui, vers quelqu'un et retour",
    ),
    "wearer": ("wearer", "porteur"),
    "kind": ("kind", "type"),
    "on_air": ("on air", "émis"),
    "received": ("received", "reçu"),
    "stored": ("stored", "enregistré"),
    "felt_stored": ("felt: received", "ressenti : reçu"),
    "delivered": ("delivered", "transmis"),
    "acknowledged": ("operator", "opérateur"),
    "felt_acknowledged": ("felt: help is coming", "ressenti : on arrive"),
    "panic": ("panic", "panique"),
    "hold_up": ("hold-up, silent", "braquage, silencieux"),
    "cancel": ("cancel", "annulation"),
    "emergency": ("call box", "borne d'appel"),
    "feels": ("the wearer feels, the box shows", "le porteur ressent, la borne montre"),
    "felt_sent": ("a tick: your alert is on air", "un tic : votre alerte est émise"),
    "felt_received": ("two short: a gateway has it", "deux courts : une passerelle l'a reçue"),
    "felt_help": ("three long: a person is coming", "trois longs : quelqu'un arrive"),
    "felt_not_received": (
        "six fast: nobody has heard it yet",
        "six rapides : personne ne l'a encore entendue",
    ),
    "felt_cancelled": ("one medium: cancel received", "un moyen : annulation reçue"),
    "felt_fault": (
        "two very long: this device does not work",
        "deux très longs : appareil hors service",
    ),
    "felt_identify": (
        "two slow: a gateway asks for this device",
        "deux lents : une passerelle demande cet appareil",
    ),
    "felt_stored_only": (
        "one medium, two ticks: stored, but nobody is told yet",
        "un moyen, deux tics : enregistrée, mais personne n'est averti",
    ),
    "felt_visit": (
        "one medium, a tick: your visit is supervised",
        "un moyen, un tic : votre visite est surveillée",
    ),
    "felt_reminder": (
        "one long, three ticks: your visit is about to end",
        "un long, trois tics : votre visite va se terminer",
    ),
    "felt_overdue": (
        "one long, six ticks: time is up, help is being called",
        "un long, six tics : temps écoulé, l'aide est appelée",
    ),
    "felt_visit_ended": (
        "slow, short: your visit has ended",
        "lent, court : votre visite est terminée",
    ),
    "felt_test_mode": (
        "slow, three short: a short press is a test now",
        "lent, trois courts : un appui court est un essai",
    ),
    "felt_low_battery": (
        "one very long: the battery is nearly empty",
        "un très long : batterie faible",
    ),
    "shown_calling": ("fast blink: the call is being sent", "clignote vite : l'appel part"),
    "shown_stored": (
        "slow blink: a gateway has the call",
        "clignote lentement : une passerelle a l'appel",
    ),
    "shown_delivered": (
        "double flash: the call was passed on",
        "double éclat : l'appel est transmis",
    ),
    "shown_help": ("steady: help is coming", "fixe : les secours arrivent"),
    "shown_testing": ("triple flash: a test call", "triple éclat : un appel d'essai"),
    "shown_walking": ("a flash in 5 s: walk test", "un éclat toutes les 5 s : essai sur place"),
    "shown_identify": (
        "flicker: a gateway asks for this box",
        "scintille : une passerelle désigne cette borne",
    ),
    "shown_broken": (
        "two long in 10 s: this box does not work",
        "deux longs toutes les 10 s : borne hors service",
    ),
    "shown_dark": ("dark", "éteinte"),
    "light_calling": ("fast blink", "clignote vite"),
    "light_stored": ("slow blink", "clignote lentement"),
    "light_delivered": ("double flash", "double éclat"),
    "light_help": ("steady", "fixe"),
    "light_testing": ("triple flash", "triple éclat"),
    "light_walking": ("a flash in 5 s", "un éclat toutes les 5 s"),
    "light_identify": ("flicker", "scintille"),
    "light_broken": ("two long in 10 s", "deux longs toutes les 10 s"),
    "light_dark": ("dark", "éteinte"),
    "siren": ("siren", "sirène"),
    "felt_covered": ("short, tick: you are covered", "court, tic : vous êtes couvert"),
    "felt_not_covered": ("four medium: not covered", "quatre moyens : pas de couverture"),
    "broker": ("broker", "broker"),
    "gateway": ("gateway", "passerelle"),
    "button": ("button", "bouton"),
    "on": ("running", "en marche"),
    "off": ("stopped", "arrêté"),
    "in_range": ("in range", "à portée"),
    "out_of_range": ("out of range", "hors de portée"),
    "keys": (
        (
            "space/p panic · h silent hold-up · c cancel · x call box · a acknowledge · s am I covered? ·"
            " 1/2 wearer · o out of range · b broker · k kill gateway · q quit"
        ),
        (
            "espace/p panique · h braquage discret · c annuler · x borne d'appel · a prendre en charge ·"
            " s couvert ? · 1/2 porteur · o hors de portée · b broker · k tuer la passerelle · q quitter"
        ),
    ),
    "no_terminal": (
        "The demo's screen needs a terminal; use --headless here.",
        "L'écran de la démonstration demande un terminal ; utilisez --headless ici.",
    ),
}
_chosen = 0


def language(name: str | None) -> None:
    """Choose "fr" or "en"; None follows LC_ALL and LANG."""
    global _chosen  # noqa: PLW0603  one language a process
    wanted = name or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    _chosen = 1 if wanted.lower().startswith("fr") else 0


def say(key: str, **values: object) -> str:
    """Return a text in the chosen language; a key without one is shown as it is."""
    texts = _TEXTS.get(key)
    return key if texts is None else texts[_chosen].format(**values)
