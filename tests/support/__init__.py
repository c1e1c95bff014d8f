"""What tests share: scripted models, made-up workspaces and runs, processes that are killed, clients."""
