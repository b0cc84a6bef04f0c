"""What is said during a commission, and what its record says."""

WORDS = {
    "walk.go": (
        "{place}: go there with {device} in test mode (order walk-test from the gateway, or its hand).",
        "{place} : allez-y avec {device} en mode essai (ordre walk-test de la passerelle, ou à la main).",
    ),
    "walk.press": (
        "Press it {times} times, shortly, each time when the answer to the last has been felt.",
        "Appuyez {times} fois, brièvement, chaque fois quand la réponse précédente a été sentie.",
    ),
    "walk.ready": ("Enter when done", "Entrée quand c'est fait"),
    "walk.felt": (
        "How many times was the answer felt?",
        "Combien de fois la réponse a été sentie ?",
    ),
    "walk.result": (
        "{place}: {verdict}; {heard} of {pressed} heard, {felt} felt; {rssi}",
        "{place} : {verdict} ; {heard} entendus sur {pressed}, {felt} sentis ; {rssi}",
    ),
    "press.go": (
        "{device}, {place}: in test mode, press it once.",
        "{device}, {place} : en mode essai, appuyez une fois.",
    ),
    "press.felt": ("Was the answer felt or seen?", "La réponse a-t-elle été sentie ou vue ?"),
    "press.result": ("{device}: {result}", "{device} : {result}"),
    "escalate.go": (
        "Tell everybody that it is a test, then raise an alert with {device}; a person has {seconds} s.",
        "Prévenez que c'est un essai, puis donnez l'alerte avec {device} ; une personne a {seconds} s.",
    ),
    "escalate.none": ("No alert was heard.", "Aucune alerte n'a été entendue."),
    "escalate.done": (
        "{by} took it after {taken} s, and the wearer felt so.",
        "{by} l'a prise après {taken} s, et le porteur l'a senti.",
    ),
    "escalate.felt": (
        "A person took it. Were three long vibrations felt, or is the lamp steady?",
        "Une personne l'a prise. Trois vibrations longues senties, ou voyant fixe ?",
    ),
    "escalate.open": (
        "Heard, and not yet taken by a person and felt by the wearer: repeat it.",
        "Entendue, mais pas encore prise par une personne et sentie par le porteur : recommencez.",
    ),
    "commission.lacking": (
        "{count} things are missing or not good; put them right, or accept them with --reservation TEXT",
        "{count} points manquent ou ne vont pas ; corrigez, ou acceptez-les par --reservation TEXTE",
    ),
    "commission.nothing_lacks": ("Nothing is missing.", "Rien ne manque."),
    "commission.signed": (
        "{json} and {pdf} are written; check them with: tocsin verify {json} --key FILE",
        "{json} et {pdf} sont écrits ; vérifiez : tocsin verify {json} --key FICHIER",
    ),
    "commission.no_gateway": (
        "The gateway's command line failed: {why}. See --gateway and --config.",
        "La commande de la passerelle a échoué : {why}. Voyez --gateway et --config.",
    ),
    "commission.broken": (
        "{path} is no progress of a commission; move it away",
        "{path} n'est pas l'avancement d'une mise en service ; déplacez-le",
    ),
    "commission.unknown_device": (
        "{device} is no button or box of the plan",
        "{device} n'est ni un bouton ni une borne du plan",
    ),
    "commission.unwritable": ("{path} cannot be written ({why})", "{path} : non écrit ({why})"),
    "lack.not_walked": ("{subject}: not walked", "{subject} : pas parcouru"),
    "lack.room_weak": ("{subject}: weak coverage", "{subject} : couverture faible"),
    "lack.room_none": ("{subject}: no coverage", "{subject} : pas de couverture"),
    "lack.not_pressed": ("{subject}: not pressed", "{subject} : pas essayé"),
    "lack.not_answered": ("{subject}: no answer", "{subject} : sans réponse"),
    "lack.no_escalation": (
        "no alert was taken by a person and felt so by the wearer",
        "aucune alerte n'a été prise par une personne et sentie ainsi par le porteur",
    ),
    "coverage.place": ("place", "lieu"),
    "coverage.verdict": ("coverage", "couverture"),
    "coverage.pressed": ("pressed", "appuis"),
    "coverage.heard": ("heard", "entendus"),
    "coverage.felt": ("felt", "sentis"),
    "coverage.ble": ("BLE, dBm", "BLE, dBm"),
    "coverage.lora": ("LoRa, dBm", "LoRa, dBm"),
    "verdict.good": ("good", "bonne"),
    "verdict.weak": ("weak", "faible"),
    "verdict.none": ("none", "nulle"),
    "record.title": ("Commission of {site}", "Mise en service : {site}"),
    "record.made": ("{day}, for {organisation}", "{day}, pour {organisation}"),
    "record.id": ("Record {id}", "Procès-verbal {id}"),
    "record.result": ("Result", "Résultat"),
    "record.complete": (
        "Every room is covered, every device answered, a person took the alert.",
        "Chaque lieu est couvert, chaque appareil a répondu, une personne a pris l'alerte.",
    ),
    "record.reservation": ("Accepted with reservation: {text}", "Accepté avec réserve : {text}"),
    "record.coverage": ("Coverage, by room", "Couverture, par lieu"),
    "record.legend": (
        "Bar: median signal; line: weak below {ble} dBm (BLE), {lora} dBm (LoRa). Felt / pressed.",
        "Barre : signal médian ; trait : faible sous {ble} (BLE), {lora} dBm (LoRa). Sentis / appuis.",
    ),
    "floors.unreadable": (
        "The floor plans {path} cannot be read: {why}",
        "Les plans d'étage {path} sont illisibles : {why}",
    ),
    "floors.no_floor": (
        "Floor plans are [[floor]] tables and nothing else: title, picture, [floor.places]",
        "Les plans d'étage sont des tables [[floor]] et rien d'autre : title, picture, [floor.places]",
    ),
    "floors.fields": (
        "floor {title}: it has title and picture as text, and [floor.places]",
        "étage {title} : il lui faut title et picture en texte, et [floor.places]",
    ),
    "floors.picture": (
        "floor {title}: {picture} is no PNG or JPEG that can be read: {why}",
        "étage {title} : {picture} n'est ni un PNG ni un JPEG lisible : {why}",
    ),
    "floors.too_large": ("more than {most} megapixels", "plus de {most} mégapixels"),
    "floors.position": (
        "floor {title}, {place}: [x, y] are whole pixels, x below {width}, y below {height}",
        "étage {title}, {place} : [x, y] en pixels entiers, x sous {width}, y sous {height}",
    ),
    "floors.unknown_place": (
        "{place}: no device of the plan is there{near}",
        "{place} : aucun appareil du plan ne s'y trouve{near}",
    ),
    "floors.twice": ("{place}: it is on two floors", "{place} : présent sur deux étages"),
    "floors.title": ("Coverage of {site}", "Couverture : {site}"),
    "floors.legend": (
        "Disc: good; half disc: weak; cross: none; ring: not walked. Felt / pressed, median signal.",
        "Disque : bonne ; demi-disque : faible ; croix : nulle ; anneau : non parcouru. Sentis / appuis.",
    ),
    "floors.not_shown": (
        "Walked, and on no floor plan: {places}",
        "Parcourus, mais sur aucun plan d'étage : {places}",
    ),
    "floors.drawn": ("{path} is written", "{path} est écrit"),
    "record.devices": ("Devices, each pressed once", "Appareils, chacun essayé une fois"),
    "record.works": ("answered", "a répondu"),
    "record.works_not": ("NOT ANSWERED", "SANS RÉPONSE"),
    "record.bench_trip": (
        "at provisioning heard at {up} dBm, hears at {down} dBm",
        "à la préparation entendu à {up} dBm, entend à {down} dBm",
    ),
    "record.bench_without_trip": (
        "NO radio round trip at provisioning",
        "PAS d'aller-retour radio à la préparation",
    ),
    "record.bench_unknown": (
        "no record of provisioning on this laptop",
        "pas de procès-verbal de préparation sur ce portable",
    ),
    "record.escalation": ("Escalation to a person", "Escalade jusqu'à une personne"),
    "record.alert": ("Alert of {device}, {kind}, {id}", "Alerte de {device}, {kind}, {id}"),
    "record.delivered": ("{target}: after {seconds} s", "{target} : après {seconds} s"),
    "record.taken": ("Taken by {by} after {seconds} s", "Prise par {by} après {seconds} s"),
    "record.felt": (
        "The wearer felt that somebody is coming",
        "Le porteur a senti que quelqu'un arrive",
    ),
    "record.known": (
        "The button told so after {seconds} s",
        "Le bouton l'a confirmé après {seconds} s",
    ),
    "record.signatures": ("Signatures", "Signatures"),
    "record.installer": ("Installer: {name}", "Installateur : {name}"),
    "record.accepted": ("Accepted by: {name}", "Accepté par : {name}"),
    "record.how_signed": (
        "The JSON file of this record has the SHA-256 of this paper and the organisation's signature.",
        "Le fichier JSON de ce procès-verbal a le SHA-256 de ce papier et la signature de l'organisation.",
    ),
}
