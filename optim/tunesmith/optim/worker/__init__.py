"""The process the daemon starts: its streams, its link, one ordered run from start to end. Run with `-m`; its door
gives nothing."""
