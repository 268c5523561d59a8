"""masterctl: the hand on the daemon. One file per group of commands, each loaded when it is called."""
