"""The sentences of `gateway.words`, a topic a module: each in English and in French."""
