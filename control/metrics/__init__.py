"""The Prometheus endpoint: a client of the protocol that watches one daemon and tells monitoring how it is."""
