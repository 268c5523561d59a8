"""Open Sound Control: a client of the protocol that turns a daemon for whatever speaks OSC over UDP."""
