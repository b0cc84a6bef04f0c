"""Fuzz targets for whatever takes bytes from outside, and two engines that drive them.

One invariant: no bytes make `receive` raise anything but ProtocolError (an enrolment: anything but
EnrolmentError), nor change any state unless the tag verified.
"""
