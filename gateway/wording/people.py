"""What people are told by e-mail and the like, and on the page where they acknowledge."""

WORDS = {
    "form.hex": (
        "3 to 16 hexadecimal digits, as the centre gives them",
        "3 à 16 chiffres hexadécimaux, donnés par le centre",
    ),
    "form.public_key": (
        "an Ed25519 public key, 43 characters, as `tocsin operator new` prints it",
        "une clé publique Ed25519, 43 caractères, telle que `tocsin operator new` l'affiche",
    ),
    "taken_key": ("two of them have the same key", "deux d'entre eux ont la même clé"),
    "form.mail_address": ("an e-mail address", "une adresse e-mail"),
    "form.recipients": ("1 to 32 e-mail addresses", "1 à 32 adresses e-mail"),
    "form.ack_base_url": ("a URL with https", "une URL en https"),
    "password_in_clear": (
        "a password is not sent in clear; set security to starttls or tls",
        "un mot de passe ne s'envoie pas en clair ; mettez security à starttls ou tls",
    ),
    "letter.alert": ("ALERT: {kind}, {place}", "ALERTE : {kind}, {place}"),
    "letter.acknowledged": ("Acknowledged: {kind}, {place}", "Prise en charge : {kind}, {place}"),
    "letter.closed": ("Closed: {kind}, {place}", "Close : {kind}, {place}"),
    "letter.cancelled": (
        "Cancelled by the wearer: {kind}, {place}",
        "Annulée par le porteur : {kind}, {place}",
    ),
    "letter.missing": (
        "No longer heard: {device}, {place}",
        "N'est plus entendu : {device}, {place}",
    ),
    "letter.restored": ("Heard again: {device}, {place}", "De nouveau entendu : {device}, {place}"),
    "letter.test": ("TEST, no alert", "ESSAI, pas d'alerte"),
    "letter.site": ("Site: {site}", "Site : {site}"),
    "letter.at": ("Time: {at} UTC", "Heure : {at} UTC"),
    "letter.device": ("Device: {device}", "Appareil : {device}"),
    "letter.label": ("Who: {label}", "Qui : {label}"),
    "letter.silent": (
        "This alert is silent: do not call the person.",
        "Alerte silencieuse : n'appelez pas la personne.",
    ),
    "letter.link": (
        "To take this alert, open this link and press the button:",
        "Pour prendre cette alerte en charge, ouvrez ce lien et appuyez sur le bouton :",
    ),
    "letter.kind.panic": ("panic", "panique"),
    "letter.kind.hold_up": ("hold-up", "braquage"),
    "letter.kind.medical": ("medical", "médicale"),
    "letter.kind.emergency": ("emergency", "urgence"),
    "letter.kind.tamper": ("tamper", "sabotage"),
    "letter.kind.visit": ("visit", "visite"),
    "letter.kind.cancel": ("cancel", "annulation"),
    "page.ask": ("Take this alert?", "Prendre cette alerte en charge ?"),
    "page.eta": (
        "Help arrives in how many minutes (may stay empty)",
        "Arrivée des secours, en minutes (facultatif)",
    ),
    "page.button": ("I take it", "Je la prends"),
    "page.done": (
        "Taken. The wearer is told that help is coming.",
        "C'est noté. Le porteur sait que l'aide arrive.",
    ),
    "page.forged": ("This link is not valid.", "Ce lien n'est pas valable."),
    "page.expired": ("This link has expired.", "Ce lien a expiré."),
    "page.used": ("This link was used already.", "Ce lien a déjà servi."),
    "page.again": (
        "The wearer has pressed again since. A newer letter has a newer link.",
        "Nouvel appel depuis. Une lettre plus récente contient un nouveau lien.",
    ),
    "page.failed": (
        "That did not work; acknowledge in another way.",
        "Cela n'a pas marché ; prenez l'alerte en charge autrement.",
    ),
    "page.over": ("This alert is closed already.", "Cette alerte est déjà close."),
}
