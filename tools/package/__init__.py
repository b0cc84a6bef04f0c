"""Builds the Debian package of the gateway, for each suite and architecture, out of wheels.

lock        requirements.lock -> what this suite and architecture need, hashes and all
wheels      pip downloads just that, once; unpacked without what is not needed at run time
python      the suite's own interpreter, from Debian: it compiles, so that nothing is written later
tree        the files of the package, each where Debian has such files
papers      copyright with every licence, and the bill of materials
build       all of it, into one .deb that is the same byte for byte wherever it is built
"""
