"""Was it worth it? Base, few-shot, tuned and teacher on the same held-out inputs."""
