"""From bytes to an authentic, judged message: keys, counters, hints, clocks of devices."""
