"""What fuses are, before anybody burns one."""

WORDS = {
    "fuses.for_good": (
        (
            "A fuse is burned for good: no reset, no tool and no money takes it back. Nothing "
            "is burned unless you ask for it by name and type a confirmation. Provision and "
            "test the board first."
        ),
        (
            "Un fusible se grille pour toujours : ni remise à zéro, ni outil, ni argent n'y "
            "changent rien. Rien n'est grillé sans votre demande et une confirmation tapée. "
            "Provisionnez et testez d'abord."
        ),
    ),
    "fuses.jtag": (
        (
            "jtag: no debugger can attach any more, by pins or USB. It does not keep anybody "
            "from reading the flash through the loader, and so the key."
        ),
        (
            "jtag : plus aucun débogueur, ni par broches ni par USB. Cela n'empêche pas de "
            "lire la mémoire, donc la clé, par le chargeur."
        ),
    ),
    "fuses.secure-download": (
        (
            "secure-download: the loader writes flash and reads none. The board can be "
            "flashed again, without reading back (esptool --no-stub). Fuses cannot be read by "
            "wire any more, this one neither."
        ),
        (
            "secure-download : le chargeur écrit la mémoire et n'en lit rien. La carte se "
            "flashe encore, sans relecture (esptool --no-stub). Les fusibles ne se lisent "
            "plus par câble, celui-ci non plus."
        ),
    ),
    "fuses.no-download": (
        (
            "no-download: the loader is gone. A board whose program does not start any more "
            "is waste, and an update goes by the console of the maintenance pin only."
        ),
        (
            "no-download : plus de chargeur. Une carte dont le programme ne démarre plus est "
            "perdue, et une mise à jour ne passe que par la console de la broche de "
            "maintenance."
        ),
    ),
    "fuses.encryption": (
        (
            "encryption: REFUSED. A stock MicroPython image is not built for flash "
            "encryption: the chip would never start again. A build of your own (ESP-IDF, "
            "CONFIG_SECURE_FLASH_ENC_ENABLED, NVS encryption, partitions marked encrypted) "
            "would keep a key from who unsolders the flash."
        ),
        (
            "encryption : REFUSÉ. L'image MicroPython officielle n'est pas faite pour le "
            "chiffrement : la puce ne démarrerait plus. Votre propre image (ESP-IDF, "
            "CONFIG_SECURE_FLASH_ENC_ENABLED, NVS chiffrée, partitions marquées) protégerait "
            "la clé de qui dessoude la mémoire."
        ),
    ),
    "fuses.secure-boot": (
        (
            "secure-boot: REFUSED. A stock MicroPython image carries no signature of yours: "
            "the chip would never start again. A signed build of your own "
            "(CONFIG_SECURE_BOOT, its key kept offline) would run your programs only."
        ),
        (
            "secure-boot : REFUSÉ. L'image MicroPython officielle n'a pas votre signature : "
            "la puce ne démarrerait plus. Votre propre image signée (CONFIG_SECURE_BOOT, clé "
            "gardée hors ligne) n'exécuterait que vos programmes."
        ),
    ),
    "fuses.no_protection": (
        (
            "None of these keeps the key from who unsolders the flash or has the board in "
            "maintenance: report a stolen board and give new keys (tocsin keys revoke)."
        ),
        (
            "Aucun ne protège la clé de qui dessoude la mémoire ou met la carte en "
            "maintenance : signalez une carte volée (tocsin keys revoke)."
        ),
    ),
    "fuses.board": (
        "{chip}, MAC {mac}; not burned yet: {fuses}",
        "{chip}, MAC {mac} ; intacts : {fuses}",
    ),
    "fuses.already": (
        "{option} is burned already",
        "{option} est déjà grillé",
    ),
    "fuses.type": (
        "To burn it for good, type: {phrase}",
        "Pour le griller à jamais, tapez : {phrase}",
    ),
    "fuses.not_typed": (
        "Not typed so: nothing was burned.",
        "Pas tapé ainsi : rien n'a été grillé.",
    ),
    "fuses.done": (
        "Burned and read back; recorded in {record}.",
        "Grillé et relu ; noté dans {record}.",
    ),
    "fuses.done_unread": (
        "Burned; espefuse cannot read it back, for it forbids that. Recorded in {record}.",
        "Grillé ; espefuse ne peut pas le relire, car il l'interdit. Noté dans {record}.",
    ),
    "fuses.not_burned": (
        "espefuse reported success, and {fuses} is not burned: keep this board apart",
        "espefuse annonce un succès, mais {fuses} n'est pas grillé : mettez cette carte à part",
    ),
    "fuses.failed": (
        "espefuse: {why}",
        "espefuse : {why}",
    ),
    "fuses.unrecorded": (
        "{path} cannot be written ({why}): nothing was burned",
        "{path} : écriture impossible ({why}) ; rien n'a été grillé",
    ),
}
