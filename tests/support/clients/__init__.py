"""Who asks a daemon: a session in this process, an editor over stdio."""
