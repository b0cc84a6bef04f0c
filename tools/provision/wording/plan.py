"""What is wrong in a plan, and how to put it right."""

WORDS = {
    "plan.problem": ("line {line}, {field}: {what}", "ligne {line}, {field} : {what}"),
    "plan.problems": (
        "{file}: {count} mistakes; no board was touched",
        "{file} : {count} erreurs ; aucune carte n'a été touchée",
    ),
    "plan.good": (
        "{file}: {count} devices, no mistake",
        "{file} : {count} appareils, aucune erreur",
    ),
    "plan.unreadable": ("cannot be read ({why})", "illisible ({why})"),
    "plan.ending": (
        "a plan is a .toml or a .csv file; rename it to what it is",
        "un plan est un fichier .toml ou .csv ; donnez-lui la bonne extension",
    ),
    "plan.not_utf8": (
        "not UTF-8; save the file again as UTF-8",
        "pas de l'UTF-8 ; enregistrez de nouveau le fichier en UTF-8",
    ),
    "plan.no_device": (
        "no device; add a [[device]], or a line below the heading",
        "aucun appareil ; ajoutez un [[device]], ou une ligne sous l'en-tête",
    ),
    "plan.not_toml": (
        'not TOML; write name = "text", name = 12 or name = true',
        'pas du TOML ; écrivez nom = "texte", nom = 12 ou nom = true',
    ),
    "plan.twice": (
        "given twice in this table; keep one of them (the other is in line {other})",
        "donné deux fois dans cette table ; gardez-en un (l'autre est ligne {other})",
    ),
    "plan.unknown_table": (
        "unknown; use [plan], [defaults], [defaults.ROLE] or [[device]]{near}",
        "inconnu ; utilisez [plan], [defaults], [defaults.ROLE] ou [[device]]{near}",
    ),
    "plan.brackets": (
        "write [[device]] with two brackets for each device, the other tables with one",
        "écrivez [[device]] avec deux crochets pour chaque appareil, un seul pour les autres tables",
    ),
    "plan.outside": (
        "stands before any table; put it under [plan], [defaults] or [[device]]",
        "placé avant toute table ; mettez-le sous [plan], [defaults] ou [[device]]",
    ),
    "plan.unknown_field": (
        "unknown; remove it, or correct it to one of: {known}{near}",
        "inconnu ; retirez-le ou corrigez-le en : {known}{near}",
    ),
    "plan.near": ("; is it {near}?", " ; est-ce {near} ?"),
    "plan.surplus": (
        "more cells than the heading has; put a text that has a separator in quotes",
        "plus de cellules que l'en-tête ; mettez entre guillemets un texte avec séparateur",
    ),
    "plan.missing": ("is missing; add {example}", "manque ; ajoutez {example}"),
    "plan.taken": (
        "{id} is used in line {other} already; give each device an id of its own",
        "{id} sert déjà ligne {other} ; donnez à chaque appareil son propre id",
    ),
    "plan.bad_id": (
        "1 to 64 letters without accents, digits, points, dashes or underscores, such as button-01",
        "1 à 64 lettres sans accent, chiffres, points, tirets ou soulignés, comme button-01",
    ),
    "plan.bad_text": (
        "a text of 1 to 200 characters on one line, in quotes in a .toml file",
        "un texte de 1 à 200 caractères sur une ligne, entre guillemets dans un .toml",
    ),
    "plan.bad_flag": ("true or false", "true ou false (dans un .csv aussi oui ou non)"),
    "plan.bad_number": (
        "a whole number from {low} to {high}",
        "un nombre entier de {low} à {high}",
    ),
    "plan.bad_step": (
        "a multiple of 5 from {low} to {high}",
        "un multiple de 5 de {low} à {high}",
    ),
    "plan.not_one_of": ("one of: {known}{near}", "l'un de : {known}{near}"),
    "plan.bad_grammar": (
        "five letters for SHORT, DOUBLE, TRIPLE, HOLD, LONG, of q p h m c v e or -, such as qphpc",
        "cinq lettres pour COURT, DOUBLE, TRIPLE, TENU, LONG : q p h m c v e ou -, comme qphpc",
    ),
    "plan.no_alert": (
        "neither main nor second raises an alert; put a p, h or m into one of them",
        "ni main ni second ne donne l'alerte ; mettez un p, h ou m dans l'un d'eux",
    ),
    "plan.hold_and_cancel": (
        "cancel_ms must be more than hold_ms; raise it, or lower hold_ms",
        "cancel_ms doit dépasser hold_ms ; augmentez-le, ou diminuez hold_ms",
    ),
    "plan.no_map": (
        "this board has no pins for a {role}; take one of: {known}",
        "cette carte n'a pas de broches pour un {role} ; prenez l'une de : {known}",
    ),
    "plan.board_power": (
        "the board {board} gives {most} dBm at most; lower it",
        "la carte {board} donne {most} dBm au plus ; diminuez",
    ),
    "plan.site_text": ("the name of the site", "le nom du site"),
}
