"""Sentences about the plan, its schedules and the annunciator."""

WORDS = {
    "type.texts": ("a list of texts in quotes", "une liste de textes entre guillemets"),
    "not_some_of": ("must be one or more of: {known}", "doit être un ou plusieurs de : {known}"),
    "form.hours": ("hours, from-to", "des heures, début-fin"),
    "form.days": (
        "days or ranges of days (mon tue wed thu fri sat sun holidays), with commas between",
        "des jours ou plages de jours (mon tue wed thu fri sat sun holidays), séparés par des virgules",
    ),
    "form.zone": (
        "a time zone this system knows (Debian: apt install tzdata)",
        "un fuseau horaire connu du système (Debian : apt install tzdata)",
    ),
    "repeat_too_often": (
        "must be 0 (never) or at least 30 seconds",
        "doit être 0 (jamais) ou au moins 30 secondes",
    ),
    "check.topic.plan": ("plan", "plan"),
    "check.topic.annunciator": ("annunciator", "signalisation"),
    "check.topic.site": ("site", "site"),
    "check.plan_holds": (
        "somebody is told at every hour of the year to come",
        "quelqu'un est prévenu à toute heure de l'année à venir",
    ),
    "check.plan_hole": (
        "from {begin} to {end} no step tells of {kinds}, so everybody is told at once; add a step",
        "du {begin} au {end} aucune étape pour {kinds}, donc tous sont prévenus ; ajoutez une étape",
    ),
    "check.plan_leaves_out": (
        "no step ever tells {name}; name it in a step, or take it out of the file",
        "aucune étape ne prévient {name} ; nommez-le dans une étape, ou retirez-le du fichier",
    ),
    "check.pins": ("{names}", "{names}"),
    "check.pins_virtual": (
        '{names}: virtual pins, so nothing lights or sounds; set pins = "gpio"',
        '{names} : broches virtuelles, rien ne s\'allume ni ne sonne ; mettez pins = "gpio"',
    ),
    "check.no_pins": (
        "{names}: this machine has no GPIO pins (/dev/gpiochip*); use a Raspberry Pi",
        "{names} : cette machine n'a pas de broches GPIO (/dev/gpiochip*) ; prenez un Raspberry Pi",
    ),
    "check.shares": (
        "incidents are shared over {broker}, as the gateway with mark {mark}",
        "incidents partagés par {broker}, en tant que passerelle de marque {mark}",
    ),
    "check.no_peers": (
        "whoever may publish to {broker} is believed; list the other gateways: [[site.peer]]",
        "qui peut publier sur {broker} est cru ; citez les autres passerelles : [[site.peer]]",
    ),
    "check.alone": (
        "this gateway stands alone; where there are several, name their broker in site.broker",
        "passerelle seule ; s'il y en a plusieurs, nommez leur courtier dans site.broker",
    ),
}
