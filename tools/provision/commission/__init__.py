"""Commission on site: a walk test by room, every device pressed, the escalation tested, a signed record.

What a gateway heard is read from its journal by its own command line; what was felt only a person can say.

    evidence     the journal's lines -> presses heard, an escalation; pure
    findings     what a room and a device are worth, what is missing; pure
    progress     what was done so far, in a file: a visit may take days
    gateway      runs the gateway's command line, here or by ssh
    record       what is signed; record_pdf the same on paper, with the picture
"""
