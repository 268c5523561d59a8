"""The hosts of the engine: who calls it, block by block. JACK, PortAudio, and one that is paced by the clock."""
