"""What a person asks of the gateway on the command line: one module a family of commands."""
