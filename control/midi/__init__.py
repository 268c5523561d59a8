"""MIDI: knobs, faders, buttons and their lights, as a client of the protocol. Needs python-rtmidi (the extra `midi`)."""
