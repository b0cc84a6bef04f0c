"""What stands on labels and cards."""

WORDS = {
    "label.check": ("check {digits}", "contrôle {digits}"),
    "role.panic_button": ("panic button", "bouton d'alerte"),
    "role.call_box": ("call box", "borne d'appel"),
    "role.radio_head": ("radio head", "tête radio"),
    "card.title": ("Your panic button", "Votre bouton d'alerte"),
    "card.presses": ("What you press", "Vos gestes"),
    "card.feels": ("What you feel", "Ce que vous sentez"),
    "card.feels_and_sees": ("What you feel, and see", "Ce que vous sentez et voyez"),
    "card.main": ("main: ", "principal : "),
    "card.second": ("second: ", "second : "),
    "card.short": ("{contact}one press", "{contact}un appui"),
    "card.double": ("{contact}two presses", "{contact}deux appuis"),
    "card.triple": ("{contact}three presses", "{contact}trois appuis"),
    "card.hold": ("{contact}hold {hold}", "{contact}tenir {hold}"),
    "card.long": ("{contact}hold {cancel}", "{contact}tenir {cancel}"),
    "card.does.q": ("asks: am I covered here?", "demande : ce lieu est-il couvert ?"),
    "card.does.p": ("calls for help", "appelle à l'aide"),
    "card.does.h": ("calls for help, in silence", "appelle à l'aide en silence"),
    "card.does.m": ("calls for medical help", "appelle une aide médicale"),
    "card.does.c": ("withdraws the call", "annule l'appel"),
    "card.does.v": (
        "begins a visit of {min} min, or extends it",
        "commence ou prolonge une visite de {min} min",
    ),
    "card.does.e": ("ends the visit", "termine la visite"),
    "card.trust": (
        "Until a person is coming the button goes on by itself. No vibration at all: press again.",
        "Tant que personne n'arrive, le bouton continue seul. Aucune vibration : recommencez.",
    ),
    "paper.labels": (
        "{path}: {count} labels on {pages} pages",
        "{path} : {count} étiquettes sur {pages} pages",
    ),
    "paper.cards": ("{path}: {count} cards", "{path} : {count} cartes"),
    "paper.no_button": ("no panic button in this plan", "aucun bouton d'alerte dans ce plan"),
}
