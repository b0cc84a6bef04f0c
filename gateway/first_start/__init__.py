"""The first start: what is there is found, a few things are asked, and the gateway is made to run.

hardware    radio heads and adapters of this machine
dialogue    the questions, asked until each answer can be used
answers     from answers, asked or from a file, to gateway.toml and the secrets beside it. Pure
placing     all of it into its place, or nothing; each file to the user whose it is
"""
