"""What is said about boards, images and steps."""

WORDS: dict[str, tuple[str, str]] = {
    "board.step_find": ("Find the board", "Trouver la carte"),
    "board.step_flash": ("Erase it, write MicroPython", "L'effacer, écrire MicroPython"),
    "board.step_copy": ("Copy the program", "Copier le programme"),
    "board.step_identity": ("Give it its key", "Lui donner sa clé"),
    "board.step_settings": ("Write its settings", "Écrire ses réglages"),
    "board.step_read_back": ("Read all back", "Tout relire"),
    "board.step_self_test": ("PRESS THE BUTTON that asks", "APPUYER SUR LE BOUTON qui le demande"),
    "board.step_self_test_alone": ("Test battery and radio", "Tester pile et radio"),
    "board.step_start": ("Start the program", "Démarrer le programme"),
    "board.step_record": ("Write the record", "Écrire le procès-verbal"),
    "board.image_missing": (
        "The image {path} cannot be read: {why}. Give --image a file or a kit folder.",
        "L'image {path} est illisible : {why}. Donner à --image un fichier ou un dossier de kit.",
    ),
    "board.image_is_none": (
        "{path} is no image for an ESP32. Take a .bin file from micropython.org/download.",
        "{path} n'est pas une image pour ESP32. Prendre un fichier .bin de micropython.org/download.",
    ),
    "board.image_of_unknown_chip": (
        "{path} is an image for a chip that this tool does not know.",
        "{path} est une image pour une puce que cet outil ne connaît pas.",
    ),
    "board.image_cut_short": (
        "{path} ends too early: fetch it again.",
        "{path} est incomplet : le télécharger à nouveau.",
    ),
    "board.image_damaged": (
        "{path} is damaged, its checksum is wrong: fetch it again.",
        "{path} est endommagé, sa somme de contrôle est fausse : le télécharger à nouveau.",
    ),
    "board.image_without_application": (
        "{path} has no application: take the full .bin file, not the one for updates (.app-bin).",
        "{path} n'a pas d'application : prendre le fichier .bin complet, pas celui de mise à jour.",
    ),
    "board.image_without_table": (
        "{path} has no partition table: take the full .bin file, not the one for updates (.app-bin).",
        "{path} n'a pas de table de partitions : prendre le .bin complet, pas celui de mise à jour.",
    ),
    "board.image_of_other_chip": (
        "{path} is for {there}; this board has an {chip}. The right image is {image} (from {at} on).",
        "{path} est pour {there} ; cette carte a un {chip}. La bonne image est {image} (dès {at}).",
    ),
    "board.kit_without_chip": (
        "The kit {path} has no image for {chip}: add {image}.",
        "Le kit {path} n'a pas d'image pour {chip} : ajouter {image}.",
    ),
    "board.kit_without_list": (
        "The kit {path} has no usable {list}. Make it there with: sha256sum *.bin > {list}",
        "Le kit {path} n'a pas de {list} utilisable. Le créer : sha256sum *.bin > {list}",
    ),
    "board.kit_checksum": (
        "{path} is not what the kit's list says: fetch it again.",
        "{path} n'est pas ce que dit la liste du kit : le télécharger à nouveau.",
    ),
    "board.kit_whole": (
        "{count} images, all as listed.",
        "{count} images, toutes conformes à la liste.",
    ),
    "board.chip_unknown": (
        "This board has a chip that the firmware does not run on: {chip}.",
        "Cette carte a une puce que le logiciel ne connaît pas : {chip}.",
    ),
    "board.flash_too_small": (
        "{path} needs {needs} MB of flash, this board has {flash}. Take an image for its size.",
        "{path} demande {needs} Mo de mémoire, cette carte en a {flash}. Prendre l'image à sa taille.",
    ),
    "board.flash_unknown": (
        "The flash of the board at {port} does not answer. Unplug it, plug it in, run this again.",
        "La mémoire de la carte sur {port} ne répond pas. Débrancher, rebrancher, relancer.",
    ),
    "board.esptool_failed": (
        "The board at {port} did not go along: {why}. Check the cable and run this again.",
        "La carte sur {port} n'a pas suivi : {why}. Vérifier le câble et relancer.",
    ),
    "board.port_closed": (
        "{port} cannot be opened. Plug the board in and run this again.",
        "{port} ne s'ouvre pas. Brancher la carte et relancer.",
    ),
    "board.console_lost": (
        "The board at {port} is gone. Plug it in and run this again.",
        "La carte sur {port} a disparu. La brancher et relancer.",
    ),
    "board.console_silent": (
        "The console of the board at {port} does not answer. Unplug it, plug it in, run this again.",
        "La console de la carte sur {port} ne répond pas. Débrancher, rebrancher, relancer.",
    ),
    "board.console_garbled": (
        "What comes from {port} makes no sense. Take another cable and run this again.",
        "Ce qui vient de {port} n'a pas de sens. Prendre un autre câble et relancer.",
    ),
    "board.arch_of_other_chip": (
        "MicroPython on this {chip} runs code for {arch}: it is not an image for this board.",
        "MicroPython sur ce {chip} exécute du code {arch} : ce n'est pas une image pour cette carte.",
    ),
    "board.frozen_other_role": (
        "The image has the program of {there} frozen in, not {role}: take one with it, or a stock image.",
        "L'image contient le programme de {there}, pas {role} : en prendre une avec, ou l'officielle.",
    ),
    "board.frozen_other_board": (
        "The program frozen into the image has no map of {board}: build it anew, or take a stock image.",
        "Le programme de l'image n'a pas de plan pour {board} : la refaire, ou prendre l'officielle.",
    ),
    "board.frozen_other_version": (
        "The image has another version frozen in ({there}, not {ours}): build it anew, or a stock image.",
        "L'image contient une autre version ({there}, pas {ours}) : la refaire, ou l'officielle.",
    ),
    "board.frozen_differs": (
        "After a reset the board tells another program in its image than before. Run this again.",
        "Après un redémarrage la carte annonce un autre programme dans son image. Relancer.",
    ),
    "board.file_differs": (
        "What the board holds differs from what was written: {name}. Run this again.",
        "Le contenu de la carte diffère de ce qui fut écrit : {name}. Relancer.",
    ),
    "board.board_full": (
        "The board has no room left. Is the image for its size of flash?",
        "La carte n'a plus de place. L'image convient-elle à la taille de sa mémoire ?",
    ),
    "board.board_refused": ("The board refused: {why}", "La carte a refusé : {why}"),
    "board.secret_differs": (
        "The key that the board holds is not the one given. Run this again.",
        "La clé de la carte n'est pas celle donnée. Relancer.",
    ),
    "board.settings_not_stored": (
        "The board does not keep its settings: its flash is worn or full. Take another board.",
        "La carte ne garde pas ses réglages : mémoire usée ou pleine. Prendre une autre carte.",
    ),
    "board.settings_refused": (
        "The firmware refuses these settings: {names}. Put the plan right.",
        "Le logiciel refuse ces réglages : {names}. Corriger le plan.",
    ),
    "board.settings_differ": (
        "The settings that the board holds are not the plan's. Run this again.",
        "Les réglages de la carte ne sont pas ceux du plan. Relancer.",
    ),
    "board.contact_closed": (
        "The contact is closed though nobody presses: look for a short in its wires.",
        "Le contact est fermé sans appui : chercher un court-circuit dans ses fils.",
    ),
    "board.not_pressed": (
        "Nobody pressed within {seconds} s, or the contact is not connected. Run this again.",
        "Aucun appui en {seconds} s, ou le contact n'est pas relié. Relancer.",
    ),
    "board.program_ended": (
        "The program does not stay: {why}",
        "Le programme ne tient pas : {why}",
    ),
    "board.none_for_chip": (
        "No device of the plan that is still to be made has a board with an {chip}.",
        "Aucun appareil du plan restant à faire n'a de carte avec un {chip}.",
    ),
    "board.none_left": (
        "All devices of the plan have a record: nothing is left to do.",
        "Tous les appareils du plan ont un procès-verbal : il ne reste rien à faire.",
    ),
    "board.again_all": (
        "Say with --device which device is to be made again.",
        "Dire avec --device quel appareil est à refaire.",
    ),
    "board.device_unknown": (
        "The plan {plan} has no device {device}.",
        "Le plan {plan} n'a pas d'appareil {device}.",
    ),
    "board.no_ports": (
        "No board is plugged in. Plug one in, or name its port with --port.",
        "Aucune carte n'est branchée. En brancher une, ou nommer son port avec --port.",
    ),
    "board.several_ports": (
        "Several boards are plugged in: {ports}. Name one with --port, or take all with --batch.",
        "Plusieurs cartes sont branchées : {ports}. En nommer une avec --port, ou toutes : --batch.",
    ),
    "board.board_done": ("{device}: done, record {path}", "{device} : fait, procès-verbal {path}"),
    "board.board_failed": ("{port}, {step}: {why}", "{port}, {step} : {why}"),
    "board.would_do": ("Would do, in this order:", "Ferait, dans cet ordre :"),
}
