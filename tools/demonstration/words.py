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
    "feels": ("the wearer feels", "le porteur ressent"),
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
            "space/p panic · h silent hold-up · c cancel · a acknowledge · s am I covered? · 1/2 wearer ·"
            " o out of range · b broker · k kill gateway · q quit"
        ),
        (
            "espace/p panique · h braquage discret · c annuler · a prendre en charge · s couvert ? ·"
            " 1/2 porteur · o hors de portée · b broker · k tuer la passerelle · q quitter"
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
